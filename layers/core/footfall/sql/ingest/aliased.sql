-- Which of the given anonymousIds somebody named as the previousId of an alias. Reads: aliases. Returns: previous_id.
SELECT DISTINCT previous_id
FROM aliases
WHERE site_id = {site:String} AND previous_id IN {anonymous_ids:Array(String)}
