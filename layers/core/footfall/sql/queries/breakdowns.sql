-- What days add up to by value. Reads: breakdowns of the (day, build) pairs.
-- Returns: bucket (0), value, pageviews, events, visitors (0), sessions, bounces, duration_ms.
SELECT
  toInt64(0) AS bucket,
  value,
  sum(daily.pageviews) AS pageviews,
  sum(daily.events) AS events,
  toUInt64(0) AS visitors,
  sum(daily.sessions) AS sessions,
  sum(daily.bounces) AS bounces,
  sum(daily.duration_ms) AS duration_ms
FROM breakdowns AS daily
WHERE site_id = {site:String}
  AND dimension = $dimension
  AND day BETWEEN $from_day AND $to_day
  AND (day, build_id) IN $built
  AND $only
GROUP BY value
