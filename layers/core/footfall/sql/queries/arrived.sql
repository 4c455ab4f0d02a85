-- How many arrivals there are since a time. Reads: arrivals. Returns: arrivals.
SELECT count() AS arrivals
FROM arrivals
WHERE inserted_at >= {since:DateTime64(3, 'UTC')}
