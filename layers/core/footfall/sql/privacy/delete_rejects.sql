-- Takes what was refused of a person and received until a moment out of the store. Changes: rejects. Returns: nothing.
DELETE FROM rejects
WHERE site_id = {site:String}
  AND received_at <= fromUnixTimestamp64Milli({erased_at:Int64}, 'UTC')
  AND (
    user_id != '' AND user_id IN {users:Array(String)}
    OR anonymous_id != '' AND concat('a:', anonymous_id) IN {actors:Array(String)}
  )
