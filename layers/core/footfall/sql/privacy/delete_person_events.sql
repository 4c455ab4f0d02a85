-- Takes a person's deliveries received until a moment out of the store. Changes: events. Returns: nothing.
-- Only parts that hold an actor under whom something of theirs was found are rewritten, so those are named.
-- No subquery: replicas do this each for itself, and have to do the same.
DELETE FROM events
WHERE site_id = {site:String}
  AND is_deleted = 0
  AND version >= {oldest_version:UInt64}
  AND actor_hash IN {found_hashes:Array(UInt64)}
  AND (user_id IN {users:Array(String)} OR user_id = '' AND actor IN {actors:Array(String)})
