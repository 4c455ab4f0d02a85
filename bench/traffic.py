"""Traffic like that of a real site, made inside the store: from numbers by hashes, so that it is always the same.

A visitor has visits, a visit has events. Most visitors come once, some come often (Pareto); some visits are one page,
some are long; pages, towns and referring hosts follow Zipf's law; days and hours have their rhythm. 2 % of the visitors
are bots, 1 % belong to users with two devices, 3 % change their browser under one id, 1 % of the events are delivered
twice. Beside the main site there may be many small ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from string import Template

from footfall.journal import PEOPLE, Change, note
from footfall.migrate import migrate
from footfall.store import Store

END = date(2025, 6, 30)
"""The day after the last one: it lies in the past, so that every day of the traffic is over."""
DAYS = 90
MAIN = "main"
EVENTS_A_VISITOR = 7.85
"""What the distributions below come to, copies not counted."""
EVENTS_A_SMALL_SITE = 5 * DAYS
EVENTS_A_CHUNK = 1_000_000
SMALL_PAGES = 200
SMALL_FIRST = 1_000_000_000
"""The number of the first visitor of small sites: they are other people than the main site's."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What to make: about `events` on the main site, beside it `sites` small ones with a handful of events a day."""

    events: int = 1_000_000
    pages: int = 13_000
    sites: int = 5


@dataclass(frozen=True, slots=True)
class Crowd:
    """Visitors `first` to `first + count` of the main site, or of all small ones (`sites` > 0: site-0 …)."""

    first: int
    count: int
    pages: int
    sites: int = 0


def first_day() -> date:
    """The first day of the traffic."""
    return END - timedelta(days=DAYS)


def crowds(traffic: Traffic) -> list[Crowd]:
    """Who comes: the main site's visitors and those of the small sites."""
    small = traffic.sites * EVENTS_A_SMALL_SITE
    return [
        Crowd(0, round(traffic.events / EVENTS_A_VISITOR), traffic.pages),
        Crowd(SMALL_FIRST, round(small / EVENTS_A_VISITOR), SMALL_PAGES, traffic.sites),
    ]


def load(store: Store, traffic: Traffic, *, merged: bool = True) -> None:
    """Make the tables and fill them; `merged` leaves each month in one part, as a store is after some days.

    First who comes on which day, then the events day by day: so that parts follow each other in the order of the key
    and merge cheaply. Raises Unavailable when the store gives up.
    """
    migrate(store)
    store.execute(f"ALTER TABLE events MODIFY SETTING {LAZY} = 1")
    for crowd in crowds(traffic):
        if crowd.count:
            _load(store, crowd)
    if merged:
        merge(store, "events")
    store.execute(f"ALTER TABLE events RESET SETTING {LAZY}")
    journal(store, traffic)


def journal(store: Store, traffic: Traffic) -> None:
    """Note all days of all sites as changed, as who changes `events` past ingest has to."""
    days = frozenset(first_day() + timedelta(days=day) for day in range(-1, DAYS + 2))
    sites = [MAIN, *(f"site-{number}" for number in range(traffic.sites))]
    note(store, [Change(site_id, days | {PEOPLE}) for site_id in sites])


def _load(store: Store, crowd: Crowd) -> None:
    store.execute("DROP TABLE IF EXISTS bench_visits SYNC")
    store.execute(
        "CREATE TABLE bench_visits (day UInt8, number UInt64, k UInt8) ENGINE = MergeTree ORDER BY day"
    )
    store.execute(visits_sql(crowd))
    store.execute(links_sql(crowd))
    days = max(1, round(EVENTS_A_CHUNK * DAYS / (crowd.count * EVENTS_A_VISITOR)))
    for first in range(0, DAYS, days):
        store.execute(events_sql(crowd, first, first + days))
        store.execute(events_sql(crowd, first, first + days, copies=True))
    store.execute("DROP TABLE bench_visits SYNC")


def merge(store: Store, table: str) -> None:
    """Merge the parts of a table to one a month."""
    store.execute(f"OPTIMIZE TABLE {table} FINAL {LONG}")


LAZY = "max_bytes_to_merge_at_max_space_in_pool"
"""Set to 1 nothing is merged by itself: while a store is filled, one merge at the end costs a third."""
LONG = "SETTINGS max_execution_time = 0"
BIG_BLOCKS = (
    "SETTINGS max_execution_time = 0, max_insert_threads = 1, max_threads = 1, optimize_on_insert = 0,"
    " min_insert_block_size_rows = 2000000, min_insert_block_size_bytes = 1200000000"
)

