-- What the selected parts of whole days, and the sessions that hold one, add up to, by bucket and value.
-- Reads: $rows (sessions). Returns: number (0), bucket, value, pageviews, events, visitors (0), sessions, bounces,
-- duration_ms.
SELECT
  toUInt8(0) AS number,
  bucket,
  value,
  sum(whole.pageviews) AS pageviews,
  sum(whole.events) AS events,
  toUInt64(0) AS visitors,
  countIf(is_started) AS sessions,
  countIf(is_started AND is_bounce) AS bounces,
  sumIf(toUInt64(whole.duration_ms), is_started) AS duration_ms
FROM (
  SELECT
    bucket, $value AS value, actor, started_at,
    sumIf(part.pageviews, part.is_active) AS pageviews, sumIf(part.events, part.is_active) AS events,
    max(part.is_started) AS is_started, any(part.is_bounce) AS is_bounce, any(part.duration_ms) AS duration_ms
  FROM ($rows) AS part
  WHERE $filter
  GROUP BY bucket, value, actor, started_at
) AS whole
GROUP BY bucket, value
