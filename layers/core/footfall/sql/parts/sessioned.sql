-- Every activity that is scanned with what its session is. Reads: $numbered (events, links).
-- Returns: the columns of parts/numbered, session_start, session_end (ms), session_is_bounce, $session_values.
SELECT
  *,
  min(t) OVER session AS session_start,
  max(t) OVER session AS session_end,
  count() OVER session = 1 AND countIf(type = 'pageview') OVER session = 1 AS session_is_bounce
  $session_values
FROM ($numbered)
WINDOW session AS (PARTITION BY actor_hash, run, segment)
