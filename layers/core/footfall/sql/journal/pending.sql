-- The days of sites that changed since they were rolled up, with the changes that they have not seen.
-- Reads: changes, builds, marks. Returns: site_id, window, change_ids.
SELECT site_id, window, groupUniqArray(change_id) AS change_ids
FROM (
  SELECT site_id, change_id, arrayJoin(windows) AS window
  FROM changes
  WHERE site_id IN {sites:Array(String)}
    AND noted_at >= (SELECT max(at) FROM marks WHERE name = 'rolled_up')
)
WHERE (site_id, window, change_id) NOT IN (
  SELECT site_id, day, arrayJoin(seen)
  FROM builds
  WHERE site_id IN {sites:Array(String)}
    AND built_at >= (SELECT max(at) FROM marks WHERE name = 'rolled_up') - INTERVAL 1 HOUR
)
GROUP BY site_id, window
