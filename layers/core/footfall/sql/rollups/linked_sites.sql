-- Which sites have visitors who count as others. Reads: links, aliases, people. Returns: site_id.
SELECT DISTINCT site_id FROM links WHERE site_id IN {sites:Array(String)}
UNION DISTINCT
SELECT DISTINCT site_id FROM aliases WHERE site_id IN {sites:Array(String)}
UNION DISTINCT
SELECT DISTINCT site_id FROM people WHERE site_id IN {sites:Array(String)}
