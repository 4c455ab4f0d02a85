-- How many rows a breakdown has. Reads: what $report reads. Returns: total.
SELECT count() AS total
FROM (
  SELECT value, $metric AS number
  FROM ($report)
)
WHERE number IS NOT NULL AND number != 0
