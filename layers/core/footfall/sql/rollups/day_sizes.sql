-- How many rows the events of each UTC day have. Reads: events (every delivery: only the size matters).
-- Returns: day, rows.
SELECT day, count() AS rows
FROM events
WHERE site_id = {site:String} AND day BETWEEN {from_day:Date} AND {to_day:Date}
GROUP BY day
