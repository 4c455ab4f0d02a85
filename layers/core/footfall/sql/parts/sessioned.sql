-- Every activity that is scanned with what its session is. Reads: $numbered (events, links).
-- Returns: the columns of parts/numbered, session_start, session_end (ms), session_events, session_pageviews,
-- $session_values.
SELECT
  *,
  min(t) OVER session AS session_start,
  max(t) OVER session AS session_end,
  count() OVER session AS session_events,
  countIf(type = 'pageview') OVER session AS session_pageviews
  $session_values
FROM ($numbered)
WINDOW session AS (PARTITION BY actor_hash, run, segment)
