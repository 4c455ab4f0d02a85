-- The shared links that are open, of all sites: these travel with their site. Oldest first.
-- Reads: shares. Returns: as registry/site_shares.
SELECT
  site_id, share_id, sha256, name, filters, password, frame_ancestors,
  toUnixTimestamp64Milli(expires_at) AS expires,
  toUnixTimestamp64Milli(created_at) AS created,
  toUnixTimestamp64Milli(revoked_at) AS revoked
FROM shares FINAL
WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now64(3))
ORDER BY created_at, share_id
