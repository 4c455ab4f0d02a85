-- The latest change of the registry. Reads: sites, keys, shares. Returns: revision.
SELECT greatest(
  (SELECT max(version) FROM sites), (SELECT max(version) FROM keys), (SELECT max(version) FROM shares)
) AS revision
