-- Which user an anonymousId belongs to: of one actor the entry first in the order of receipt stands.
-- `entry` is (receipt, event id, user id); its minimum is the standing one, whatever is delivered twice or late.
CREATE TABLE IF NOT EXISTS links (
  site_id LowCardinality(String),
  actor_hash UInt64 DEFAULT sipHash64(actor),
  actor String,
  entry SimpleAggregateFunction(min, Tuple(UInt64, String, String))
) ENGINE = AggregatingMergeTree
ORDER BY (site_id, actor_hash, actor)
