-- How often each named event (track or screen) happened. Reads: events. Returns: name, events; most first.
SELECT name, count() AS events
FROM events FINAL
WHERE site_id = {site:String}
  AND day BETWEEN toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(fromUnixTimestamp64Milli({end:Int64} - 1, 'UTC'))
  AND ts >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND ts < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND type IN ('track', 'screen')
  AND $bots
GROUP BY name
ORDER BY events DESC, name
