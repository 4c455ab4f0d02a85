-- How many events of a person there are. Reads: events. Returns: events.
SELECT count() AS events
FROM events FINAL
WHERE site_id = {site:String}
  AND (
    user_id IN {users:Array(String)}
    OR user_id = '' AND actor_hash IN {actor_hashes:Array(UInt64)} AND actor IN {actors:Array(String)}
  )
