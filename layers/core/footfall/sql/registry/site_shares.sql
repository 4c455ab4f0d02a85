-- The newest shared links of a site, or one of them, closed ones too.
-- Reads: shares. Returns: site_id, share_id, sha256, name, filters, password, frame_ancestors, expires, created, revoked
-- (ms, null: never), newest first.
SELECT
  site_id, share_id, sha256, name, filters, password, frame_ancestors,
  toUnixTimestamp64Milli(expires_at) AS expires,
  toUnixTimestamp64Milli(created_at) AS created,
  toUnixTimestamp64Milli(revoked_at) AS revoked
FROM shares FINAL
WHERE site_id = {site:String} AND ({share:String} = '' OR share_id = {share:String})
ORDER BY (revoked IS NULL AND (expires IS NULL OR expires > toUnixTimestamp64Milli(now64(3)))) DESC, created_at DESC, share_id
LIMIT {most:UInt32}
