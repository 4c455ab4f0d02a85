"""GET /doctor: what was accepted, waits, is stored and is rolled up, held against each other hour by hour.

The events are what is true. A day that changed and is not rolled up yet is pending, not wrong: its numbers are read
from the events. Anything else that the rollups count otherwise is a difference, which building the day anew mends.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from footfall import builds, journal
from footfall.counters import REALTIME_MS, Counters
from footfall.days import local_day, midnight, to_ms
from footfall.errors import Unavailable
from footfall.event import POSITIONS
from footfall.event_queue import EventQueue
from footfall.rollup.days import days_between, first_kept, read_date
from footfall.site import Site
from footfall.store import Store

DAYS = 92
"""So many days are examined at once at most."""
DEFAULT_DAYS = 7

Count = tuple[int, int]
"""Pageviews and events."""
Hour = tuple[date, datetime]
"""A local day and the beginning of one of its hours, in the site's zone."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the store found."""

    raw: Mapping[Hour, Count]
    rollup: Mapping[Hour, Count]
    pending: frozenset[date]
    rows_read: int

    @property
    def differences(self) -> list[Hour]:
        """The hours that are counted in two ways though nothing about their day is pending."""
        return [
            hour
            for hour in sorted(self.raw.keys() | self.rollup.keys())
            if hour[0] not in self.pending
            and self.raw.get(hour, (0, 0)) != self.rollup.get(hour, (0, 0))
        ]


def examine(
    query: Mapping[str, str],
    site: Site,
    now: datetime,
    store: Store,
    queue: EventQueue,
    counters: Counters | None,
) -> dict[str, Any]:
    """Reconcile the days from `start` until before `end` (dates; default: the last 7 days); what was found.

    `counters` is None where they cannot be reached. Raises Unprocessable for days that make no sense, Unavailable when
    the store does not answer; what the queue or the counters do not answer is null.
    """
    days = asked_days(query, site, to_ms(now))
    look = _look(days, site, store)
    if look.differences:
        # Ingest notes a change after it can be read, and a run may have published meanwhile: what is wrong stays.
        look = _look(days, site, store)
    dead_letters = _told(queue.dead_letters)
    return {
        "site": site.id,
        "range": {"start": str(days[0]), "end": str(days[-1] + timedelta(days=1))},
        "ok": not look.differences and not dead_letters,
        "waiting": _told(queue.waiting),
        "dead_letters": dead_letters,
        "accepted": _accepted(days, site, now, store, counters),
        "pending": [str(day) for day in sorted(look.pending)],
        "differences": [_shown(hour, look) for hour in look.differences],
        "checked": {
            "days": len(days),
            "hours": len(look.raw.keys() | look.rollup.keys()),
            "events": sum(events for _, events in look.raw.values()),
        },
        "meta": {
            "timezone": site.timezone,
            "at": now.isoformat(timespec="milliseconds"),
            "rows_read": look.rows_read,
        },
    }


def asked_days(query: Mapping[str, str], site: Site, now_ms: int) -> list[date]:
    """The days a question is about. Raises Unprocessable."""
    end = local_day(now_ms, site.zone) + timedelta(days=1)
    if "end" in query:
        end = read_date(query["end"], "end")
    elif "start" in query:
        end = max(end, read_date(query["start"], "start") + timedelta(days=1))
    start = (
        read_date(query["start"], "start")
        if "start" in query
        else max(end - timedelta(days=DEFAULT_DAYS), min(first_kept(site, now_ms), end))
    )
    return days_between(start, end, site, now_ms, DAYS)


def _look(days: Sequence[date], site: Site, store: Store) -> Look:
    start, end = midnight(days[0], site.zone), midnight(days[-1] + timedelta(days=1), site.zone)
    around = timedelta(days=1)
    found = builds.current(store, site.id, days[0] - around, days[-1] + around)
    published = builds.bases(found, days)
    rollup: Sequence[tuple[Any, ...]] = ()
    rows_read = 0
    if published:
        totals = store.select("doctor/totals", {"site": site.id, "published": published})
        rollup, rows_read = totals.rows, totals.rows_read
    begins = {midnight(day, site.zone): day for day in days}
    asked = {
        "site": site.id,
        "start": start,
        "end": end,
        "midnights": list(begins),
        "days": list(begins.values()),
    }
    raw = store.select("doctor/events", asked)
    pending = frozenset(journal.pending(store, site.id))
    pending |= builds.of_other_zones(found, site.timezone)
    return Look(
        _by_hour(raw.rows, site),
        _by_hour(rollup, site),
        pending & frozenset(days),
        rows_read + raw.rows_read,
    )


def _by_hour(rows: Iterable[tuple[Any, ...]], site: Site) -> dict[Hour, Count]:
    """Rows of quarters as hours of the zone's clock; hours of which nothing happened are left out."""
    hours: dict[Hour, Count] = {}
    for day, quarter, pageviews, events in rows:
        if not (pageviews or events):
            continue  # a quarter in which only a session without counted activity began
        moment = datetime.fromtimestamp(quarter * 900, UTC).astimezone(site.zone)
        hour = (day, moment.replace(minute=0, second=0))
        before = hours.get(hour, (0, 0))
        hours[hour] = (before[0] + pageviews, before[1] + events)
    return hours


def _shown(hour: Hour, look: Look) -> dict[str, Any]:
    return {
        "day": str(hour[0]),
        "hour": hour[1].isoformat(),
        "raw": _named(look.raw.get(hour, (0, 0))),
        "rollup": _named(look.rollup.get(hour, (0, 0))),
    }


def _named(count: Count) -> dict[str, int]:
    return {"pageviews": count[0], "events": count[1]}


def _accepted(
    days: Sequence[date], site: Site, now: datetime, store: Store, counters: Counters | None
) -> list[dict[str, Any]] | None:
    """What the live counters counted of the UTC days they still know, beside what is stored of the same kind."""
    if counters is None:
        return None
    known = [day for back in range(3, -1, -1) if (day := now.date() - timedelta(days=back)) in days]
    try:
        counted = counters.deliveries(site.id, known)
    except Unavailable:
        return None
    asked = {
        "site": site.id,
        "days": list(counted),
        "positions": POSITIONS,
        "live_ms": REALTIME_MS,
    }
    rows = store.select("doctor/live", asked).rows if counted else ()
    stored = {day: (pageviews, events) for day, pageviews, events in rows}
    return [
        {"day": str(day), **_named(count), "stored": _named(stored.get(day, (0, 0)))}
        for day, count in counted.items()
    ]


def _told(ask: Callable[[], int | None]) -> int | None:
    """A number, None where the queue does not answer."""
    try:
        return ask()
    except Unavailable:
        return None
