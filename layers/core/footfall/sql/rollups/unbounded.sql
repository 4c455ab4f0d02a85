-- Dimensions that have too many values on a day to keep their visitors by previous day.
-- Reads: breakdowns (of this build). Returns: site_id, day, dimensions.
SELECT site_id, day, groupArray(dimension) AS dimensions
FROM (
  SELECT site_id, day, dimension
  FROM breakdowns
  WHERE $sites AND day IN {wanted:Array(Date)} AND build_id IN {builds:Array(UInt64)}
  GROUP BY site_id, day, dimension
  HAVING count() > {most:UInt64}
)
GROUP BY site_id, day
