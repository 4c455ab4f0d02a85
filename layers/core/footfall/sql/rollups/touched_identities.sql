-- All identities of the touched visitors. Reads: touched, people. Returns: nothing; writes `touched`.
INSERT INTO touched (build_id, identity)
SELECT DISTINCT {builds:Array(UInt64)}[1], identity
FROM ($before UNION ALL $now)
WHERE person IN (SELECT identity FROM touched WHERE build_id = {builds:Array(UInt64)}[1])
