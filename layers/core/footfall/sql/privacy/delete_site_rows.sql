-- Takes all rows of a deleted site out of a table. Changes: the table. Returns: nothing.
DELETE FROM $table WHERE site_id = {site:String}
