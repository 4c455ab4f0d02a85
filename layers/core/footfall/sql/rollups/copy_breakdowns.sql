-- Rows of days whose events have expired, once more. Reads: breakdowns (as published).
-- Returns: nothing; writes `breakdowns`.
INSERT INTO breakdowns
SELECT * REPLACE ({build:UInt64} AS build_id)
FROM (
  SELECT *
  FROM breakdowns
  WHERE site_id = {site:String}
    AND (day, build_id) IN {copied:Array(Tuple(Date, UInt64))}
)
