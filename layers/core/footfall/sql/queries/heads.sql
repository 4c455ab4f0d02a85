-- Values that bound the visitors of lists from above, the greatest bounds first: a value's are the identities of the days
-- that it leads, and of each other day what the others have at most. Reads: heads of the builds that count.
-- Returns: dimension, is_rest, value, bound, days. One row a dimension is_rest: its bound holds for values that lead no
-- day and is to be added to that of all others; its days are those that have a head.
SELECT
  dimension,
  place = 1 AS is_rest,
  value,
  sum(toInt64(held)) - if(is_rest, 0, sum(toInt64(rest))) AS bound,
  count() AS days
FROM (
  SELECT dimension, rest, names, identities
  FROM heads
  WHERE site_id = {site:String} AND $lists AND $built
  LIMIT 1 BY dimension, day
)
ARRAY JOIN
  arrayPushFront(names, '') AS value,
  arrayPushFront(identities, rest) AS held,
  arrayMap(n -> least(n, 2), arrayEnumerate(arrayPushFront(names, ''))) AS place
GROUP BY dimension, is_rest, value
ORDER BY is_rest DESC, bound DESC, value
LIMIT $limit BY dimension
