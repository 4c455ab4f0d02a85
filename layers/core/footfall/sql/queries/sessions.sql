-- What the selected events and sessions of a time add up to, by bucket and value.
-- Reads: $sessioned (events, links). Returns: number (0), bucket (its start in ms; 0 for none), value, pageviews,
-- events, visitors, sessions, bounces, duration_ms. Events count by their own time, sessions by the time they start.
SELECT
  toUInt8(0) AS number,
  bucket,
  value,
  sumIf(part_pageviews, part = 0) AS pageviews,
  sumIf(part_events, part = 0) AS events,
  sumIf(part_visitors, part = 0) AS visitors,
  countIf(part = 1) AS sessions,
  countIf(part = 1 AND is_bounce) AS bounces,
  sumIf(toUInt64(session_ms), part = 1) AS duration_ms
FROM (
  SELECT
    part,
    multiIf(part = 0, $event_bucket, $session_bucket) AS bucket,
    $value AS value,
    if(part = 0, (toUInt64(0), toInt64(0)), (actor_hash, session_start)) AS session,
    countIf(type = 'pageview') AS part_pageviews,
    count() AS part_events,
    $visitors AS part_visitors,
    any(session_is_bounce) AS is_bounce,
    any(session_end - session_start) AS session_ms
  FROM ($sessioned)
  ARRAY JOIN [0, 1] AS part
  WHERE $filter AND if(part = 0, $event_in_time, $session_in_time)
  GROUP BY part, bucket, value, session
)
GROUP BY bucket, value
