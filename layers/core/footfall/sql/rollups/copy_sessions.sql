-- Rows of days whose events have expired, once more without those of erased identities. Reads: sessions (as published).
-- Returns: nothing; writes `sessions`.
INSERT INTO sessions
SELECT * REPLACE ({build:UInt64} AS build_id)
FROM (
  SELECT *
  FROM sessions
  WHERE site_id = {site:String}
    AND (day, build_id) IN {copied:Array(Tuple(Date, UInt64))}
    AND identity NOT IN {erased:Array(UInt64)}
    AND actor_hash NOT IN {erased:Array(UInt64)}
)
