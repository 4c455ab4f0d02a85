-- How the days of the touched visitors add to `uniques`: their days as they are, less their days as they were. A day
-- that is built anew gets all its rows again; of other days only the correction is written. Outside the days from
-- span_start to span_end nothing differs, so of those only the nearest are kept: the last before them, which days
-- within may follow, and the next after them, which may follow days within.
-- Reads: $members (sessions, people), uniques (published). Returns: nothing; writes `uniques`.
INSERT INTO uniques (site_id, dimension, value, day, build_id, previous_days, counts)
SELECT
  $site, dimension, value, day, $build,
  arraySort(groupArray((previous_day, toInt32(total)))).1, arraySort(groupArray((previous_day, toInt32(total)))).2
FROM (
  SELECT $of dimension, value, day, previous_day, sum(visitors) AS total
  FROM (
    SELECT $of $dimension AS dimension, CAST(value, 'String') AS value, step.1 AS day, step.2 AS previous_day, sum(step.3) AS visitors
    FROM (
      SELECT
        $of $keys,
        arrayJoin(arrayConcat(
          arrayMap((day, previous) -> (day, previous, 1), now_days, arrayPopBack(arrayPushFront(now_days, last_before))),
          arrayMap((day, previous) -> (day, previous, -1), was_days, arrayPopBack(arrayPushFront(was_days, last_before)))
        )) AS step
      FROM (
        SELECT
          $of $keys, last_before,
          arrayConcat($now_within, if(next_after = toDate(0), [], [next_after])) AS now_days,
          arrayConcat($was_within, if(next_after = toDate(0), [], [next_after])) AS was_days
        FROM (
          SELECT
            $of $keys, visitor,
            maxIf(day, day < {span_start:Date}) AS last_before,
            minIf(day, day > {span_end:Date}) AS next_after,
            $collected($collects, is_held AND day BETWEEN {span_start:Date} AND {span_end:Date}) AS now_within,
            $collected($collects, was_held AND day BETWEEN {span_start:Date} AND {span_end:Date}) AS was_within
          FROM ($members)
          WHERE $chunked
          GROUP BY $of $keys, visitor
          HAVING $differ
        )
      )
    )
    GROUP BY $of $keys, step.1, step.2
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
