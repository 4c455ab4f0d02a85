-- The activities of some days. Reads: events, links. Returns: t (ms), actor_hash, event_id, type, person, $columns.
SELECT toUnixTimestamp64Milli(ts) AS t, actor_hash, event_id, type, $person AS person $columns
FROM events FINAL
$links
WHERE $sites
  AND $days
  AND type IN ('pageview', 'screen', 'track')
  AND $bots
