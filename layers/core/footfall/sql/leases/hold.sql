-- Takes or renews a lease. Reads: nothing. Returns: nothing; writes `leases`.
INSERT INTO leases (name, holder, until)
SELECT {name:String}, {holder:UInt64}, now64(3, 'UTC') + INTERVAL {seconds:Int64} SECOND
