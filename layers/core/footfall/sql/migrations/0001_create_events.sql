-- Every event once it is settled: one row per (site, event id) under FINAL.
-- The key holds only what decides which delivery of an id stands: the earliest UTC day, then (on one day under two
-- actors) the lowest actor hash. Of equal keys the greatest version wins: version counts down with the order of
-- receipt, so the first delivery stands. Copies of an id under another key are removed by tombstones (is_deleted = 1).
CREATE TABLE IF NOT EXISTS events (
  site_id LowCardinality(String),
  day Date DEFAULT toDate(ts),
  actor_hash UInt64 DEFAULT sipHash64(actor),
  event_id UUID CODEC(NONE),
  version UInt64 CODEC(Delta, ZSTD(1)),
  is_deleted UInt8 DEFAULT 0,
  receipt UInt64 ALIAS 18446744073709551614 - version,
  ts DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  type LowCardinality(String),
  name LowCardinality(String),
  actor String,
  user_id String,
  path LowCardinality(String),
  hostname LowCardinality(String),
  title LowCardinality(String),
  referrer String,
  source LowCardinality(String),
  channel LowCardinality(String),
  utm_source LowCardinality(String),
  utm_medium LowCardinality(String),
  utm_campaign LowCardinality(String),
  utm_term LowCardinality(String),
  utm_content LowCardinality(String),
  country LowCardinality(String),
  region LowCardinality(String),
  city LowCardinality(String),
  device LowCardinality(String),
  browser LowCardinality(String),
  browser_version LowCardinality(String),
  os LowCardinality(String),
  os_version LowCardinality(String),
  language LowCardinality(String),
  screen_size LowCardinality(String),
  is_bot Bool,
  bot_reason LowCardinality(String),
  is_imported Bool,
  properties String,
  INDEX actor actor_hash TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(day)
ORDER BY (site_id, day, actor_hash, event_id)
SETTINGS default_compression_codec = 'ZSTD(1)'
