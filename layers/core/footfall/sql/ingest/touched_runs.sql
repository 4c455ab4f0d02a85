-- When the runs of activity began and ended that the given events are part of: whatever a new event changes lies in
-- between. A run has no gap of 30 minutes.
-- Reads: events of the actors on the days given. Returns: first, last (ms).
SELECT DISTINCT min(t) AS first, max(t) AS last
FROM (
  SELECT actor_hash, event_id, t, sum(toUInt64(is_fresh)) OVER (
    PARTITION BY actor_hash ORDER BY t ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  ) AS run
  FROM (
    SELECT actor_hash, event_id, t, t - lagInFrame(t, 1, t - 1800000) OVER (
      PARTITION BY actor_hash ORDER BY t ROWS BETWEEN 1 PRECEDING AND CURRENT ROW
    ) >= 1800000 AS is_fresh
    FROM (
      SELECT actor_hash, event_id, toUnixTimestamp64Milli(ts) AS t
      FROM events FINAL
      WHERE site_id = {site:String}
        AND day BETWEEN {from_day:Date} AND {to_day:Date}
        AND actor_hash IN (SELECT sipHash64(arrayJoin({actors:Array(String)})))
        AND type IN ('pageview', 'screen', 'track')
        AND NOT is_bot
    )
  )
)
GROUP BY actor_hash, run
HAVING max(event_id IN {event_ids:Array(UUID)})
