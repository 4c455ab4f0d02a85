-- What the selected events and sessions of a period add up to, by bucket and value.
-- Reads: events, links. Returns: bucket (its start in ms; 0 for none), value, pageviews, events, visitors, sessions,
-- bounces, duration_ms. Events count in the period by their own time, sessions by the time they start.
--
-- A session is a run of one actor's activity without a gap of 30 min, cut at each UTC midnight at which the run has
-- lasted 12 h. So what is needed of the past is the 12.5 h before the first UTC midnight, and of the future 36 h.
SELECT
  bucket,
  value,
  sumIf(part_pageviews, part = 0) AS pageviews,
  sumIf(part_events, part = 0) AS events,
  sumIf(part_visitors, part = 0) AS visitors,
  countIf(part = 1) AS sessions,
  sumIf(is_bounce, part = 1) AS bounces,
  sumIf(session_ms, part = 1) AS duration_ms
FROM (
  SELECT
    part,
    multiIf(part = 0, $event_bucket, $session_bucket) AS bucket,
    $value AS value,
    if(part = 0, (toUInt64(0), toUInt64(0), toInt64(0)), (actor_hash, run, segment)) AS session,
    countIf(type = 'pageview') AS part_pageviews,
    count() AS part_events,
    uniqExactIf(person, part = 0) AS part_visitors,
    any(session_events = 1 AND session_pageviews = 1) AS is_bounce,
    any(session_end - session_start) AS session_ms
  FROM (
    SELECT
      *,
      min(t) OVER session AS session_start,
      max(t) OVER session AS session_end,
      count() OVER session AS session_events,
      countIf(type = 'pageview') OVER session AS session_pageviews
      $session_values
    FROM (
      SELECT
        *,
        (intDiv(run_start + 43200000 - 1, 86400000) + 1) * 86400000 AS first_cut,
        if(t < first_cut, toInt64(0), 1 + intDiv(t - first_cut, 86400000)) AS segment
      FROM (
        SELECT *, min(t) OVER (PARTITION BY actor_hash, run) AS run_start
        FROM (
          SELECT
            *,
            row_number() OVER actor AS position,
            sum(toUInt64(is_fresh)) OVER actor AS run
          FROM (
            SELECT
              *,
              t - lagInFrame(t, 1, t - 1800000) OVER (
                PARTITION BY actor_hash ORDER BY t, receipt, event_id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW
              ) >= 1800000 AS is_fresh
            FROM (
              SELECT
                toUnixTimestamp64Milli(ts) AS t, 18446744073709551614 - version AS receipt, event_id,
                actor_hash, type, $person AS person $columns
              FROM events FINAL
              $links
              WHERE site_id = {site:String}
                AND day BETWEEN toDate(fromUnixTimestamp64Milli({scan_start:Int64}, 'UTC')) AND toDate(fromUnixTimestamp64Milli({scan_end:Int64} - 1, 'UTC'))
                AND type IN ('pageview', 'screen', 'track')
                AND $bots
            )
            WHERE t >= {scan_start:Int64} AND t < {scan_end:Int64}
          )
          WINDOW actor AS (
            PARTITION BY actor_hash ORDER BY t, receipt, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
          )
        )
      )
    )
    WINDOW session AS (PARTITION BY actor_hash, run, segment)
  )
  ARRAY JOIN [0, 1] AS part
  WHERE $filter
    AND if(part = 0, t >= {start:Int64} AND t < {end:Int64}, session_start >= {start:Int64} AND session_start < {end:Int64})
  GROUP BY part, bucket, value, session
)
GROUP BY bucket, value
