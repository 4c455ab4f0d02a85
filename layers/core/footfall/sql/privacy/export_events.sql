-- A person's events as they stand, in the order they happened, from behind a position on.
-- Reads: events. Returns: t (ms), receipt, event_id, then every column of an event that is no key of the table.
SELECT
  toUnixTimestamp64Milli(ts) AS t, 18446744073709551614 - version AS receipt, event_id,
  type, name, actor, user_id, path, hostname, title, referrer, source, channel,
  utm_source, utm_medium, utm_campaign, utm_term, utm_content, country, region, city,
  device, browser, browser_version, os, os_version, language, screen_size,
  is_bot, bot_reason, is_imported, properties
FROM events FINAL
WHERE site_id = {site:String}
  AND (
    user_id IN {users:Array(String)}
    OR user_id = '' AND actor_hash IN {actor_hashes:Array(UInt64)} AND actor IN {actors:Array(String)}
  )
  AND (t, receipt, event_id) > ({t:Int64}, {receipt:UInt64}, {event_id:UUID})
ORDER BY t, receipt, event_id
LIMIT {limit:UInt32}
