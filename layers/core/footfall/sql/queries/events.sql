-- What the selected events of a time add up to, by bucket and value.
-- Reads: $events. Returns: number (0), bucket (its start in ms; 0 for none), value, pageviews, events, visitors, and
-- zeros for what only sessions tell (sessions, bounces, duration_ms).
SELECT
  toUInt8(0) AS number,
  $bucket AS bucket,
  $value AS value,
  countIf(type = 'pageview') AS pageviews,
  count() AS events,
  $visitors AS visitors,
  toUInt64(0) AS sessions,
  toUInt64(0) AS bounces,
  toUInt64(0) AS duration_ms
FROM ($events)
WHERE $in_time AND $filter
GROUP BY bucket, value
