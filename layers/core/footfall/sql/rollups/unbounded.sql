-- Dimensions that have too many values on a day to keep their visitors by previous day.
-- Reads: breakdowns (of this build). Returns: day, dimensions.
SELECT day, groupArray(dimension) AS dimensions
FROM (
  SELECT day, dimension
  FROM breakdowns
  WHERE site_id = {site:String} AND day IN {wanted:Array(Date)} AND build_id = {build:UInt64}
  GROUP BY day, dimension
  HAVING count() > {most:UInt64}
)
GROUP BY day
