-- The journal: what changed among the events and which days have to be rolled up again, never the source of a number.
-- A change is noted after it can be read, so whoever sees it here finds it there. `windows` are days of the site's
-- zone; 1970-01-01 among them stands for who belongs to whom. `identities` were erased.
CREATE TABLE IF NOT EXISTS changes (
  noted_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  site_id LowCardinality(String),
  change_id UInt64 CODEC(NONE),
  windows Array(Date),
  event_ids Array(UUID),
  identities Array(UInt64)
) ENGINE = MergeTree
PARTITION BY toDate(noted_at)
ORDER BY noted_at
