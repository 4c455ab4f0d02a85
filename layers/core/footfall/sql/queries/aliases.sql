-- The entries of alias() that concern users, in the order of receipt. Reads: aliases, events (is the previousId an
-- anonymousId that was ever seen? then the entry is a link and stands in `links`). Returns: previous_id, user_id.
SELECT previous_id, user_id
FROM (
  SELECT DISTINCT previous_id, receipt, event_id, user_id, sipHash64(concat('a:', previous_id)) AS actor_hash
  FROM aliases
  WHERE site_id = {site:String}
)
WHERE actor_hash NOT IN (
  SELECT actor_hash FROM events
  WHERE site_id = {site:String}
    AND actor_hash IN (SELECT sipHash64(concat('a:', previous_id)) FROM aliases WHERE site_id = {site:String})
)
ORDER BY receipt, event_id
