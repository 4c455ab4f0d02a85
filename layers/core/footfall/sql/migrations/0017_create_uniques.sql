-- How many visitors were active on a day with a value, by the day they were last active with it before (1970-01-01:
-- never). The visitors of [a, b] are the sum over days in [a, b] of those whose previous day is before a.
-- Rows are signed: a visitor who joins or leaves a day corrects the day they come back on, too.
CREATE TABLE IF NOT EXISTS uniques (
  site_id LowCardinality(String),
  dimension LowCardinality(String),
  value String,
  day Date,
  build_id UInt64,
  previous_day Date,
  visitors Int64
) ENGINE = MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (site_id, dimension, value, day, build_id, previous_day)
SETTINGS default_compression_codec = 'ZSTD(1)', index_granularity = 256
