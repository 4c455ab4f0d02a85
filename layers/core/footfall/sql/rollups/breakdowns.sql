-- What each day adds up to by value. A session counts for every value that it holds.
-- Reads: sessions (of this build). Returns: nothing; writes `breakdowns`.
INSERT INTO breakdowns (
  site_id, dimension, value, day, build_id, identities, pageviews, events, sessions, bounces, duration_ms
)
SELECT
  {site:String}, $dimension, CAST(value, 'String'), day, {build:UInt64},
  sum(identities), sum(pageviews), sum(events), sum(sessions), sum(bounces), sum(duration_ms)
FROM (
  SELECT
    day, $keys, uniqExact(identity) AS identities, sum(part.pageviews) AS pageviews, sum(part.events) AS events,
    0 AS sessions, 0 AS bounces, 0 AS duration_ms
  FROM (
    SELECT day, identity, $counts, $each
    FROM sessions
    $hits
    WHERE site_id = {site:String} AND day IN {wanted:Array(Date)} AND build_id = {build:UInt64} AND is_active
  ) AS part
  GROUP BY day, $keys
  UNION ALL
  SELECT day, $keys, 0, 0, 0, count(), countIf(is_bounce), sum(toUInt64(whole.duration_ms))
  FROM (
    SELECT day, is_bounce, duration_ms, $values
    FROM sessions
    WHERE site_id = {site:String} AND day IN {wanted:Array(Date)} AND build_id = {build:UInt64} AND is_started AND is_whole
    UNION ALL
    -- A session of several parts counts once for a value that several of them hold.
    SELECT day, any(part.is_bounce), any(part.duration_ms), $keys
    FROM (
      SELECT
        day, if(actor_hash = 0, identity, actor_hash) AS actor, started_at, is_bounce, duration_ms, $values
      FROM sessions
      WHERE site_id = {site:String} AND day IN {wanted:Array(Date)} AND build_id = {build:UInt64}
        AND is_started AND NOT is_whole
    ) AS part
    GROUP BY day, $keys, actor, started_at
  ) AS whole
  GROUP BY day, $keys
)
GROUP BY day, $keys
