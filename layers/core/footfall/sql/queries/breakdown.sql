-- One page of a breakdown. Reads: what $report reads. Returns: value, number, and the number of rows there are in all.
SELECT value, number, count() OVER () AS total
FROM (
  SELECT value, $metric AS number
  FROM ($report)
)
WHERE number IS NOT NULL AND number != 0
ORDER BY number DESC, value
LIMIT {limit:UInt32} OFFSET {offset:UInt64}
