-- A join for `events`: the user that an actor is linked to, "" for none. Reads: links. Returns: actor_hash, linked_user.
LEFT JOIN (
  SELECT actor_hash, min(entry).3 AS linked_user
  FROM links
  WHERE site_id = {site:String}
  GROUP BY actor_hash
) AS linked USING (actor_hash)
