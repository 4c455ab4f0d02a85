-- The visitors whose days may have changed: identities with other values on a day than before, and those that count
-- as another visitor; each as it was and as it is. Reads: sessions (as published, and of this build), people.
-- Returns: nothing; writes `touched`.
INSERT INTO touched (build_id, identity)
SELECT DISTINCT {build:UInt64}, arrayJoin([changed.identity, before.person, now.person]) AS person
FROM (
  SELECT identity
  FROM (
    SELECT
      identity, day, if(build_id = {build:UInt64}, 1, -1) * reinterpretAsInt64(sipHash64($values, hit_path, hit_title, hit_name)) AS held
    FROM sessions
    WHERE site_id = {site:String}
      AND day IN {wanted:Array(Date)}
      AND (build_id = {build:UInt64} OR (day, build_id) IN {published:Array(Tuple(Date, UInt64))})
      AND is_active
  )
  GROUP BY identity, day
  HAVING sum(held) != 0
  UNION DISTINCT
  SELECT identity FROM people WHERE site_id = {site:String} AND build_id = {build:UInt64}
) AS changed
LEFT JOIN ($before) AS before ON before.identity = changed.identity
LEFT JOIN ($now) AS now ON now.identity = changed.identity
WHERE person != 0
