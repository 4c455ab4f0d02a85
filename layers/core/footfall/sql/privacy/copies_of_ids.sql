-- What is stored under the given event ids. Reads: events (every delivery, not FINAL). Returns: event_id, keys.
SELECT event_id, groupUniqArray((day, actor_hash)) AS keys
FROM events
WHERE site_id = {site:String} AND is_deleted = 0 AND event_id IN {event_ids:Array(UUID)}
  AND day BETWEEN {from_day:Date} AND {to_day:Date}
GROUP BY event_id
