-- Takes the events of a site before a day out of the store, their tombstones too. Changes: events. Returns: nothing.
DELETE FROM events
WHERE site_id = {site:String} AND day < {before:Date}
