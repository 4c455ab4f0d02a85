-- How many rows the events of each UTC day have. Reads: events (every delivery: only the size matters).
-- Returns: site_id, day, rows.
SELECT site_id, day, count() AS rows
FROM events
WHERE site_id IN {sites:Array(String)} AND day BETWEEN {from_day:Date} AND {to_day:Date}
GROUP BY site_id, day
