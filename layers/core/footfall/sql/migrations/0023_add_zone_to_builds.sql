-- The zone whose days a build is made of: a site's zone can be changed, and days of another zone are other days.
-- '' (builds from before) counts as the site's.
ALTER TABLE builds ADD COLUMN IF NOT EXISTS zone LowCardinality(String) DEFAULT ''
