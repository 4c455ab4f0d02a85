-- Who counts as whom now: links of actors, and aliases of users, followed to the end of their chains.
-- Reads: links. Returns: identity, person.
SELECT
  actor_hash AS identity,
  sipHash64(concat('u:', transform(min(entry).3, {alias_from:Array(String)}, {alias_to:Array(String)}, min(entry).3))) AS person
FROM links
WHERE site_id = {site:String}
GROUP BY actor_hash
UNION ALL
SELECT sipHash64(concat('u:', alias.1)) AS identity, sipHash64(concat('u:', alias.2)) AS person
FROM (SELECT arrayJoin(arrayZip({alias_from:Array(String)}, {alias_to:Array(String)})) AS alias)
