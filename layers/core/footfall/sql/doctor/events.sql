-- What some days add up to by quarter of an hour, counted from the events as rollups count them. Reads: events.
-- Returns: day (of the site's zone), quarter (of an hour since 1970), pageviews, events.
SELECT
  transform(roundDown(t, {midnights:Array(Int64)}), {midnights:Array(Int64)}, {days:Array(Date)}, toDate(0)) AS day,
  intDiv(t, 900000) AS quarter,
  countIf(type = 'pageview') AS pageviews,
  count() AS events
FROM (
  SELECT toUnixTimestamp64Milli(ts) AS t, type
  FROM events FINAL
  WHERE site_id = {site:String}
    AND day BETWEEN toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(fromUnixTimestamp64Milli({end:Int64} - 1, 'UTC'))
    AND type IN ('pageview', 'screen', 'track')
    AND NOT is_bot
)
WHERE t >= {start:Int64} AND t < {end:Int64}
GROUP BY day, quarter
