-- How many entries of who is who are left of erased deliveries and ids. Reads: links, aliases. Returns: entries.
SELECT sum(entries) AS entries
FROM (
  SELECT count() AS entries
  FROM links
  WHERE site_id = {site:String}
    AND (entry.2 IN {event_ids:Array(String)}
      OR entry.1 <= {newest_receipt:UInt64} AND (actor IN {actors:Array(String)} OR entry.3 IN {users:Array(String)}))
  UNION ALL
  SELECT count() AS entries
  FROM aliases
  WHERE site_id = {site:String}
    AND (event_id IN {event_ids:Array(String)}
      OR receipt <= {newest_receipt:UInt64} AND (previous_id IN {previous_ids:Array(String)} OR user_id IN {users:Array(String)}))
)
