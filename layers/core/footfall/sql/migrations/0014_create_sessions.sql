-- Sessions and what they hold, rolled up by day of the site's zone. A row is a part of a session: its events of one
-- local day that share an identity and the event's own values; what differs among them (path, title, name) lies in the
-- arrays. A part is a row of the day it happened on (`is_active`); a part of a later day than the session's start is
-- also a row of that start's day, so that a day has its sessions (`is_started`) whole. One row a session `is_first`;
-- a part that is all of its session `is_whole`.
-- `identity` is the hash of the event's user, else of its actor, as in `people`; `actor_hash` is 0 where it is that.
CREATE TABLE IF NOT EXISTS sessions (
  site_id LowCardinality(String),
  day Date,
  build_id UInt64,
  identity UInt64,
  actor_hash UInt64,
  started_at DateTime64(3, 'UTC'),
  is_active Bool,
  is_started Bool,
  is_first Bool,
  is_whole Bool,
  is_bounce Bool,
  duration_ms UInt32,
  entry_page LowCardinality(String),
  exit_page LowCardinality(String),
  source LowCardinality(String),
  referrer LowCardinality(String),
  channel LowCardinality(String),
  utm_source LowCardinality(String),
  utm_medium LowCardinality(String),
  utm_campaign LowCardinality(String),
  utm_term LowCardinality(String),
  utm_content LowCardinality(String),
  hostname LowCardinality(String),
  device LowCardinality(String),
  browser LowCardinality(String),
  browser_version LowCardinality(String),
  os LowCardinality(String),
  os_version LowCardinality(String),
  country LowCardinality(String),
  region LowCardinality(String),
  city LowCardinality(String),
  language LowCardinality(String),
  screen_size LowCardinality(String),
  pageviews UInt32,
  events UInt32,
  hit_path Array(LowCardinality(String)),
  hit_title Array(LowCardinality(String)),
  hit_name Array(LowCardinality(String)),
  hit_is_pageview Array(Bool)
) ENGINE = MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (site_id, day, build_id, identity, started_at)
SETTINGS default_compression_codec = 'ZSTD(1)', index_granularity = 2048
