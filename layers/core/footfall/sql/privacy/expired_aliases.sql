-- The aliases of long ago whose previous id nothing else names: no event, no link, no other alias.
-- Reads: aliases, links, events (every delivery, not FINAL). Returns: previous_id.
SELECT previous_id
FROM aliases
WHERE site_id = {site:String}
  AND previous_id NOT IN (SELECT user_id FROM events WHERE site_id = {site:String})
  AND previous_id NOT IN (SELECT entry.3 FROM links WHERE site_id = {site:String})
  AND previous_id NOT IN (SELECT user_id FROM aliases WHERE site_id = {site:String})
GROUP BY previous_id
HAVING max(receipt) < {before_receipt:UInt64}
LIMIT {limit:UInt32}
