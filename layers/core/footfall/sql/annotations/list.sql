-- The notes and deploys of a time of a site, oldest first.
-- Reads: annotations. Returns: annotation_id, at (ms), kind, text.
SELECT
  toString(annotation_id) AS id, toUnixTimestamp64Milli(at) AS at_ms, CAST(kind, 'String') AS kind_name, text
FROM annotations FINAL
WHERE site_id = {site:String} AND NOT is_deleted
  AND at >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND at < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
ORDER BY at, annotation_id
LIMIT {most:UInt32}
