-- Fills `arrivals` from every insert into `events`, tombstones included: their day changed.
CREATE MATERIALIZED VIEW IF NOT EXISTS arrivals_feed TO arrivals AS
SELECT now64(3, 'UTC') AS inserted_at, site_id, day, event_id
FROM events