# How often, device, browser and its version, system and its version, screen.
PROFILES: tuple[tuple[int, str, str, str, str, str, str], ...] = (
    (22, "mobile", "Chrome", "137", "Android", "15", "412x915"),
    (6, "mobile", "Chrome", "136", "Android", "14", "360x800"),
    (5, "mobile", "Samsung Internet", "28", "Android", "15", "384x854"),
    (19, "mobile", "Safari", "18.5", "iOS", "18.5", "393x852"),
    (6, "mobile", "Safari", "17.6", "iOS", "17.6", "390x844"),
    (2, "mobile", "Firefox", "139", "Android", "14", "412x892"),
    (14, "desktop", "Chrome", "137", "Windows", "10", "1920x1080"),
    (4, "desktop", "Chrome", "136", "Windows", "11", "1536x864"),
    (5, "desktop", "Edge", "137", "Windows", "11", "1920x1080"),
    (4, "desktop", "Chrome", "137", "macOS", "15.5", "1512x982"),
    (5, "desktop", "Safari", "18.5", "macOS", "15.5", "1440x900"),
    (2, "desktop", "Firefox", "139", "Windows", "10", "1920x1080"),
    (1, "desktop", "Firefox", "128", "Linux", "", "2560x1440"),
    (1, "desktop", "Opera", "119", "Windows", "10", "1366x768"),
    (3, "tablet", "Safari", "18.5", "iPadOS", "18.5", "820x1180"),
    (1, "tablet", "Chrome", "137", "Android", "13", "800x1280"),
)
# How often, which country, which language.
COUNTRIES: tuple[tuple[int, str, str], ...] = (
    (28, "US", "en-US"),
    (12, "DE", "de-DE"),
    (8, "GB", "en-GB"),
    (7, "IN", "en-IN"),
    (6, "FR", "fr-FR"),
    (4, "CA", "en-CA"),
    (4, "BR", "pt-BR"),
    (3, "NL", "nl-NL"),
    (3, "ES", "es-ES"),
    (3, "IT", "it-IT"),
    (3, "PL", "pl-PL"),
    (2, "JP", "ja-JP"),
    (2, "AU", "en-AU"),
    (2, "AT", "de-AT"),
    (2, "CH", "de-CH"),
    (2, "SE", "sv-SE"),
    (1, "DK", "da-DK"),
    (1, "NO", "nb-NO"),
    (1, "FI", "fi-FI"),
    (1, "MX", "es-MX"),
    (1, "TR", "tr-TR"),
    (1, "KR", "ko-KR"),
    (1, "ZA", "en-ZA"),
    (1, "CZ", "cs-CZ"),
    (1, "", "en-US"),
)
# How often, source, channel, referrer, utm_source, utm_medium, utm_campaign; {} is a number after Zipf.
SOURCES: tuple[tuple[int, str, str, str, str, str, str], ...] = (
    (38, "", "Direct", "", "", "", ""),
    (25, "Google", "Organic Search", "https://www.google.com/", "", "", ""),
    (3, "Bing", "Organic Search", "https://www.bing.com/", "", "", ""),
    (2, "DuckDuckGo", "Organic Search", "https://duckduckgo.com/", "", "", ""),
    (3, "Facebook", "Organic Social", "https://m.facebook.com/", "", "", ""),
    (2, "Reddit", "Organic Social", "https://www.reddit.com/", "", "", ""),
    (1, "LinkedIn", "Organic Social", "https://www.linkedin.com/", "", "", ""),
    (1, "YouTube", "Organic Video", "https://www.youtube.com/", "", "", ""),
    (1, "ChatGPT", "AI assistants", "https://chatgpt.com/", "", "", ""),
    (5, "google", "Paid Search", "https://www.google.com/", "google", "cpc", "campaign-{}"),
    (3, "facebook", "Paid Social", "https://m.facebook.com/", "facebook", "paid_social", "c-{}"),
    (6, "newsletter", "Email", "", "newsletter", "email", "letter-{}"),
    (10, "blog-{}.example", "Referral", "https://blog-{}.example/post/{}", "", "", ""),
)
# How often, name, properties ("" for none, {} is a number).
TRACKED: tuple[tuple[int, str, str], ...] = (
    (25, "signup", '{"plan":"free"}'),
    (10, "signup", '{"plan":"pro"}'),
    (4, "signup", '{"plan":"team","seats":"{}"}'),
    (20, "search", '{"query":"term {}"}'),
    (16, "download", '{"file":"file-{}.pdf"}'),
    (10, "add_to_cart", '{"product":"p-{}","currency":"EUR"}'),
    (5, "purchase", '{"product":"p-{}","currency":"EUR","amount":"{}.99"}'),
    (30, "video_play", ""),
)
WEEK = (10, 10, 10, 10, 9, 6, 7)
"""How busy the days are, Monday first."""
HOURS = (3, 2, 1, 1, 1, 2, 3, 5, 7, 8, 9, 9, 9, 9, 9, 8, 8, 8, 8, 9, 9, 8, 6, 4)


