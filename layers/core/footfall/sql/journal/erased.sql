-- The identities that changes erased. Reads: changes. Returns: identities.
SELECT groupUniqArrayArray(identities) AS identities
FROM changes
WHERE site_id = {site:String} AND change_id IN {changes:Array(UInt64)}
