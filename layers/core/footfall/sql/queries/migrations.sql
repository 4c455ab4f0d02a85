-- Which migrations have been applied. Reads: schema_migrations. Returns: version.
SELECT DISTINCT version
FROM schema_migrations
