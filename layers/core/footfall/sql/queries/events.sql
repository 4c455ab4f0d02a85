-- What the selected events of a period add up to, by bucket and value.
-- Reads: events, links. Returns: bucket (its start in ms; 0 for none), value, pageviews, events, visitors, and nulls
-- for what only sessions tell (sessions, bounces, duration_ms).
SELECT
  $bucket AS bucket,
  $value AS value,
  countIf(type = 'pageview') AS pageviews,
  count() AS events,
  uniqExact(person) AS visitors,
  NULL AS sessions,
  NULL AS bounces,
  NULL AS duration_ms
FROM (
  SELECT toUnixTimestamp64Milli(ts) AS t, type, $person AS person $columns
  FROM events FINAL
  $links
  WHERE site_id = {site:String}
    AND day BETWEEN toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(fromUnixTimestamp64Milli({end:Int64} - 1, 'UTC'))
    AND type IN ('pageview', 'screen', 'track')
    AND $bots
)
WHERE t >= {start:Int64} AND t < {end:Int64} AND $filter
GROUP BY bucket, value
