-- As whom, and on which days, rollups know a person: as their ids, and as what counted as one of these, whose link may
-- have expired. Reads: sessions, people. Returns: identities, days.
WITH (
  SELECT groupUniqArray(identity)
  FROM (
    SELECT arrayJoin(arrayMap(id -> sipHash64(id), {ids:Array(String)})) AS identity
    UNION ALL
    SELECT identity
    FROM people
    WHERE site_id = {site:String} AND person IN (SELECT sipHash64(arrayJoin({ids:Array(String)})))
  )
) AS identities
SELECT identities, groupUniqArray(day) AS days
FROM sessions
WHERE site_id = {site:String} AND (has(identities, identity) OR has(identities, actor_hash))
