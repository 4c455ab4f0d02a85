-- The values with the most identities of each day, and how many each of the others has at most. Every day has a row,
-- so that a missing one tells of a build without heads.
-- Reads: breakdowns (of this build). Returns: nothing; writes `heads`.
INSERT INTO heads (site_id, dimension, day, build_id, names, identities, rest)
SELECT
  site_id, dimension, day, $build,
  arrayMap(one -> one.2, arraySlice(top, 1, $most)), arrayMap(one -> toUInt64(-one.1), arraySlice(top, 1, $most)),
  if(length(top) > $most, toUInt64(-top[$most + 1].1), 0)
FROM (
  SELECT site_id, dimension, day, arrayFilter(one -> one.1 < 0, groupArraySorted($most + 1)((-toInt64(held), value))) AS top
  FROM (
    SELECT site_id, dimension, day, value, identities AS held
    FROM breakdowns
    WHERE $sites
      AND dimension IN {dimensions:Array(String)}
      AND $wanted
      AND build_id IN {builds:Array(UInt64)}
    UNION ALL
    SELECT window.1 AS site_id, arrayJoin({dimensions:Array(String)}) AS dimension, window.2 AS day, '', 0
    FROM (SELECT arrayJoin({windows:Array(Tuple(String, Date))}) AS window)
  )
  GROUP BY site_id, dimension, day
)
