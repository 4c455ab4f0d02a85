-- All keys that were made, revoked ones too, oldest first.
-- Reads: keys. Returns: key_id, site_id, scope, sha256, name, hint, key, created, revoked (ms, null: in force).
SELECT
  key_id, site_id, CAST(scope, 'String') AS scope, sha256, name, hint, key,
  toUnixTimestamp64Milli(created_at) AS created,
  toUnixTimestamp64Milli(revoked_at) AS revoked
FROM keys FINAL
ORDER BY created_at, key_id
