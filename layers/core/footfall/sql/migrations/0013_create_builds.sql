-- Which rows of the rollups count: one insert here publishes everything that a run built.
-- Of a (site, day) the greatest base counts, with all deltas of `uniques` that are greater. `seen` are the changes that
-- a base took in; `unbounded` are the dimensions with too many values on that day for rows in `uniques`.
-- The day 1970-01-01 publishes rows of `people`.
CREATE TABLE IF NOT EXISTS builds (
  site_id LowCardinality(String),
  day Date,
  build_id UInt64,
  kind Enum8('base' = 0, 'delta' = 1),
  seen Array(UInt64),
  unbounded Array(LowCardinality(String)),
  built_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
) ENGINE = MergeTree
ORDER BY (site_id, day, build_id)
SETTINGS index_granularity = 256
