-- Of the given event ids those that have been stored more than once: all their rows, the one that stands first.
-- The lowest (day, actor_hash) stands and can never be removed, so neither the order of arrival nor a stale view nor
-- overlapping runs matter; of one key the greatest version stands.
-- Reads: events (every delivery, not FINAL) of the days given.
-- Returns: event_id, rows ((day, actor_hash, what is left from 2^64 - 1 to its version), in order).
SELECT event_id, arraySort(groupUniqArray((day, actor_hash, 18446744073709551615 - version))) AS rows
FROM events
WHERE site_id = {site:String}
  AND day BETWEEN {from_day:Date} AND {to_day:Date}
  AND is_deleted = 0
  AND event_id IN {event_ids:Array(UUID)}
GROUP BY event_id
HAVING length(rows) > 1
