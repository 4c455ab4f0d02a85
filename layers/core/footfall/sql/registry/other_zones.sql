-- How many days of a site were built of another zone; builds from before zones were noted do not tell.
-- Reads: builds. Returns: days.
SELECT uniqExact(day) AS days
FROM builds
WHERE site_id = {site:String} AND zone NOT IN ('', {zone:String}) AND kind = 'base'
