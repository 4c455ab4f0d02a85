-- The visitors whose days may have changed: identities with other values on a day than before, and those that count
-- as another visitor; each as it was and as it is. Reads: sessions (as published, and of this build), people.
-- Returns: nothing; writes `touched`.
INSERT INTO touched (build_id, identity)
SELECT DISTINCT {builds:Array(UInt64)}[1], arrayJoin([changed.identity, before.person, now.person]) AS person
FROM (
  SELECT $of identity
  FROM (
    SELECT
      $of identity, day, if(has({builds:Array(UInt64)}, build_id), 1, -1) * reinterpretAsInt64(sipHash64($values, hit_path, hit_title, hit_name)) AS held
    FROM sessions
    WHERE $sites
      AND day IN {wanted:Array(Date)}
      AND (build_id IN {builds:Array(UInt64)} OR (day, build_id) IN {published:Array(Tuple(Date, UInt64))})
      AND is_active
  )
  GROUP BY $of identity, day
  HAVING sum(held) != 0
  UNION DISTINCT
  SELECT $of identity FROM people WHERE $sites AND build_id IN {builds:Array(UInt64)}
) AS changed
LEFT JOIN ($before) AS before ON $same_before before.identity = changed.identity
LEFT JOIN ($now) AS now ON $same_now now.identity = changed.identity
WHERE person != 0
