-- The parts of sessions of whole days, or their hits. Reads: sessions of the builds that count, links.
-- Returns: bucket, actor, started_at, is_active, is_started, is_bounce, duration_ms, pageviews, events, person, $columns.
SELECT
  $bucket AS bucket, if(actor_hash = 0, identity, actor_hash) AS actor, started_at, is_active, is_started, is_bounce,
  duration_ms, $pageviews AS pageviews, $events AS events, $person AS person $columns
FROM sessions
$hits
$links
WHERE site_id = {site:String} AND $built
