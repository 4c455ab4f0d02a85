-- The sessions of consecutive days, as parts (see migrations/0022).
-- Reads: $numbered (events). Returns: nothing; writes `sessions`.
INSERT INTO sessions (
  site_id, day, build_id, identity, actor_hash, started_at, is_active, is_started, is_first, is_bounce, duration_ms,
  entry_page, exit_page, source, referrer, channel, utm_source, utm_medium, utm_campaign, utm_term, utm_content,
  hostname, device, browser, browser_version, os, os_version, country, region, city, language, screen_size,
  pageviews, events, hit_path, hit_title, hit_name, hit_pageviews, hit_events
)
SELECT
  {site:String}, transform(window.1, {midnights:Array(Int64)}, {days:Array(Date)}, toDate(0)) AS day, {build:UInt64},
  identity, if(identity = actor_hash, 0, actor_hash), fromUnixTimestamp64Milli(session_start, 'UTC'),
  window.2, window.3, has_first AND window.3 AND window.2,
  session_events = 1 AND session_pageviews = 1, session_end - session_start,
  entry_page, exit_page, source, referrer, channel, utm_source, utm_medium, utm_campaign, utm_term, utm_content,
  hostname, device, browser, browser_version, os, os_version, country, region, city, language, screen_size,
  part_pageviews, part_events, hit_path, hit_title, hit_name, hit_pageviews, hit_events
FROM (
  SELECT
    *,
    min(part_start) OVER session AS session_start,
    max(part_end) OVER session AS session_end,
    sum(part_events) OVER session AS session_events,
    sum(part_pageviews) OVER session AS session_pageviews,
    if(min(first_view.1) OVER session = 18446744073709551615, '', (min(first_view) OVER session).2) AS entry_page,
    (max(last_view) OVER session).2 AS exit_page,
    (max(opening) OVER session) AS opened,
    opened.2 AS source, opened.3 AS referrer, opened.4 AS channel, opened.5 AS utm_source, opened.6 AS utm_medium,
    opened.7 AS utm_campaign, opened.8 AS utm_term, opened.9 AS utm_content,
    roundDown(session_start, {midnights:Array(Int64)}) AS start_day,
    arrayJoin(if(
      start_day = active_day,
      [(active_day, true, true)],
      [(active_day, true, false), (start_day, false, true)]
    )) AS window
  FROM (
    SELECT
      actor_hash, run, segment, active_day, identity,
      any(hostname) AS hostname, any(device) AS device, any(browser) AS browser, any(browser_version) AS browser_version,
      any(os) AS os, any(os_version) AS os_version, any(country) AS country, any(region) AS region, any(city) AS city,
      any(language) AS language, any(screen_size) AS screen_size,
      min(hit_start) AS part_start, max(hit_end) AS part_end, max(has_opening) AS has_first,
      min(hit_first_view) AS first_view, max(hit_last_view) AS last_view, max(hit_opening) AS opening,
      sum(pageviews) AS part_pageviews, sum(events) AS part_events,
      groupArray(path) AS hit_path, groupArray(title) AS hit_title, groupArray(name) AS hit_name,
      groupArray(toUInt32(pageviews)) AS hit_pageviews, groupArray(toUInt32(events)) AS hit_events
    FROM (
      SELECT
        actor_hash, run, segment, active_day, identity, own, hit,
        any(event.hostname) AS hostname, any(event.device) AS device, any(event.browser) AS browser, any(event.browser_version) AS browser_version,
        any(event.os) AS os, any(event.os_version) AS os_version, any(event.country) AS country, any(event.region) AS region, any(event.city) AS city,
        any(event.language) AS language, any(event.screen_size) AS screen_size,
        any(event.path) AS path, any(event.title) AS title, any(event.name) AS name,
        min(t) AS hit_start, max(t) AS hit_end, max(is_first) AS has_opening,
        min(if(type = 'pageview', (position, event.path), (18446744073709551615, ''))) AS hit_first_view,
        max(if(type = 'pageview', (position, event.path), (toUInt64(0), ''))) AS hit_last_view,
        max(if(is_first, (true, source, referrer, channel, utm_source, utm_medium, utm_campaign, utm_term, utm_content),
          (false, '', '', '', '', '', '', '', ''))) AS hit_opening,
        countIf(type = 'pageview') AS pageviews, count() AS events
      FROM (
        SELECT
          *,
          roundDown(t, {midnights:Array(Int64)}) AS active_day,
          if(user_id = '', actor_hash, sipHash64(concat('u:', user_id))) AS identity,
          sipHash64(hostname, device, browser, browser_version, os, os_version, country, region, city, language, screen_size) AS own,
          sipHash64(path, title, name) AS hit
        FROM ($numbered)
      ) AS event
      GROUP BY actor_hash, run, segment, active_day, identity, own, hit
    )
    GROUP BY actor_hash, run, segment, active_day, identity, own
  )
  WINDOW session AS (PARTITION BY actor_hash, run, segment)
)
WHERE day IN {wanted:Array(Date)}
