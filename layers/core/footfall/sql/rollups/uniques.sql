-- How the days of the touched visitors add to `uniques`: their days as they are, less their days as they were. A day
-- that is built anew gets all its rows again; of other days only the correction is written.
-- Reads: $members (sessions, people), uniques (published). Returns: nothing; writes `uniques`.
INSERT INTO uniques (site_id, dimension, value, day, build_id, previous_days, counts)
SELECT
  $site, dimension, value, day, $build,
  arraySort(groupArray((previous_day, toInt32(total)))).1, arraySort(groupArray((previous_day, toInt32(total)))).2
FROM (
  SELECT $of dimension, value, day, previous_day, sum(visitors) AS total
  FROM (
    SELECT $of $dimension AS dimension, CAST(value, 'String') AS value, step.1 AS day, step.2 AS previous_day, sum(sign) AS visitors
    FROM (
      SELECT $of $keys, arrayJoin(arrayZip(days, arrayConcat([toDate(0)], arrayPopBack(days)))) AS step
      FROM (
        SELECT $of $keys, visitor, arraySort(groupUniqArray(day)) AS days
        FROM ($members)
        WHERE $bounded AND $chunked
        GROUP BY $of $keys, visitor
      )
    )
    GROUP BY $of $keys, step
    UNION ALL
    SELECT $of CAST(dimension, 'String') AS dimension, value, day, came.1 AS previous_day, toInt64(came.2) AS visitors
    FROM (
      SELECT $of dimension, value, day, arrayJoin(arrayZip(previous_days, counts)) AS came
      FROM uniques
      WHERE $sites
        AND dimension IN {dimensions:Array(String)}
        AND (day, build_id) IN {replaced:Array(Tuple(Date, UInt64))}
        AND $chunked
    )
  )
  GROUP BY $of dimension, value, day, previous_day
  HAVING total != 0
)
GROUP BY $of dimension, value, day
