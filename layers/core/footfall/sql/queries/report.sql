-- Metrics by question, bucket and value, the rows that are kept, in the order asked for.
-- Reads: what $report reads. Returns: number (which of the questions asked together), bucket, value, a column for each
-- metric, and how many rows the question has in all.
SELECT *, $total AS total
FROM (
  SELECT number, bucket, value, $metrics
  FROM ($report)
)
WHERE $kept
$page
