-- What the live counters should have counted of some UTC days: activity that came within 30 minutes, no imports.
-- A receipt is a time in ms times {positions}. Reads: events. Returns: day (UTC), pageviews, events.
SELECT day, countIf(type = 'pageview') AS pageviews, count() AS events
FROM events FINAL
WHERE site_id = {site:String}
  AND day IN {days:Array(Date)}
  AND type IN ('pageview', 'screen', 'track')
  AND NOT is_imported
  AND toInt64(intDiv(receipt, {positions:UInt64})) - toUnixTimestamp64Milli(ts) < {live_ms:Int64}
GROUP BY day
