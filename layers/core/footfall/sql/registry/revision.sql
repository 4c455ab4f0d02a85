-- The latest change of the registry. Reads: sites, keys. Returns: revision.
SELECT greatest((SELECT max(version) FROM sites), (SELECT max(version) FROM keys)) AS revision
