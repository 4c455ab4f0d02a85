-- Whom the given anonymousIds belong to. Reads: links. Returns: actor, receipt, user_id of the link that stands.
SELECT actor, min(entry).1 AS receipt, min(entry).3 AS user_id
FROM links
WHERE site_id = {site:String} AND actor_hash IN (SELECT sipHash64(arrayJoin({ids:Array(String)}))) AND actor IN {ids:Array(String)}
GROUP BY actor
