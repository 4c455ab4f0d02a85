-- What the selected parts of whole days add up to, by bucket and value; sessions are not asked for.
-- Reads: $rows (sessions). Returns: number (0), bucket, value, pageviews, events, visitors (0), sessions, bounces,
-- duration_ms (0).
SELECT
  toUInt8(0) AS number,
  bucket,
  $value AS value,
  sum(part.pageviews) AS pageviews,
  sum(part.events) AS events,
  toUInt64(0) AS visitors,
  toUInt64(0) AS sessions,
  toUInt64(0) AS bounces,
  toUInt64(0) AS duration_ms
FROM ($rows) AS part
WHERE is_active AND $filter
GROUP BY bucket, value
