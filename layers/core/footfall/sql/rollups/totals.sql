-- What each quarter of an hour of some days adds up to. Reads: events, sessions (of this build).
-- Returns: nothing; writes `totals`.
INSERT INTO totals (site_id, day, build_id, quarter, pageviews, events, sessions, bounces, duration_ms)
SELECT
  $site, day, $build, fromUnixTimestamp(quarter * 900),
  sum(pageviews), sum(events), sum(sessions), sum(bounces), sum(duration_ms)
FROM (
  SELECT
    $of transform(roundDown(t, {midnights:Array(Int64)}), {midnights:Array(Int64)}, {days:Array(Date)}, toDate(0)) AS day,
    intDiv(t, 900000) AS quarter,
    countIf(type = 'pageview') AS pageviews, count() AS events, 0 AS sessions, 0 AS bounces, 0 AS duration_ms
  FROM (
    SELECT $of toUnixTimestamp64Milli(ts) AS t, type
    FROM events FINAL
    WHERE $sites
      AND day BETWEEN toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(fromUnixTimestamp64Milli({end:Int64} - 1, 'UTC'))
      AND type IN ('pageview', 'screen', 'track')
      AND NOT is_bot
  )
  WHERE t >= {start:Int64} AND t < {end:Int64}
  GROUP BY $of day, quarter
  UNION ALL
  SELECT
    $of day, intDiv(toUnixTimestamp64Milli(started_at), 900000) AS quarter,
    0, 0, count(), countIf(is_bounce), sum(toUInt64(duration_ms))
  FROM sessions
  WHERE $sites AND day IN {wanted:Array(Date)} AND build_id IN {builds:Array(UInt64)} AND is_first
  GROUP BY $of day, quarter
)
WHERE $wanted
GROUP BY $of day, quarter
