-- The keys of the hashes of sites, the one for new hashes first. Reads: erasure_keys. Returns: site_id, key (hex).
SELECT site_id, key
FROM erasure_keys
WHERE site_id IN {sites:Array(String)}
ORDER BY site_id, made_at, key
