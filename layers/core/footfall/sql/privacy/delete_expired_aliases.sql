-- Forgets the aliases of previous ids. Changes: aliases. Returns: nothing.
DELETE FROM aliases
WHERE site_id = {site:String} AND previous_id IN {previous_ids:Array(String)} AND receipt < {before_receipt:UInt64}
