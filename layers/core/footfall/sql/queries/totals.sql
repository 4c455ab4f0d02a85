-- What days add up to by question and bucket, from quarters of an hour. Reads: totals of the builds that count.
-- Returns: number (which of the questions asked together), bucket, value (""), pageviews, events, visitors (0),
-- sessions, bounces, duration_ms.
SELECT
  $number AS number,
  $bucket AS bucket,
  '' AS value,
  sum(pageviews) AS pageviews,
  sum(events) AS events,
  toUInt64(0) AS visitors,
  sum(sessions) AS sessions,
  sum(bounces) AS bounces,
  sum(duration_ms) AS duration_ms
FROM totals AS quarterly
$each
WHERE site_id = {site:String} AND $built AND $in_time
GROUP BY number, bucket
