-- On which days a build wrote rows of `uniques`. Reads: uniques. Returns: site_id, day.
SELECT DISTINCT site_id, day
FROM uniques
WHERE $sites AND build_id IN {builds:Array(UInt64)}
