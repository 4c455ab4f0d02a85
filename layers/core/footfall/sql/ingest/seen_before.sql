-- Which actors have other events than the given. Reads: events. Returns: actor.
SELECT DISTINCT actor
FROM events FINAL
WHERE site_id = {site:String}
  AND actor_hash IN (SELECT sipHash64(arrayJoin({actors:Array(String)})))
  AND event_id NOT IN {event_ids:Array(UUID)}
