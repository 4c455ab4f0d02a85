-- Which of the given actors have been seen. Reads: events (every delivery, not FINAL). Returns: actor.
SELECT DISTINCT actor
FROM events
WHERE site_id = {site:String} AND actor_hash IN (SELECT sipHash64(arrayJoin({ids:Array(String)}))) AND actor IN {ids:Array(String)}
