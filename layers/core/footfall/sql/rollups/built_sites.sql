-- Sites with builds since a time. Reads: builds. Returns: site_id.
SELECT DISTINCT site_id
FROM builds
WHERE built_at >= {since:DateTime64(3, 'UTC')}
ORDER BY site_id
