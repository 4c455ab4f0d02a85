-- One site as it is now.
-- Reads: sites. Returns: as registry/sites, one row or none.
SELECT
  site_id, name, domains, timezone, settings, is_deleted,
  toUnixTimestamp64Milli(created_at) AS created,
  toUnixTimestamp64Milli(updated_at) AS updated
FROM sites FINAL
WHERE site_id = {site:String}
