-- The aliases that name any of the given ids.
-- Reads: aliases. Returns: previous_id, receipt, event_id, user_id; in the order of receipt.
SELECT DISTINCT previous_id, receipt, event_id, user_id
FROM aliases
WHERE site_id = {site:String} AND (previous_id IN {previous_ids:Array(String)} OR user_id IN {users:Array(String)})
ORDER BY receipt, event_id
