-- The keys of events' properties, most events first, with their 5 most frequent values (cut at 200 characters).
-- Reads: events. Returns: event, key, events, examples; at most 1,000 keys. Empty values are missing ones.
SELECT
  event,
  key,
  any(in_all) AS events,
  arrayMap(example -> example.2, arraySort(groupArray((-toInt64(times), substringUTF8(text, 1, 200))))) AS examples
FROM (
  SELECT event, key, text, times, sum(times) OVER (PARTITION BY event, key) AS in_all
  FROM (
    SELECT name AS event, property.1 AS key, property.2 AS text, count() AS times
    FROM events FINAL
    ARRAY JOIN JSONExtractKeysAndValues(properties, 'String') AS property
    WHERE site_id = {site:String}
      AND day BETWEEN toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(fromUnixTimestamp64Milli({end:Int64} - 1, 'UTC'))
      AND ts >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND ts < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
      AND type IN ('pageview', 'screen', 'track')
      AND (empty({names:Array(String)}) OR has({names:Array(String)}, name))
      AND $bots
      AND $filter
      AND text != ''
    GROUP BY event, key, text
  )
  ORDER BY times DESC, text
  LIMIT 5 BY event, key
)
GROUP BY event, key
ORDER BY events DESC, event, key
LIMIT 1000
