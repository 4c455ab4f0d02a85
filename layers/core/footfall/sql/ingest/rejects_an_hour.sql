-- How many deliveries of an hour are kept as rejects, without those of which all are kept.
-- Reads: rejects. Returns: a count.
SELECT count()
FROM rejects FINAL
WHERE site_id = {site:String}
  AND received_at >= fromUnixTimestamp64Milli({hour:Int64}, 'UTC')
  AND received_at < fromUnixTimestamp64Milli({hour:Int64} + 3600000, 'UTC')
  AND code NOT IN {whole:Array(String)}
