-- Which of the given hashes were erased. Reads: erased. Returns: hash, erased_at (ms), until (s).
SELECT hash, toUnixTimestamp64Milli(max(erased_at)) AS erased_at, toUnixTimestamp(max(until)) AS until
FROM erased
WHERE site_id = {site:String} AND hash IN {hashes:Array(UUID)}
GROUP BY hash
