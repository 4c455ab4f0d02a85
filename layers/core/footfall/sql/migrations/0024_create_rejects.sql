-- Deliveries that were not taken, by reason, for 30 days: to be looked at, and to be replayed once a rule is mended.
-- No address stands in them. `item` is what the client sent, `made` the event where one was made of it; a delivery that
-- a replay has taken, and one whose visitor was erased, gets a row with is_deleted = 1.
CREATE TABLE IF NOT EXISTS rejects (
  site_id LowCardinality(String),
  received_at DateTime64(3, 'UTC'),
  reject_id UUID,
  is_deleted UInt8 DEFAULT 0,
  code LowCardinality(String),
  message String,
  field LowCardinality(String),
  event_id String,
  position UInt16,
  anonymous_id String,
  user_id String,
  visitor String,
  user_agent String,
  country LowCardinality(String),
  region LowCardinality(String),
  city LowCardinality(String),
  is_imported Bool,
  dialect LowCardinality(String),
  origin String,
  item String,
  made String,
  stored_at DateTime('UTC') DEFAULT now('UTC')
) ENGINE = ReplacingMergeTree(is_deleted)
PARTITION BY toYYYYMM(received_at)
ORDER BY (site_id, received_at, reject_id)
TTL stored_at + INTERVAL 30 DAY
