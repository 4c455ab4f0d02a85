-- The journal of earlier versions.
DROP TABLE IF EXISTS arrivals
