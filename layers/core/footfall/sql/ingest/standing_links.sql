-- The links that actors have. Reads: links. Returns: actor, entry (receipt, event id, user id).
SELECT actor, min(entry) AS entry
FROM links
WHERE site_id = {site:String}
  AND actor_hash IN (SELECT sipHash64(arrayJoin({actors:Array(String)})))
  AND actor IN {actors:Array(String)}
GROUP BY actor
