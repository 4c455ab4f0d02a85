-- Several sources that each know a part of the answer. Reads: $sources. Returns: number, bucket, value and the sums.
SELECT
  number,
  bucket,
  value,
  sum(source.pageviews) AS pageviews,
  sum(source.events) AS events,
  sum(source.visitors) AS visitors,
  sum(source.sessions) AS sessions,
  sum(source.bounces) AS bounces,
  sum(source.duration_ms) AS duration_ms
FROM ($sources) AS source
GROUP BY number, bucket, value
