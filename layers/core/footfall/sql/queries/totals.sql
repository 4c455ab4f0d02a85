-- What days add up to by bucket, from quarters of an hour. Reads: totals of the (day, build) pairs.
-- Returns: bucket, value (""), pageviews, events, visitors (0), sessions, bounces, duration_ms.
SELECT
  $bucket AS bucket,
  '' AS value,
  sum(pageviews) AS pageviews,
  sum(events) AS events,
  toUInt64(0) AS visitors,
  sum(sessions) AS sessions,
  sum(bounces) AS bounces,
  sum(duration_ms) AS duration_ms
FROM totals AS quarterly
WHERE site_id = {site:String} AND (day, build_id) IN $built
GROUP BY bucket
