-- The days on which a site has events (UTC), and those that were built.
-- Reads: events, builds. Returns: day.
SELECT DISTINCT day
FROM (
  SELECT day FROM events FINAL WHERE site_id = {site:String}
  UNION ALL
  SELECT day FROM builds WHERE site_id = {site:String}
)
ORDER BY day
