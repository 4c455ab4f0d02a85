-- How many builds later ones replaced. Reads: builds. Returns: builds.
SELECT count() AS builds
FROM builds
WHERE site_id IN {sites:Array(String)}
  AND built_at < {before:DateTime64(3, 'UTC')}
  AND day != '1970-01-01'
  AND (day, build_id) NOT IN {current:Array(Tuple(Date, UInt64))}
