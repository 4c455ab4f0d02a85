-- How the days of the touched visitors add to `uniques`: their days as they are, less their days as they were. A day
-- that is built anew gets all its rows again; of other days only the correction is written.
-- Reads: $members (sessions, people), uniques (published). Returns: nothing; writes `uniques`.
INSERT INTO uniques (site_id, dimension, value, day, build_id, previous_day, visitors)
SELECT {site:String}, dimension, value, day, {build:UInt64}, previous_day, sum(visitors) AS total
FROM (
  SELECT $dimension AS dimension, CAST(value, 'String') AS value, step.1 AS day, step.2 AS previous_day, sum(sign) AS visitors
  FROM (
    SELECT $keys, arrayJoin(arrayZip(days, arrayConcat([toDate(0)], arrayPopBack(days)))) AS step
    FROM (
      SELECT $keys, visitor, arraySort(groupUniqArray(day)) AS days
      FROM ($members)
      WHERE $bounded AND $chunked
      GROUP BY $keys, visitor
    )
  )
  GROUP BY $keys, step
  UNION ALL
  SELECT CAST(dimension, 'String') AS dimension, value, day, previous_day, visitors
  FROM uniques
  WHERE site_id = {site:String}
    AND dimension IN {dimensions:Array(String)}
    AND (day, build_id) IN {replaced:Array(Tuple(Date, UInt64))}
    AND $chunked
)
GROUP BY dimension, value, day, previous_day
HAVING total != 0
