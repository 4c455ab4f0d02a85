-- The shared links that were made. Of the secret only the SHA-256 is kept, of a password a salted scrypt. `filters` is a JSON
-- list. A revoked link's row stays.
CREATE TABLE IF NOT EXISTS shares (
  site_id String,
  share_id String,
  version UInt64 DEFAULT toUnixTimestamp64Micro(now64(6)),
  sha256 String,
  name String,
  filters String,
  password String,
  frame_ancestors Array(String),
  expires_at Nullable(DateTime64(3, 'UTC')),
  created_at DateTime64(3, 'UTC'),
  revoked_at Nullable(DateTime64(3, 'UTC'))
) ENGINE = ReplacingMergeTree(version)
ORDER BY (site_id, share_id)
