-- The second net for copies of an event id: every id that arrived since the last run, over all days of its site.
-- Reads: arrivals since the mark, events (every delivery). Returns: nothing; writes tombstones as settle_copies does.
INSERT INTO events (site_id, day, actor_hash, event_id, version, is_deleted)
SELECT site_id, loser.1, loser.2, event_id, 18446744073709551615, 1
FROM (
  SELECT site_id, event_id, arraySlice(arraySort(groupUniqArray((day, actor_hash))), 2) AS losers
  FROM events
  WHERE is_deleted = 0
    AND (site_id, event_id) IN (
      SELECT site_id, event_id FROM arrivals WHERE inserted_at >= {since:DateTime64(3, 'UTC')}
    )
    AND (site_id, day, actor_hash, event_id) NOT IN (
      SELECT site_id, day, actor_hash, event_id FROM events
      WHERE is_deleted = 1
        AND (site_id, event_id) IN (
          SELECT site_id, event_id FROM arrivals WHERE inserted_at >= {since:DateTime64(3, 'UTC')}
        )
    )
  GROUP BY site_id, event_id
  HAVING notEmpty(losers)
)
ARRAY JOIN losers AS loser
