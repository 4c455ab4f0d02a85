-- How many days of each site changed since they were rolled up.
-- Reads: changes, builds, marks. Returns: site_id, windows, oldest (ms: when the first of their changes was noted).
SELECT site_id, uniqExact(window) AS windows, toUnixTimestamp64Milli(min(noted_at)) AS oldest
FROM (
  SELECT site_id, change_id, noted_at, arrayJoin(windows) AS window
  FROM changes
  WHERE noted_at >= (SELECT max(at) FROM marks WHERE name = 'rolled_up')
)
WHERE (site_id, window, change_id) NOT IN (
  SELECT site_id, day, arrayJoin(seen)
  FROM builds
  WHERE built_at >= (SELECT max(at) FROM marks WHERE name = 'rolled_up') - INTERVAL 1 HOUR
)
GROUP BY site_id
ORDER BY site_id
