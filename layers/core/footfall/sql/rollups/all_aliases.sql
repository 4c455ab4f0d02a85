-- All users that some alias() named, whether or not it stands. Reads: aliases. Returns: user_id.
SELECT DISTINCT previous_id AS user_id
FROM aliases
WHERE site_id = {site:String}
