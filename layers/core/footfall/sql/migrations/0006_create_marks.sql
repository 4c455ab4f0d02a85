-- How far something has come: `drained` (the queue was empty at that time), `copies` (arrivals checked until then).
CREATE TABLE IF NOT EXISTS marks (
  name LowCardinality(String),
  at DateTime64(3, 'UTC')
) ENGINE = ReplacingMergeTree(at)
ORDER BY name
