-- Who holds a lease. Reads: leases. Returns: holder; no row for nobody.
SELECT holder
FROM (
  SELECT holder, min(written_at) AS came, argMax(until, (written_at, -toUnixTimestamp64Milli(until))) AS ends
  FROM leases
  WHERE name = {name:String}
  GROUP BY holder
)
WHERE ends > now64(3, 'UTC')
ORDER BY came, holder
LIMIT 1
