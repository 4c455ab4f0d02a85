-- How many rows of events there are, of every site and delivery: from the store's books, nothing is read.
-- Reads: events. Returns: rows.
SELECT count() AS rows
FROM events
