-- The sites that were made, and the default site once it was changed. A change is a new row; the latest version stands.
-- `settings` is a JSON object. A deleted site's row stays: its id is not given again.
CREATE TABLE IF NOT EXISTS sites (
  site_id String,
  version UInt64 DEFAULT toUnixTimestamp64Micro(now64(6)),
  name String,
  domains Array(String),
  timezone LowCardinality(String),
  settings String,
  is_deleted Bool DEFAULT false,
  created_at DateTime64(3, 'UTC'),
  updated_at DateTime64(3, 'UTC')
) ENGINE = ReplacingMergeTree(version)
ORDER BY site_id
