-- Identities that count as another visitor than when they were last rolled up. An identity whose link has expired with
-- its events goes on counting as it did. Reads: links, aliases, people (published). Returns: nothing; writes `people`.
INSERT INTO people (site_id, identity, build_id, person)
SELECT {site:String}, now.identity, {build:UInt64}, now.person
FROM ($linked) AS now
LEFT JOIN ($people) AS before ON before.identity = now.identity
WHERE now.person != if(before.person = 0, now.identity, before.person)
