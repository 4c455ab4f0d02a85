-- Forgets the links of actors. Changes: links. Returns: nothing.
DELETE FROM links
WHERE site_id = {site:String} AND actor_hash IN {actor_hashes:Array(UInt64)} AND entry.1 < {before_receipt:UInt64}
