-- How many identities a build works on. Reads: touched. Returns: identities.
SELECT count() AS identities
FROM touched
WHERE build_id = {build:UInt64}
