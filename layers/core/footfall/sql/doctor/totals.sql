-- What some days add up to by quarter of an hour, as it is rolled up. Reads: totals of the (day, build) pairs.
-- Returns: day, quarter (of an hour since 1970), pageviews, events.
SELECT
  day,
  intDiv(toUnixTimestamp(quarter), 900) AS quarter_hour,
  sum(pageviews) AS all_pageviews,
  sum(events) AS all_events
FROM totals
WHERE site_id = {site:String} AND (day, build_id) IN {published:Array(Tuple(Date, UInt64))}
GROUP BY day, quarter_hour
