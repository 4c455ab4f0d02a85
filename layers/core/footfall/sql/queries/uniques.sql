-- The visitors of whole days by question, bucket and value: on each day those who were not there since the bucket's
-- first day. Reads: uniques of the builds that count.
-- Returns: number (which of the questions asked together), bucket, value, visitors, zeros for the rest.
SELECT
  $number AS number,
  $bucket AS bucket,
  value,
  toUInt64(0) AS pageviews,
  toUInt64(0) AS events,
  toUInt64(sum(arraySum((came, count) -> if(came < $since, count, 0), previous_days, counts))) AS visitors,
  toUInt64(0) AS sessions,
  toUInt64(0) AS bounces,
  toUInt64(0) AS duration_ms
FROM uniques AS correction
$each
WHERE site_id = {site:String} AND $lists AND $built AND $in_time
GROUP BY number, bucket, value
