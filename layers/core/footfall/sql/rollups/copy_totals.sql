-- Rows of days whose events have expired, once more. Reads: totals (as published).
-- Returns: nothing; writes `totals`.
INSERT INTO totals
SELECT * REPLACE ({build:UInt64} AS build_id)
FROM (
  SELECT *
  FROM totals
  WHERE site_id = {site:String}
    AND (day, build_id) IN {copied:Array(Tuple(Date, UInt64))}
)
