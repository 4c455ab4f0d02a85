-- Metrics by bucket and value, the rows that are kept, in the order asked for.
-- Reads: what $report reads. Returns: bucket, value, a column for each metric, and how many rows there are in all.
SELECT *, count() OVER () AS total
FROM (
  SELECT bucket, value, $metrics
  FROM ($report)
)
WHERE $kept
$page
