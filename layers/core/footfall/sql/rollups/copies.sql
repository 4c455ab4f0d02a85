-- Event ids that arrived since a time and lie under several keys: the second net for copies, over all days of a site.
-- Reads: changes, events (every delivery). Returns: site_id, event_id, keys ((day, actor_hash), the one that stands first).
SELECT site_id, event_id, arraySort(groupUniqArray((day, actor_hash))) AS keys
FROM events
WHERE is_deleted = 0
  AND (site_id, event_id) IN (
    SELECT site_id, arrayJoin(event_ids) FROM changes WHERE noted_at >= {since:DateTime64(3, 'UTC')}
  )
  AND (site_id, day, actor_hash, event_id) NOT IN (
    SELECT site_id, day, actor_hash, event_id FROM events
    WHERE is_deleted = 1
      AND (site_id, event_id) IN (
        SELECT site_id, arrayJoin(event_ids) FROM changes WHERE noted_at >= {since:DateTime64(3, 'UTC')}
      )
  )
GROUP BY site_id, event_id
HAVING length(keys) > 1
