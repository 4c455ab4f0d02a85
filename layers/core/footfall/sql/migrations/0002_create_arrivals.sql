-- What arrived when: a to-do list for the scheduled run, never the source of a number.
CREATE TABLE IF NOT EXISTS arrivals (
  inserted_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  site_id LowCardinality(String),
  day Date,
  event_id UUID CODEC(NONE)
) ENGINE = MergeTree
PARTITION BY toDate(inserted_at)
ORDER BY inserted_at
