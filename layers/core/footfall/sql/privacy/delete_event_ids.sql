-- Takes everything stored under event ids out of the store: first (is_deleted 0) the rows, then their tombstones.
-- Reads and changes: events. Returns: nothing.
DELETE FROM events
WHERE site_id = {site:String}
  AND day BETWEEN {from_day:Date} AND {to_day:Date}
  AND actor_hash IN {found_hashes:Array(UInt64)}
  AND event_id IN {event_ids:Array(UUID)}
  AND is_deleted = {is_deleted:UInt8}
