-- The sessions of consecutive days, as parts (see migrations/0014).
-- Reads: $numbered, $events (events). Returns: nothing; writes `sessions`.
INSERT INTO sessions (
  site_id, day, build_id, identity, actor_hash, started_at, is_active, is_started, is_first, is_whole, is_bounce, duration_ms,
  entry_page, exit_page, source, referrer, channel, utm_source, utm_medium, utm_campaign, utm_term, utm_content,
  hostname, device, browser, browser_version, os, os_version, country, region, city, language, screen_size,
  pageviews, events, hit_path, hit_title, hit_name, hit_is_pageview
)
SELECT
  $site, transform(window.1, {midnights:Array(Int64)}, {days:Array(Date)}, toDate(0)) AS day, $build,
  identity, if(identity = actor_hash, 0, actor_hash), fromUnixTimestamp64Milli(session_start, 'UTC'),
  window.2, window.3, has_first AND window.3 AND window.2, part_events = session_events,
  session_events = 1 AND session_pageviews = 1, session_end - session_start,
  entry_page, exit_page, source, referrer, channel, utm_source, utm_medium, utm_campaign, utm_term, utm_content,
  hostname, device, browser, browser_version, os, os_version, country, region, city, language, screen_size,
  part_pageviews, part_events, hit_path, hit_title, hit_name, hit_is_pageview
FROM (
  SELECT
    *,
    anyIf(part.first_view, part.first_view != '') OVER session AS entry_page,
    anyIf(part.last_view, part.last_view != '') OVER session AS exit_page,
    anyIf(part.opening_source, has_first) OVER session AS source,
    anyIf(part.opening_referrer, has_first) OVER session AS referrer,
    anyIf(part.opening_channel, has_first) OVER session AS channel,
    anyIf(part.opening_utm_source, has_first) OVER session AS utm_source,
    anyIf(part.opening_utm_medium, has_first) OVER session AS utm_medium,
    anyIf(part.opening_utm_campaign, has_first) OVER session AS utm_campaign,
    anyIf(part.opening_utm_term, has_first) OVER session AS utm_term,
    anyIf(part.opening_utm_content, has_first) OVER session AS utm_content,
    roundDown(session_start, {midnights:Array(Int64)}) AS start_day,
    arrayJoin(if(
      start_day = active_day,
      [(active_day, true, true)],
      [(active_day, true, false), (start_day, false, true)]
    )) AS window
  FROM (
    SELECT
      $of actor_hash, session_start, active_day, identity,
      any(whole.session_end) AS session_end, any(whole.session_events) AS session_events,
      any(whole.session_pageviews) AS session_pageviews,
      any(event.hostname) AS hostname, any(event.device) AS device, any(event.browser) AS browser,
      any(event.browser_version) AS browser_version, any(event.os) AS os, any(event.os_version) AS os_version,
      any(event.country) AS country, any(event.region) AS region, any(event.city) AS city,
      any(event.language) AS language, any(event.screen_size) AS screen_size,
      max(event_id = first_id) AS has_first,
      anyIf(path, event_id = first_view_id) AS first_view, anyIf(path, event_id = last_view_id) AS last_view,
      anyIf(source, event_id = first_id) AS opening_source, anyIf(referrer, event_id = first_id) AS opening_referrer,
      anyIf(channel, event_id = first_id) AS opening_channel, anyIf(utm_source, event_id = first_id) AS opening_utm_source,
      anyIf(utm_medium, event_id = first_id) AS opening_utm_medium,
      anyIf(utm_campaign, event_id = first_id) AS opening_utm_campaign,
      anyIf(utm_term, event_id = first_id) AS opening_utm_term, anyIf(utm_content, event_id = first_id) AS opening_utm_content,
      countIf(type = 'pageview') AS part_pageviews, count() AS part_events,
      groupArray(path) AS hit_path, groupArray(title) AS hit_title, groupArray(name) AS hit_name,
      groupArray(type = 'pageview') AS hit_is_pageview
    FROM (
      SELECT
        *,
        roundDown(t, {midnights:Array(Int64)}) AS active_day,
        if(user_id = '', actor_hash, sipHash64(concat('u:', user_id))) AS identity,
        sipHash64(hostname, device, browser, browser_version, os, os_version, country, region, city, language, screen_size) AS own
      FROM ($events)
      WHERE $scanned
    ) AS event
    ASOF INNER JOIN (
      -- Events of one moment are of one session, so its start alone finds it.
      SELECT
        $of actor_hash, min(t) AS session_start, max(t) AS session_end,
        count() AS session_events, countIf(type = 'pageview') AS session_pageviews,
        argMin(event_id, position) AS first_id,
        argMinIf(event_id, position, type = 'pageview') AS first_view_id,
        argMaxIf(event_id, position, type = 'pageview') AS last_view_id
      FROM ($numbered)
      GROUP BY $of actor_hash, run, segment
    ) AS whole ON $same event.actor_hash = whole.actor_hash AND event.t >= whole.session_start
    GROUP BY $of actor_hash, session_start, active_day, identity, own
  ) AS part
  WINDOW session AS (PARTITION BY $of actor_hash, session_start)
)
WHERE $wanted
