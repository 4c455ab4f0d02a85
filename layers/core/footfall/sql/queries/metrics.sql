-- Metrics by bucket and value. Reads: what $report reads. Returns: bucket, value, and a column for each metric.
SELECT bucket, value, $metrics
FROM ($report)