def visits_sql(crowd: Crowd) -> str:
    """INSERT of the visits of a crowd: the day, whose, and which of theirs."""
    days = [(WEEK[(first_day() + timedelta(days=day)).weekday()], day) for day in range(DAYS)]
    return Template(_VISITS).substitute(
        first=crowd.first, count=crowd.count, days=_shares(days), settings=LONG
    )


def events_sql(crowd: Crowd, first: int, end: int, *, copies: bool = False) -> str:
    """INSERT of the events of the days [first, end), or of the second deliveries of some of them."""
    midnight = datetime.combine(first_day(), datetime.min.time(), UTC)
    texts = {"profile": PROFILES, "country": COUNTRIES, "source": SOURCES, "tracked": TRACKED}
    return Template(_EVENTS).substitute(
        _who(crowd),
        first=first,
        end=end,
        pages=crowd.pages,
        hours=_shares(list(zip(HOURS, range(24), strict=True))),
        first_ms=int(midnight.timestamp() * 1000),
        # Of one visit in 28 an event comes twice: 1 % of the events.
        which="cityHash64(number, k, 'copy') % 28 = 0" if copies else "1",
        numbers="[10000 + bitShiftRight(size, 47) % pages_seen]" if copies else "range(pages_seen)",
        settings=BIG_BLOCKS,
        **{
            f"any_{name}": _shares([(int(row[0]), at + 1) for at, row in enumerate(rows)])
            for name, rows in texts.items()
        },
        **{
            f"{name}_{at}": _texts([str(row[at]) for row in rows])
            for name, rows in texts.items()
            for at in range(1, len(rows[0]))
        },
    )


def links_sql(crowd: Crowd) -> str:
    """INSERT of the links of a crowd's visitors to their users."""
    return Template(_LINKS).substitute(
        _who(crowd), first=crowd.first, count=crowd.count, settings=LONG
    )


def _who(crowd: Crowd) -> dict[str, str]:
    site = f"concat('site-', toString(number % {crowd.sites}))" if crowd.sites else f"'{MAIN}'"
    return {"site": site, "actor": _ACTOR, "user": _USER}


def _shares(weighted: Sequence[tuple[int, int]]) -> str:
    """An array in which each number stands as often as its share says."""
    return str([number for share, number in weighted for _ in range(share)])


def _texts(texts: Sequence[str]) -> str:
    return "[" + ", ".join("'" + text + "'" for text in texts) + "]"


_ACTOR = "concat('a:', toString(reinterpretAsUUID(sipHash128(number))))"
# A user has two devices: visitors 0 and 100, 200 and 300, …
_USER = "if(number % 100 = 0, concat('user-', toString(intDiv(number, 200))), '')"

# A hash h gives independent choices as its bit fields; Zipf's law is floor(n ^ u) for u in [0, 1).
_VISITS = """
INSERT INTO bench_visits
WITH $days AS days, 1 / 16777216. AS unit
SELECT
  -- The first visit at some time, the next ones after it, soon rather than late, some on the same day.
  days[1 + if(k = 0 OR visit % 8 = 0, first_slot, toUInt32(first_slot + (length(days) - first_slot)
    * pow(bitAnd(bitShiftRight(visit, 3), 16777215) * unit, 2)))] AS day,
  number,
  k
FROM (
  SELECT number, k, first_slot, cityHash64(number, k) AS visit
  FROM (
    SELECT
      number,
      cityHash64(number, 'person') AS person,
      bitAnd(person, 1048575) % length(days) AS first_slot,
      least(80, toUInt32(pow((1 + bitShiftRight(person, 40)) * unit, -0.625))) AS visits
    FROM numbers($first, $count)
  )
  ARRAY JOIN range(visits) AS k
)
$settings
"""

