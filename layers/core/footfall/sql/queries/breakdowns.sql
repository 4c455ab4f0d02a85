-- What days add up to by list and value. Reads: breakdowns of the builds that count.
-- Returns: number (which of the lists asked together), bucket (0), value, pageviews, events, visitors (0), sessions,
-- bounces, duration_ms.
SELECT
  $number AS number,
  toInt64(0) AS bucket,
  value,
  sum(daily.pageviews) AS pageviews,
  sum(daily.events) AS events,
  toUInt64(0) AS visitors,
  sum(daily.sessions) AS sessions,
  sum(daily.bounces) AS bounces,
  sum(daily.duration_ms) AS duration_ms
FROM breakdowns AS daily
WHERE site_id = {site:String} AND $lists AND $built
GROUP BY number, value
