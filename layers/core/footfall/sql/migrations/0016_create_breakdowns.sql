-- What a day adds up to by value of each dimension. `identities` bounds the day's visitors from above: linked
-- identities are one visitor.
CREATE TABLE IF NOT EXISTS breakdowns (
  site_id LowCardinality(String),
  dimension LowCardinality(String),
  value String,
  day Date,
  build_id UInt64,
  identities UInt64,
  pageviews UInt64,
  events UInt64,
  sessions UInt64,
  bounces UInt64,
  duration_ms UInt64
) ENGINE = MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (site_id, dimension, value, day, build_id)
SETTINGS default_compression_codec = 'ZSTD(1)', index_granularity = 256
