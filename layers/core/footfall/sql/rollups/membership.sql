-- On which days visitors were active with which values. Reads: sessions of the (day, build) pairs, people.
-- Returns: sign, $values (dimension where several are read; value), visitor, day.
SELECT $of toInt8($sign) AS sign, $values, if(person = 0, identity, person) AS visitor, day
FROM sessions
LEFT JOIN ($people) AS people USING ($of identity)
WHERE $sites
  AND (day, build_id) IN $parts
  AND is_active
  AND $touched
