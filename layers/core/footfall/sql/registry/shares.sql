-- All shared links that were made, revoked ones too, oldest first.
-- Reads: shares. Returns: site_id, share_id, sha256, name, filters, password, frame_ancestors, expires, created, revoked
-- (ms, null: never).
SELECT
  site_id, share_id, sha256, name, filters, password, frame_ancestors,
  toUnixTimestamp64Milli(expires_at) AS expires,
  toUnixTimestamp64Milli(created_at) AS created,
  toUnixTimestamp64Milli(revoked_at) AS revoked
FROM shares FINAL
ORDER BY created_at, share_id
