-- Events with what their session is, as it was rolled up: that of their actor which began last before them.
-- Reads: $events (events, links), sessions of the builds that count.
-- Returns: the columns of $events, session_start, session_end (ms), session_is_bounce, $session_values.
SELECT
  event.*,
  session.session_start AS session_start,
  session.session_end AS session_end,
  session.session_is_bounce AS session_is_bounce
  $session_values
FROM (SELECT * FROM ($events) WHERE $filter) AS event
ASOF JOIN (
  SELECT
    if(actor_hash = 0, identity, actor_hash) AS actor,
    toUnixTimestamp64Milli(started_at) AS session_start,
    session_start + duration_ms AS session_end,
    is_bounce AS session_is_bounce
    $columns
  FROM sessions
  WHERE site_id = {site:String} AND $built
) AS session ON event.actor_hash = session.actor AND event.t >= session.session_start
WHERE event.t <= session.session_end
