-- What was refused of a person. Reads: rejects. Returns: received_at (ms), code, message, item, made.
SELECT toUnixTimestamp64Milli(received_at) AS at, code, message, item, made
FROM rejects FINAL
WHERE site_id = {site:String}
  AND is_deleted = 0
  AND (
    user_id != '' AND user_id IN {users:Array(String)}
    OR anonymous_id != '' AND concat('a:', anonymous_id) IN {actors:Array(String)}
  )
ORDER BY received_at, reject_id
LIMIT {limit:UInt32}
