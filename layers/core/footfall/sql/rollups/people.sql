-- Identities that count as another visitor than when they were last rolled up. Reads: links, people (published).
-- Returns: nothing; writes `people`.
INSERT INTO people (site_id, identity, build_id, person)
SELECT {site:String}, identity, {build:UInt64}, if(is_linked, now_person, identity) AS person
FROM (
  SELECT
    identity,
    max(is_now) AS is_linked,
    maxIf(person, is_now) AS now_person,
    if(max(NOT is_now), maxIf(person, NOT is_now), identity) AS before
  FROM (
    SELECT identity, person, true AS is_now
    FROM ($linked)
    UNION ALL
    SELECT identity, person, false AS is_now
    FROM ($people)
  )
  GROUP BY identity
)
WHERE person != before
