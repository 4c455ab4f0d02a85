-- How many visitors there are among members, by bucket and value. Reads: $members (sessions, events, links).
-- Returns: number (0), bucket, value, visitors, zeros for the rest.
SELECT
  toUInt8(0) AS number,
  bucket,
  value,
  toUInt64(0) AS pageviews,
  toUInt64(0) AS events,
  uniqExact(person) AS visitors,
  toUInt64(0) AS sessions,
  toUInt64(0) AS bounces,
  toUInt64(0) AS duration_ms
FROM ($members)
GROUP BY bucket, value
