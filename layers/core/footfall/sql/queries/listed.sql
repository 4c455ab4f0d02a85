-- How many values lists have on any days. Reads: breakdowns of the builds that count. Returns: dimension, values.
SELECT dimension, count() AS values
FROM (
  SELECT dimension, value
  FROM breakdowns
  WHERE site_id = {site:String} AND $lists AND $built
  GROUP BY dimension, value
  HAVING $counted > 0
)
GROUP BY dimension
