-- Entries of alias(previousId -> userId) that concern users; which of them stand is decided when they are read.
CREATE TABLE IF NOT EXISTS aliases (
  site_id LowCardinality(String),
  previous_id String,
  receipt UInt64,
  event_id String,
  user_id String
) ENGINE = ReplacingMergeTree
ORDER BY (site_id, previous_id, receipt, event_id)
