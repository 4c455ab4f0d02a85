-- Forgets whom anonymousIds belong to: all entries of the given deliveries, and of those received until a moment the
-- entries of the given actors and those that name the given users, but for one actor that is spared.
-- Reads and changes: links. Returns: nothing.
DELETE FROM links
WHERE site_id = {site:String} AND actor != {spared:String}
  AND (entry.2 IN {event_ids:Array(String)}
    OR entry.1 <= {newest_receipt:UInt64} AND (actor IN {actors:Array(String)} OR entry.3 IN {users:Array(String)}))
