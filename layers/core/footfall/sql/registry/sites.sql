-- All sites that were made, deleted ones too.
-- Reads: sites. Returns: site_id, name, domains, timezone, settings (JSON), is_deleted, created, updated (ms).
SELECT
  site_id, name, domains, timezone, settings, is_deleted,
  toUnixTimestamp64Milli(created_at) AS created,
  toUnixTimestamp64Milli(updated_at) AS updated
FROM sites FINAL
ORDER BY site_id
