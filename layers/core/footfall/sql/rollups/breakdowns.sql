-- What each day adds up to by value. A session counts for every value that it holds.
-- Reads: sessions (of this build). Returns: nothing; writes `breakdowns`.
INSERT INTO breakdowns (
  site_id, dimension, value, day, build_id, identities, pageviews, events, sessions, bounces, duration_ms
)
SELECT
  {site:String}, pair.1, pair.2, day, {build:UInt64},
  uniqExactArrayIf(identities, is_active), sum(pageviews), sum(events),
  countIf(is_started), countIf(is_started AND is_bounce), sumIf(toUInt64(duration_ms), is_started)
FROM (
  SELECT
    day, pair, actor, started_at,
    groupUniqArrayIf(identity, part.is_active) AS identities,
    sumIf(part.pageviews, part.is_active) AS pageviews, sumIf(part.events, part.is_active) AS events,
    max(part.is_active) AS is_active, max(part.is_started) AS is_started,
    any(part.is_bounce) AS is_bounce, any(part.duration_ms) AS duration_ms
  FROM (
    SELECT
      day, identity, if(actor_hash = 0, identity, actor_hash) AS actor, started_at, is_active, is_started, is_bounce,
      duration_ms, $counts, arrayJoin($pairs) AS pair
    FROM sessions
    $hits
    WHERE site_id = {site:String} AND day IN {wanted:Array(Date)} AND build_id = {build:UInt64}
  ) AS part
  GROUP BY day, pair, actor, started_at
)
GROUP BY pair, day
