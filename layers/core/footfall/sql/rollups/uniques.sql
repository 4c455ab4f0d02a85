-- How the days of the touched visitors add to `uniques`: their days as they are, less their days as they were. A day
-- that is built anew gets all its rows again; of other days only the correction is written.
-- Reads: $members (sessions, people), uniques (published). Returns: nothing; writes `uniques`.
INSERT INTO uniques (site_id, dimension, value, day, build_id, previous_day, visitors)
SELECT {site:String}, dimension, value, day, {build:UInt64}, previous_day, sum(visitors) AS total
FROM (
  SELECT pair.1 AS dimension, pair.2 AS value, step.1 AS day, step.2 AS previous_day, sum(sign) AS visitors
  FROM (
    SELECT sign, pair, arrayJoin(arrayZip(days, arrayConcat([toDate(0)], arrayPopBack(days)))) AS step
    FROM (
      SELECT sign, pair, visitor, arraySort(groupUniqArray(day)) AS days
      FROM ($members)
      WHERE sipHash64(pair) % {chunks:UInt64} = {chunk:UInt64}
        AND NOT has(if(sign = 1, {unbounded_now:Array(Tuple(String, Date))}, {unbounded_before:Array(Tuple(String, Date))}), (pair.1, day))
      GROUP BY sign, pair, visitor
    )
  )
  GROUP BY pair, step
  UNION ALL
  SELECT dimension, value, day, previous_day, visitors
  FROM uniques
  WHERE site_id = {site:String}
    AND dimension IN {dimensions:Array(String)}
    AND (day, build_id) IN {replaced:Array(Tuple(Date, UInt64))}
    AND sipHash64((toString(dimension), value)) % {chunks:UInt64} = {chunk:UInt64}
)
GROUP BY dimension, value, day, previous_day
HAVING total != 0
