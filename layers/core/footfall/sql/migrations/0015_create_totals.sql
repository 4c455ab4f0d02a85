-- What a quarter of an hour adds up to: events by their time, sessions by their start. Serves every time zone.
CREATE TABLE IF NOT EXISTS totals (
  site_id LowCardinality(String),
  day Date,
  build_id UInt64,
  quarter DateTime('UTC') CODEC(Delta, ZSTD(1)),
  pageviews UInt64,
  events UInt64,
  sessions UInt64,
  bounces UInt64,
  duration_ms UInt64
) ENGINE = MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (site_id, day, build_id, quarter)
SETTINGS default_compression_codec = 'ZSTD(1)', index_granularity = 256
