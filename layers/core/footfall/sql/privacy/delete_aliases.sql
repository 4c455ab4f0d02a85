-- Forgets aliases: all of the given deliveries, and of those received until a moment the ones that name the given ids.
-- Reads and changes: aliases. Returns: nothing.
DELETE FROM aliases
WHERE site_id = {site:String}
  AND (event_id IN {event_ids:Array(String)}
    OR receipt <= {newest_receipt:UInt64} AND (previous_id IN {previous_ids:Array(String)} OR user_id IN {users:Array(String)}))
