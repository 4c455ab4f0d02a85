-- What was erased, as keyed hashes: of event ids (their retries are refused for good) and of visitors' ids (`a:`, `u:`;
-- deliveries received until erased_at are refused). Nothing tells whose they are without the key of the site and the id.
CREATE TABLE IF NOT EXISTS erased (
  site_id LowCardinality(String),
  hash UUID CODEC(NONE),
  erased_at DateTime64(3, 'UTC'),
  until DateTime('UTC')
) ENGINE = ReplacingMergeTree(erased_at)
ORDER BY (site_id, hash)
TTL until
