-- When the first activity of a site happened. Reads: events. Returns: ts (ms), and how many events there are (0: none).
SELECT toUnixTimestamp64Milli(min(ts)) AS ts, count() AS events
FROM events FINAL
WHERE site_id = {site:String} AND type IN ('pageview', 'screen', 'track') AND $bots
