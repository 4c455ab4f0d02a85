-- The keys that were made, of one site or ('') of all. Of a secret key only the SHA-256 is kept; `key` is that of a write
-- key, which is public. A revoked key's row stays.
CREATE TABLE IF NOT EXISTS keys (
  site_id String,
  key_id String,
  version UInt64 DEFAULT toUnixTimestamp64Micro(now64(6)),
  scope Enum8('write' = 0, 'server' = 1, 'read' = 2, 'admin' = 3),
  name String,
  sha256 String,
  hint String,
  key String,
  created_at DateTime64(3, 'UTC'),
  revoked_at Nullable(DateTime64(3, 'UTC'))
) ENGINE = ReplacingMergeTree(version)
ORDER BY (site_id, key_id)
