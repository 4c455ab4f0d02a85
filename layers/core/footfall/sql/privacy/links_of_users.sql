-- Which anonymousIds belong to the given users. Reads: links. Returns: actor.
SELECT actor
FROM links
WHERE site_id = {site:String}
  AND actor IN (SELECT actor FROM links WHERE site_id = {site:String} AND entry.3 IN {ids:Array(String)})
GROUP BY actor
HAVING min(entry).3 IN {ids:Array(String)}
