-- On which days a build wrote rows of `uniques`. Reads: uniques. Returns: day.
SELECT DISTINCT day
FROM uniques
WHERE site_id = {site:String} AND build_id = {build:UInt64}
