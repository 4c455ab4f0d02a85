-- On which days visitors were active with which values: as it was before the build ($was), as it is with it ($is), or
-- both. Reads: sessions of the (day, build) pairs that are published or will be, people.
-- Returns: $values (dimension where several are read; value), visitor, day, was_held, is_held.
SELECT $of $values, if(person = 0, identity, person) AS visitor, day, $was AS was_held, $is AS is_held
FROM sessions
LEFT JOIN ($people) AS people USING ($of identity)
WHERE $sites
  AND (day, build_id) IN {either:Array(Tuple(Date, UInt64))}
  AND is_active
  AND $touched
  AND $chosen
  AND ($was OR $is)
