-- Who counts as whom now where no user is an alias of another. Reads: links. Returns: identity, person.
SELECT actor_hash AS identity, sipHash64(concat('u:', min(entry).3)) AS person
FROM links
WHERE site_id = {site:String}
GROUP BY actor_hash
