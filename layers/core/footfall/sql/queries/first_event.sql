-- When the first event of a site happened, of any type, a bot's too.
-- Reads: events. Returns: ts (ms), and how many events there are (0: none).
SELECT toUnixTimestamp64Milli(min(ts)) AS ts, count() AS events
FROM events FINAL
WHERE site_id = {site:String}
