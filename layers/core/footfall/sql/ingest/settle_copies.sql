-- Writes tombstones for copies of the given event ids that lie under another key than the one that stands.
-- Reads: events (every delivery, not FINAL) of the days given. Returns: nothing.
-- The lowest (day, actor_hash) of an id stands and can never be removed, so the order of arrival, a stale view and
-- overlapping runs do not matter.
INSERT INTO events (site_id, day, actor_hash, event_id, version, is_deleted)
SELECT site_id, loser.1, loser.2, event_id, 18446744073709551615, 1
FROM (
  SELECT site_id, event_id, arraySlice(arraySort(groupUniqArray((day, actor_hash))), 2) AS losers
  FROM events
  WHERE site_id = {site:String}
    AND day BETWEEN {from_day:Date} AND {to_day:Date}
    AND is_deleted = 0
    AND event_id IN {event_ids:Array(UUID)}
  GROUP BY site_id, event_id
  HAVING notEmpty(losers)
)
ARRAY JOIN losers AS loser
