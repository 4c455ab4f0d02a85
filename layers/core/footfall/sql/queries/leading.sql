-- The values with the most identities on any days, which bound their visitors from above, and how many there are.
-- Reads: breakdowns of the builds that count. Returns: dimension, value, bound, values; the greatest bounds first.
SELECT dimension, value, sum(identities) AS bound, count() OVER (PARTITION BY dimension) AS values
FROM breakdowns
WHERE site_id = {site:String} AND $lists AND $built
GROUP BY dimension, value
HAVING $counted > 0
ORDER BY bound DESC, value
LIMIT $limit BY dimension
SETTINGS optimize_aggregation_in_order = 1
