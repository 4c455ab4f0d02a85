-- How many rows of a deleted site a table still has. Reads: the table. Returns: count.
SELECT count() AS count FROM $table WHERE site_id = {site:String}
