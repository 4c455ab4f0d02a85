-- Every activity of the events that are scanned, with the session it belongs to: (actor_hash, run, segment).
-- Reads: events, links. Returns: t (ms), receipt, event_id, actor_hash, type, person, $columns; position (among the
-- actor's), run, segment, is_first (whether a session begins with it).
--
-- A session is a run of one actor's activity without a gap of 30 min, cut at each UTC midnight at which the run has
-- lasted 12 h. So what is needed of the past is the 12.5 h before the first UTC midnight, and of the future 36 h.
SELECT
  *,
  (intDiv(run_start + 43200000 - 1, 86400000) + 1) * 86400000 AS first_cut,
  if(t < first_cut, toInt64(0), 1 + intDiv(t - first_cut, 86400000)) AS segment,
  is_fresh OR (segment > 0 AND previous_t < first_cut + (segment - 1) * 86400000) AS is_first
FROM (
  SELECT
    *,
    row_number() OVER actor AS position,
    sum(toUInt64(is_fresh)) OVER actor AS run,
    maxIf(t, is_fresh) OVER actor AS run_start
  FROM (
    SELECT
      *,
      lagInFrame(t, 1, t - 1800000) OVER (
        PARTITION BY $of actor_hash ORDER BY t, receipt, event_id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW
      ) AS previous_t,
      t - previous_t >= 1800000 AS is_fresh
    FROM (
      SELECT
        toUnixTimestamp64Milli(ts) AS t, 18446744073709551614 - version AS receipt, event_id,
        actor_hash, type, $person AS person $columns
      FROM events FINAL
      $links
      WHERE $sites
        AND $days
        AND type IN ('pageview', 'screen', 'track')
        AND $bots
    )
    WHERE $scanned
  )
  WINDOW actor AS (
    PARTITION BY $of actor_hash ORDER BY t, receipt, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  )
)
