-- Forgets superseded rows of a rollup. Reads and changes: $table. Returns: nothing.
DELETE FROM $table WHERE site_id IN {sites:Array(String)} AND (day, build_id) IN {superseded:Array(Tuple(Date, UInt64))}
