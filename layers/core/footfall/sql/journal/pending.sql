-- The days of a site that changed since they were rolled up, with the changes that they have not seen.
-- Reads: changes, builds, marks. Returns: window, change_ids.
SELECT window, groupUniqArray(change_id) AS change_ids
FROM (
  SELECT change_id, arrayJoin(windows) AS window
  FROM changes
  WHERE site_id = {site:String}
    AND noted_at >= (SELECT max(at) FROM marks WHERE name = 'rolled_up')
)
WHERE (window, change_id) NOT IN (
  SELECT day, arrayJoin(seen)
  FROM builds
  WHERE site_id = {site:String}
    AND built_at >= (SELECT max(at) FROM marks WHERE name = 'rolled_up') - INTERVAL 1 HOUR
)
GROUP BY window
