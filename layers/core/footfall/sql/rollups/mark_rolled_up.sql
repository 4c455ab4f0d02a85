-- Marks that every change noted before a time has been rolled up: before the oldest that is not, and well before now,
-- since a change can be read later than its time says. Reads: nothing. Returns: nothing; writes `marks`.
INSERT INTO marks (name, at)
SELECT 'rolled_up', least(now64(3, 'UTC'), fromUnixTimestamp64Milli({oldest:Int64}, 'UTC')) - INTERVAL 10 MINUTE
