-- What each day adds up to by value. A session counts for every value that it holds.
-- Reads: sessions (of this build). Returns: nothing; writes `breakdowns`.
INSERT INTO breakdowns (
  site_id, dimension, value, day, build_id, identities, pageviews, events, sessions, bounces, duration_ms
)
SELECT
  $site, $dimension, CAST(value, 'String'), day, $build,
  sum(identities), sum(pageviews), sum(events), sum(sessions), sum(bounces), sum(duration_ms)
FROM (
  SELECT
    $of day, $keys, uniqExact(identity) AS identities, sum(part.pageviews) AS pageviews, sum(part.events) AS events,
    0 AS sessions, 0 AS bounces, 0 AS duration_ms
  FROM (
    SELECT $of day, identity, $counts, $each
    FROM sessions
    $hits
    WHERE $sites AND $wanted AND build_id IN {builds:Array(UInt64)} AND is_active
  ) AS part
  GROUP BY $of day, $keys
  UNION ALL
  SELECT $of day, $keys, 0, 0, 0, count(), countIf(is_bounce), sum(toUInt64(whole.duration_ms))
  FROM (
    SELECT $of day, is_bounce, duration_ms, $values
    FROM sessions
    WHERE $sites AND $wanted AND build_id IN {builds:Array(UInt64)} AND is_started AND is_whole
    UNION ALL
    -- A session of several parts counts once for a value that several of them hold.
    SELECT $of day, any(part.is_bounce), any(part.duration_ms), $keys
    FROM (
      SELECT
        $of day, if(actor_hash = 0, identity, actor_hash) AS actor, started_at, is_bounce, duration_ms, $values
      FROM sessions
      WHERE $sites AND $wanted AND build_id IN {builds:Array(UInt64)}
        AND is_started AND NOT is_whole
    ) AS part
    GROUP BY $of day, $keys, actor, started_at
  ) AS whole
  GROUP BY $of day, $keys
)
GROUP BY $of day, $keys
