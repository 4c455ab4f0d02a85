-- What was not taken, by reason: how many, when last, and the last one as an example.
-- Reads: rejects. Returns: code, count, last (ms), message, field, received_at (ms), item, made.
SELECT
  code,
  count() AS deliveries,
  max(toUnixTimestamp64Milli(received_at)) AS last,
  argMax(tuple(message, field, item, made), tuple(received_at, position)) AS example
FROM rejects FINAL
WHERE site_id = {site:String}
  AND is_deleted = 0
  AND received_at >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')
  AND received_at < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND (code = {code:String} OR {code:String} = '')
GROUP BY code
ORDER BY deliveries DESC, code
