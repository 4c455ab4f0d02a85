-- The actors with links of long ago and no event left, nor an event of the user they belong to.
-- Reads: links, events (every delivery, not FINAL). Returns: actor_hash.
SELECT actor_hash
FROM links
WHERE site_id = {site:String}
  AND actor_hash NOT IN (SELECT actor_hash FROM events WHERE site_id = {site:String})
GROUP BY actor_hash
HAVING max(entry.1) < {before_receipt:UInt64}
LIMIT {limit:UInt32}
