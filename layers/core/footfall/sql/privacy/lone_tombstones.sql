-- Tombstones of actors that nothing lies under any more: an erasure that was cut off left them.
-- Reads: events (every delivery, not FINAL). Returns: event_id, day, actor_hash.
SELECT event_id, day, actor_hash
FROM events
WHERE site_id = {site:String}
  AND is_deleted = 1
  AND actor_hash IN (SELECT sipHash64(arrayJoin({ids:Array(String)})))
  AND event_id NOT IN (
    SELECT event_id
    FROM events
    WHERE site_id = {site:String}
      AND is_deleted = 0
      AND actor_hash IN (SELECT sipHash64(arrayJoin({ids:Array(String)})))
  )
