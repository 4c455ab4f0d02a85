-- The values with the most identities on any days, which bound their visitors from above, and how many values there are.
-- Reads: breakdowns of the (day, build) pairs. Returns: value, bound, values.
SELECT value, sum(identities) AS bound, count() OVER () AS values
FROM breakdowns
WHERE site_id = {site:String}
  AND dimension = $dimension
  AND day BETWEEN $from_day AND $to_day
  AND (day, build_id) IN $built
GROUP BY value
HAVING $counted > 0
ORDER BY bound DESC, value
LIMIT {limit:UInt64}
