-- Takes a person's deliveries received until a moment out of the store. Changes: events. Returns: nothing.
-- No subquery: replicas do this each for itself, and have to do the same.
DELETE FROM events
WHERE site_id = {site:String}
  AND is_deleted = 0
  AND version >= {oldest_version:UInt64}
  AND (
    user_id IN {users:Array(String)}
    OR user_id = '' AND actor_hash IN {actor_hashes:Array(UInt64)} AND actor IN {actors:Array(String)}
  )
