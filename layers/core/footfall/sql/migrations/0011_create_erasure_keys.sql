-- The key of a site's hashes in `erased`, made at its first erasure. The first row is used for new hashes; were two made
-- at the same moment, both are looked for. A site without a row has erased nothing.
CREATE TABLE IF NOT EXISTS erasure_keys (
  site_id LowCardinality(String),
  made_at DateTime64(3, 'UTC'),
  key String
) ENGINE = MergeTree
ORDER BY (site_id, made_at, key)
