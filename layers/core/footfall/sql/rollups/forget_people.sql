-- Forgets whom erased identities counted as. Reads and changes: people. Returns: nothing.
DELETE FROM people WHERE site_id = {site:String} AND identity IN {erased:Array(UInt64)}
