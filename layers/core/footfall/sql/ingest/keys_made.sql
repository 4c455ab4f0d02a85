-- Which of these digests are keys of a site that were made to send.
-- Reads: keys. Returns: sha256, revoked (ms, null: in force).
SELECT sha256, toUnixTimestamp64Milli(revoked_at) AS revoked
FROM keys FINAL
WHERE site_id = {site:String} AND scope IN ('write', 'server') AND sha256 IN {digests:Array(String)}
