-- The visitors of whole days by bucket and value: on each day those who were not there since the bucket's first day.
-- Reads: uniques of the (day, build) pairs. Returns: bucket, value, visitors, zeros for the rest.
SELECT
  $bucket AS bucket,
  value,
  toUInt64(0) AS pageviews,
  toUInt64(0) AS events,
  toUInt64(sum(correction.visitors)) AS visitors,
  toUInt64(0) AS sessions,
  toUInt64(0) AS bounces,
  toUInt64(0) AS duration_ms
FROM uniques AS correction
WHERE site_id = {site:String}
  AND dimension = $dimension
  AND day BETWEEN $from_day AND $to_day
  AND previous_day < $first_day
  AND (day, build_id) IN $built
  AND $only
GROUP BY bucket, value
