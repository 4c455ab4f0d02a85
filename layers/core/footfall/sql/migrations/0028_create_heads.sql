-- The values with the most identities of a day, by dimension, and how many identities each of the others has at most:
-- they bound the visitors of every value of any days without looking at all of them. Only dimensions that can have more
-- values than a head holds are here. A row may be there twice.
CREATE TABLE IF NOT EXISTS heads (
  site_id LowCardinality(String),
  dimension LowCardinality(String),
  day Date,
  build_id UInt64,
  names Array(String),
  identities Array(UInt64),
  rest UInt64
) ENGINE = MergeTree
ORDER BY (site_id, dimension, day, build_id)
SETTINGS default_compression_codec = 'ZSTD(1)', index_granularity = 64
