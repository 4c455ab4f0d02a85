"""The rival: an ordinary events table in the order of time, and the questions of an ordinary dashboard asked of it.

This is the sketch that Footfall started from: its table with its types, engine and order, and its statements, with
the types of the parameters mended so that they run (`DateTime64` needs its precision, the driver no ISO text). Its rows
would be gone after a year: the TTL is left out, since the traffic is older. It has no sites, bots or copies, so it gets
the settled events of the main site; it has no sessions, bounces and durations: those cost it nothing here.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial

from bench.measure import Cost, MeteredStore, cost
from bench.traffic import DAYS, LAZY, LONG, MAIN, first_day

TABLE = """CREATE TABLE IF NOT EXISTS analytics_events (
  event_id String,
  event_type LowCardinality(String),
  event_name LowCardinality(String),
  timestamp DateTime64(3),
  date Date MATERIALIZED toDate(timestamp),
  hour UInt8 MATERIALIZED toHour(timestamp),
  user_id String,
  anonymous_id String,
  session_id String,
  page_path String,
  page_title String,
  page_referrer String,
  device_type LowCardinality(String),
  browser_name LowCardinality(String),
  browser_version String,
  os_name LowCardinality(String),
  os_version String,
  country LowCardinality(String),
  city String,
  screen_width UInt16,
  screen_height UInt16,
  utm_source LowCardinality(String),
  utm_medium LowCardinality(String),
  utm_campaign LowCardinality(String),
  properties String
) ENGINE = MergeTree()
PARTITION BY toYYYYMM(timestamp)
ORDER BY (timestamp, event_type, anonymous_id)"""

FILL = """INSERT INTO analytics_events (
  event_id, event_type, event_name, timestamp, user_id, anonymous_id, session_id, page_path, page_title, page_referrer,
  device_type, browser_name, browser_version, os_name, os_version, country, city, screen_width, screen_height,
  utm_source, utm_medium, utm_campaign, properties
)
SELECT
  toString(event_id), type, name, ts, user_id, substring(actor, 3),
  toString(reinterpretAsUUID(sipHash128(actor, day))), path, title, referrer,
  device, browser, browser_version, os, os_version, country, city,
  toUInt16OrZero(splitByChar('x', screen_size)[1]), toUInt16OrZero(splitByChar('x', screen_size)[-1]),
  utm_source, utm_medium, utm_campaign, if(properties = '', '{}', properties)
FROM events FINAL
WHERE site_id = {site:String} AND day = {day:Date}"""

DIMENSIONS = (
    "page_path",
    "page_referrer",
    "utm_source",
    "country",
    "city",
    "device_type",
    "browser_name",
    "os_name",
)
PAGE = "breakdown page_path"

PAGEVIEWS = """SELECT count() as value
FROM analytics_events
WHERE event_type = 'pageview' AND timestamp >= {start:DateTime64(3)} AND timestamp < {end:DateTime64(3)}"""
VISITORS = """SELECT uniqExact(anonymous_id) as value
FROM analytics_events
WHERE timestamp >= {start:DateTime64(3)} AND timestamp < {end:DateTime64(3)}"""
TIMESERIES = """SELECT toDate(timestamp) as date, $metric as value
FROM analytics_events
WHERE timestamp >= {start:DateTime64(3)} AND timestamp < {end:DateTime64(3)}
GROUP BY date
ORDER BY date"""
BREAKDOWN = """SELECT $column as dimension, uniqExact(anonymous_id) as value
FROM analytics_events
WHERE timestamp >= {start:DateTime64(3)} AND timestamp < {end:DateTime64(3)} AND $column != ''
GROUP BY dimension
ORDER BY value DESC
LIMIT 10"""


def fill(store: MeteredStore) -> None:
    """Make the rival's table anew from our events, and merge it."""
    store.execute("DROP TABLE IF EXISTS analytics_events SYNC")
    store.execute(TABLE)
    store.execute(f"ALTER TABLE analytics_events MODIFY SETTING {LAZY} = 1")
    for day in range(DAYS + 1):
        store.execute(f"{FILL} {LONG}", {"site": MAIN, "day": first_day() + timedelta(days=day)})
    store.execute(f"OPTIMIZE TABLE analytics_events FINAL {LONG}")
    store.execute(f"ALTER TABLE analytics_events RESET SETTING {LAZY}")


def dashboard(start: date, end: date) -> Iterator[tuple[str, str, Mapping[str, datetime]]]:
    """The statements of a dashboard over [start, end), by name, with what they bind."""
    period = {"start": _midnight(start), "end": _midnight(end)}
    before = {"start": _midnight(start - (end - start)), "end": _midnight(start)}
    for name, sql in (("pageviews", PAGEVIEWS), ("visitors", VISITORS)):
        yield name, sql, period
        yield f"{name} before", sql, before
    for name, metric in (("visitors", "uniqExact(anonymous_id)"), ("pageviews", "count()")):
        yield f"series {name}", TIMESERIES.replace("$metric", metric), period
    for column in DIMENSIONS:
        yield f"breakdown {column}", BREAKDOWN.replace("$column", column), period


def costs(store: MeteredStore, start: date, end: date, runs: int) -> dict[str, Cost]:
    """What each statement of the dashboard costs, by name."""
    return {
        name: cost(partial(store.query, f"{sql} {FREE}", parameters), store, runs)
        for name, sql, parameters in dashboard(start, end)
    }


FREE = "SETTINGS max_execution_time = 0, max_memory_usage = 0"
"""What the rival may need: sets of the visitors of every page."""


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
