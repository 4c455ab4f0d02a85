-- On which days visitors were active with which values. Reads: sessions of the (day, build) pairs, people.
-- Returns: sign, pair (dimension, value), person, day.
SELECT toInt64($sign) AS sign, arrayJoin($held) AS pair, if(person = 0, identity, person) AS visitor, day
FROM sessions
LEFT JOIN ($people) AS people USING (identity)
WHERE site_id = {site:String}
  AND (day, build_id) IN $parts
  AND is_active
  AND $touched
