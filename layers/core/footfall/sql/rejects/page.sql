-- Deliveries that were not taken, in the order of receipt, after one of them. Reads: rejects.
-- Returns: received_at (ms), reject_id, the columns of a reject.
SELECT
  toUnixTimestamp64Milli(received_at) AS at,
  reject_id,
  code, position, event_id, message, field, item, made, visitor, user_agent, country, region, city, is_imported, dialect, origin
FROM rejects FINAL
WHERE site_id = {site:String}
  AND is_deleted = 0
  AND received_at >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')
  AND received_at < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND (code = {code:String} OR {code:String} = '')
  AND (received_at, reject_id) > (fromUnixTimestamp64Milli({after:Int64}, 'UTC'), {after_id:UUID})
ORDER BY received_at, reject_id
LIMIT {limit:UInt32}
