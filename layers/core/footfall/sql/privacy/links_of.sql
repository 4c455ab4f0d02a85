-- The links of the given anonymousIds, and those that name the given users.
-- Reads: links. Returns: actor, receipt, event_id, user_id; in the order of receipt.
SELECT DISTINCT actor, entry.1 AS receipt, entry.2 AS event_id, entry.3 AS user_id
FROM links
WHERE site_id = {site:String} AND (actor IN {actors:Array(String)} OR entry.3 IN {users:Array(String)})
ORDER BY receipt, event_id, actor
