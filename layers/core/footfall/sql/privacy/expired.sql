-- Whether there are events of a site before a day. Reads: events (every delivery, not FINAL). Returns: events.
SELECT count() AS events
FROM events
WHERE site_id = {site:String} AND day < {before:Date}
