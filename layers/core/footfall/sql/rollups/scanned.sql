-- Which events the sessions of some days are made of: those of the days, and of the actors whose run may cross their
-- ends, those around them. Reads: events. Returns: a condition on t and actor_hash.
t >= {scan_start:Int64} AND t < {scan_end:Int64} AND (
  t >= {start:Int64} AND t < {end:Int64}
  OR ($of actor_hash) IN (
    SELECT $of actor_hash
    FROM events FINAL
    WHERE $sites
      AND day BETWEEN toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(fromUnixTimestamp64Milli({end:Int64} - 1, 'UTC'))
      AND (
        (ts >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND ts < fromUnixTimestamp64Milli({start:Int64} + 1800000, 'UTC'))
        OR (ts >= fromUnixTimestamp64Milli({end:Int64} - 1800000, 'UTC') AND ts < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
      )
  )
)
