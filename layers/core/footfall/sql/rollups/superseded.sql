-- Rows of a rollup that no published build needs any more. Reads: $table, builds. Returns: day, build_ids.
SELECT day, groupUniqArray(build_id) AS build_ids
FROM $table
WHERE site_id IN {sites:Array(String)}
  AND build_id < {before:UInt64}
  AND (day, build_id) NOT IN {current:Array(Tuple(Date, UInt64))}
GROUP BY day
