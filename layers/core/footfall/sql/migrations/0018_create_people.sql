-- Which visitor an identity counts as in `uniques`; an identity that is its own visitor has no row.
CREATE TABLE IF NOT EXISTS people (
  site_id LowCardinality(String),
  identity UInt64,
  build_id UInt64,
  person UInt64
) ENGINE = MergeTree
ORDER BY (site_id, identity, build_id)
