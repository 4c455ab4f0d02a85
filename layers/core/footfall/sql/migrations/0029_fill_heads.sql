-- The heads of what was rolled up before there were any.
INSERT INTO heads (site_id, dimension, day, build_id, names, identities, rest)
WITH ['page', 'title', 'event', 'entry_page', 'exit_page', 'referrer', 'city'] AS wide
SELECT
  site_id, dimension, day, build_id,
  arrayMap(one -> one.2, arraySlice(top, 1, 500)), arrayMap(one -> toUInt64(-one.1), arraySlice(top, 1, 500)),
  if(length(top) > 500, toUInt64(-top[501].1), 0)
FROM (
  SELECT
    site_id, dimension, day, build_id,
    arrayFilter(one -> one.1 < 0, groupArraySorted(501)((-toInt64(held), value))) AS top
  FROM (
    SELECT site_id, CAST(dimension, 'String') AS dimension, day, build_id, value, identities AS held
    FROM breakdowns
    WHERE dimension IN wide
    UNION ALL
    SELECT site_id, arrayJoin(wide) AS dimension, day, build_id, '', 0
    FROM builds
    WHERE kind = 'base' AND day != '1970-01-01'
  )
  GROUP BY site_id, dimension, day, build_id
)