_EVENTS = """
INSERT INTO events (
  site_id, day, actor_hash, event_id, version, ts, type, name, actor, user_id, path, hostname, title, referrer, source,
  channel, utm_source, utm_medium, utm_campaign, country, region, city, device, browser, browser_version,
  os, os_version, language, screen_size, is_bot, bot_reason, is_imported, properties
)
WITH
  $hours AS hours, 1 / 16777216. AS unit
SELECT
  site_id,
  toDate(ts) AS day,
  actor_hash,
  reinterpretAsUUID(sipHash128(visit, j)) AS event_id,
  18446744073709551614 - (received_at * 65536 + position) AS version,
  fromUnixTimestamp64Milli(at, 'UTC') AS ts,
  if(tracked = 0, 'pageview', 'track') AS type,
  if(tracked = 0, '', $tracked_1[tracked]) AS name,
  actor,
  if(j > 2 OR k > 0, user, '') AS user_id,
  concat(
    '/', ['blog', 'docs', 'shop', 'help', 'news'][1 + page % 5],
    if(page % 3 = 0, '/a-word-or-two-', '/title-of-page-'), toString(page)
  ) AS path,
  'www.example.com' AS hostname,
  concat('The title of page ', toString(page), ' | Example') AS title,
  if(j = 0, replaceAll($source_3[origin], '{}', toString(tail)), '') AS referrer,
  if(j = 0, replaceAll($source_1[origin], '{}', toString(tail)), '') AS source,
  if(j = 0, $source_2[origin], 'Direct') AS channel,
  if(j = 0, $source_4[origin], '') AS utm_source,
  if(j = 0, $source_5[origin], '') AS utm_medium,
  if(j = 0, replaceAll($source_6[origin], '{}', toString(tail % 40)), '') AS utm_campaign,
  country, region, city, device, browser, browser_version, os, os_version, language, screen_size,
  is_bot,
  if(is_bot, 'user_agent', '') AS bot_reason,
  false AS is_imported,
  if(tracked = 0, '', replaceAll($tracked_2[tracked], '{}', detail)) AS properties
FROM (
  SELECT
    *,
    toUInt64(n % 10000) AS j,
    intDiv(n, 10000) AS copy,
    cityHash64(visit, j) AS event,
    started_at + toInt64(j * pace) + if(j = 0, 0, bitShiftRight(event, 20) % intDiv(pace * 9, 10)) AS at,
    at + 150 + bitAnd(bitShiftRight(event, 20), 2047) + copy * (4000 + bitAnd(event, 65535)) AS received_at,
    if(bitAnd(bitShiftRight(event, 31), 3) = 0, bitAnd(bitShiftRight(event, 33), 7), 0) AS position,
    toString(1 + bitShiftRight(event, 56) * tail % 500) AS detail,
    toUInt32(pow($pages, bitShiftRight(event, 40) * unit)) AS page,
    $any_tracked AS what,
    bitAnd(bitShiftRight(event, 10), 1023) AS choice,
    if(j > 0 AND bitAnd(event, 1023) < 210, what[1 + choice % length(what)], 0) AS tracked
  FROM (
    SELECT
      *,
      cityHash64(number, k) AS visit, cityHash64(visit, 'ways') AS ways, cityHash64(visit, 'size') AS size,
      hours[1 + bitShiftRight(visit, 30) % length(hours)] AS hour,
      toInt64($first_ms) + visit_day * 86400000 + hour * 3600000 + cityHash64(visit) % 3600000 AS started_at,
      if(bitAnd(size, 1023) < 430, 1,
        2 + toUInt32(-4 * log((1 + bitAnd(bitShiftRight(size, 10), 65535)) / 65537))) AS pages_seen,
      toUInt32(4000 * pow(200, bitAnd(bitShiftRight(size, 26), 65535) / 65536)) AS pace,
      $any_source[1 + bitAnd(ways, 1048575) % length($any_source)] AS origin,
      toUInt32(pow(3000, bitShiftRight(ways, 40) * unit)) AS tail,
      $any_profile[1 + if(number % 32 = 7, visit, agent) % length($any_profile)] AS profile,
      $profile_1[profile] AS device, $profile_2[profile] AS browser, $profile_3[profile] AS browser_version,
      $profile_4[profile] AS os, $profile_5[profile] AS os_version, $profile_6[profile] AS screen_size,
      $numbers AS ns
    FROM (
      SELECT
        day AS visit_day,
        number,
        k,
        $site AS site_id,
        $actor AS actor,
        sipHash64(actor) AS actor_hash,
        $user AS user,
        cityHash64(number, 'agent') AS agent,
        number % 50 = 3 AS is_bot,
        toUInt32(pow(5000, bitShiftRight(agent, 40) * unit)) AS town,
        $any_country[1 + cityHash64(town) % length($any_country)] AS nation,
        $country_1[nation] AS country,
        if(country = '', '', concat(country, '-', toString(town % 16))) AS region,
        if(country = '', '', concat('Town ', toString(town))) AS city,
        $country_2[nation] AS language
      FROM bench_visits
      WHERE day >= $first AND day < $end AND $which
    )
  )
  ARRAY JOIN ns AS n
)
$settings
"""

_LINKS = """
INSERT INTO links (site_id, actor, entry)
SELECT
  $site,
  $actor,
  (toUInt64(1743465600000 * 65536 + number), toString(reinterpretAsUUID(sipHash128(number, 'link'))), $user)
FROM numbers($first, $count)
WHERE $user != ''
$settings
"""
