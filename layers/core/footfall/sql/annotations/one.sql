-- One note or deploy of a site, unless it was deleted.
-- Reads: annotations. Returns: at (ms), kind, created (ms).
SELECT
  toUnixTimestamp64Milli(at) AS at_ms, CAST(kind, 'String') AS kind_name,
  toUnixTimestamp64Milli(created_at) AS created
FROM annotations FINAL
WHERE site_id = {site:String} AND annotation_id = {annotation:UUID} AND NOT is_deleted
