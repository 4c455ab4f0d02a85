-- The work list of a running build: identities whose days may have changed. Forgotten after a day.
CREATE TABLE IF NOT EXISTS touched (
  build_id UInt64,
  identity UInt64,
  noted_at DateTime('UTC') DEFAULT now()
) ENGINE = MergeTree
ORDER BY (build_id, identity)
TTL noted_at + INTERVAL 1 DAY
