-- What people wrote at a moment of a site's history: notes and deploys. A deleted one's row stays, without its text.
CREATE TABLE IF NOT EXISTS annotations (
  site_id String,
  annotation_id UUID,
  version UInt64 DEFAULT toUnixTimestamp64Micro(now64(6)),
  at DateTime64(3, 'UTC'),
  kind Enum8('note' = 0, 'deploy' = 1),
  text String,
  created_at DateTime64(3, 'UTC'),
  is_deleted Bool DEFAULT false
) ENGINE = ReplacingMergeTree(version)
ORDER BY (site_id, annotation_id)
