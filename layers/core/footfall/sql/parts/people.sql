-- Who counted as whom when it was last rolled up, or (with the running build) who will. Reads: people, builds.
-- Returns: identity, person.
SELECT $of identity, argMax(person, build_id) AS person
FROM people
WHERE $sites
  AND (build_id IN (SELECT build_id FROM builds WHERE $sites AND day = '1970-01-01') OR build_id IN $running)
GROUP BY $of identity
