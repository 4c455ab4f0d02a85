-- `changes` (0008) takes the place of the view and of `arrivals`: it is written after what it tells of can be read.
DROP VIEW IF EXISTS arrivals_feed
