-- The event ids whose event is one of the given person's, with everything that is stored under them, a page at a time.
-- Of an id the lowest (day, actor_hash) stands, of one key the greatest version; hidden rows are looked at, too, so
-- that an erasure that was cut off finds what it left.
-- Reads: events (every delivery, not FINAL). Returns: event_id, keys ((day, actor_hash)), standing (actor, user_id).
SELECT
  event_id,
  groupUniqArray((day, actor_hash)) AS keys,
  argMin((actor, user_id), (day, actor_hash, 18446744073709551615 - version)) AS standing
FROM events
WHERE site_id = {site:String}
  AND is_deleted = 0
  AND ({is_first:Bool} OR event_id > {after:UUID})
  AND event_id IN (
    SELECT event_id
    FROM events
    WHERE site_id = {site:String}
      AND is_deleted = 0
      AND version >= {oldest_version:UInt64}
      AND ({is_first:Bool} OR event_id > {after:UUID})
      AND (
        user_id IN {users:Array(String)}
        OR user_id = '' AND actor_hash IN {actor_hashes:Array(UInt64)} AND actor IN {actors:Array(String)}
      )
    ORDER BY event_id
    LIMIT 1 BY event_id
    LIMIT {limit:UInt32}
  )
GROUP BY event_id
ORDER BY event_id
