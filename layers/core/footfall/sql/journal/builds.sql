-- The builds that count: of each day the greatest base and the deltas after it.
-- Reads: builds. Returns: site_id, day, base (0 for none), deltas, unbounded, built, zone_now ('': whatever the site's was).
SELECT
  site_id,
  day,
  maxIf(build_id, kind = 'base') AS base,
  arrayFilter(delta -> delta > base, groupArrayIf(build_id, kind = 'delta')) AS deltas,
  argMaxIf(unbounded, build_id, kind = 'base') AS unbounded,
  maxIf(built_at, kind = 'base') AS built,
  -- Of corrections none is said; of a day whose events have expired the zone that it is read in from now on.
  argMaxIf(zone, build_id, kind = 'base' OR zone != '') AS zone_now
FROM builds
WHERE site_id IN {sites:Array(String)} AND day BETWEEN {from_day:Date} AND {to_day:Date}
GROUP BY site_id, day
ORDER BY site_id, day
