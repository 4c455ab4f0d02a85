-- Who may work alone: of one name the holder that came first and has not let go or run out.
CREATE TABLE IF NOT EXISTS leases (
  name LowCardinality(String),
  holder UInt64,
  written_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'),
  until DateTime64(3, 'UTC')
) ENGINE = MergeTree
ORDER BY (name, holder)
TTL toDateTime(until) + INTERVAL 1 DAY
