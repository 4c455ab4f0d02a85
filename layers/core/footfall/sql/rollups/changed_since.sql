-- How many changes were noted since a time. Reads: changes. Returns: changes.
SELECT count() AS changes
FROM changes
WHERE noted_at >= {since:DateTime64(3, 'UTC')}
