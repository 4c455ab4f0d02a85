"""A batch of queue messages becomes rows: links, ONE insert of events, copies settled, and what changed noted.

When this returns, every message not named as failed is stored, and readers see each event id once. Redelivery repeats
rows and links that are equal to those already there, so twice is the same as once. A message that cannot be read goes
to the dead-letter queue at once; when the store does not answer, the whole batch stays on the queue.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from footfall.days import FIRST_DAY, LAST_DAY, local_day, utc_day
from footfall.errors import Unavailable
from footfall.event import ACTIVITY, Event, stored_id
from footfall.event_queue import EventQueue, Message, unpack_all
from footfall.ingest.erased import kept
from footfall.ingest.rejects import store_rejects
from footfall.ingest.table import table
from footfall.ingest.unverified import split_by_key
from footfall.journal import PEOPLE, Change, around, note
from footfall.reject import not_stored
from footfall.store import RowsRefused, Store
from footfall.telemetry import report
from footfall.tombstones import hide

ZoneOf = Callable[[str], ZoneInfo]

IDS_A_STATEMENT = 2_000
WRONG_KEY = "This key is not known. It could not be looked up when the event was received."
COPY_DAYS = 8
"""Copies of live events are looked for this many days around; imports are looked for everywhere."""


def ingest(
    messages: Mapping[str, str], store: Store, queue: EventQueue, zone_of: ZoneOf
) -> list[str]:
    """Store the events of messages (message id to body); the ids of those that have to come again.

    `zone_of` tells the time zone of a site: its days are what rollups are made of.
    Raises Unavailable when the store does not answer: then all of them have to.
    """
    with uncollected():
        return _ingest(messages, store, queue, zone_of)


@contextmanager
def uncollected() -> Iterator[None]:
    """Let the collector of cycles rest: a batch makes a hundred thousand objects and no cycle, and looking for one in
    them takes a third of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _ingest(
    messages: Mapping[str, str], store: Store, queue: EventQueue, zone_of: ZoneOf
) -> list[str]:
    readable: dict[str, Message] = {}
    failed: list[str] = []
    unpacked = unpack_all(messages.values())
    for (message_id, body), message in zip(messages.items(), unpacked, strict=True):
        if message is None:
            failed += _bury(message_id, body, queue)
        else:
            readable[message_id] = message
    try:
        _store(list(readable.values()), store, zone_of)
    except Unavailable:
        raise
    except Exception:  # noqa: BLE001 - whichever message it is about, the others are to be stored
        for message_id, message in readable.items():
            try:
                _store([message], store, zone_of)
            except Unavailable:
                raise
            except RowsRefused:
                failed += _bury(message_id, messages[message_id], queue)
            except Exception as error:  # noqa: BLE001 - the queue buries what fails again and again
                report("a message cannot be stored", error)
                failed.append(message_id)
    return failed


def _bury(message_id: str, body: str, queue: EventQueue) -> list[str]:
    try:
        queue.bury(body)
    except Unavailable:
        return [message_id]
    return []


def _store(messages: Sequence[Message], store: Store, zone_of: ZoneOf) -> None:
    _store_events([event for message in messages for event in message.events], store, zone_of)
    store_rejects([reject for message in messages for reject in message.rejects], store)


def _store_events(events: Sequence[Event], store: Store, zone_of: ZoneOf) -> None:
    events, of_wrong_keys = split_by_key(events, store)
    store_rejects([not_stored(event, "wrong_key", WRONG_KEY) for event in of_wrong_keys], store)
    events = kept(events, store)
    by_site: dict[str, list[Event]] = {}
    for event in events:
        by_site.setdefault(event.site_id, []).append(event)
    for site_id, own in by_site.items():
        has_people = _store_people(site_id, own, store)
        store.insert_columns("events", table(own))
        settled = settle_copies(site_id, own, store)
        ids = {stored_id(event.event_id): event for event in own}
        changed = [event for event_id, event in ids.items() if event_id not in settled.unchanged]
        windows = touched_windows(site_id, changed, zone_of(site_id), store)
        has_people = has_people or _shows_previous_id(site_id, own, sorted(ids), store)
        windows |= around(settled.moved) | ({PEOPLE} if has_people else set())
        # Last: a change that is noted can be read.
        note(store, [Change(site_id, windows, sorted(ids))])
    kept(events, store)  # what was erased meanwhile goes again


def _store_people(site_id: str, events: Sequence[Event], store: Store) -> bool:
    """Store the links and aliases of events; whether there were any that stand. Most events repeat a known link."""
    entries = _links(events)
    standing: dict[str, tuple[int, str, str]] = {}
    actors = sorted(entries)
    for at in range(0, len(actors), IDS_A_STATEMENT):
        some = {"site": site_id, "actors": actors[at : at + IDS_A_STATEMENT]}
        standing |= dict(store.select("ingest/standing_links", some).rows)
    # Also one that is the standing one: the batch may have been cut off before this was noted.
    earlier = [
        {"site_id": site_id, "actor": actor, "entry": list(entry)}
        for actor, entry in entries.items()
        if actor not in standing or entry <= tuple(standing[actor])
    ]
    aliases = _aliases(events)
    store.insert("links", earlier)
    store.insert("aliases", aliases)
    return bool(earlier or aliases)


def _shows_previous_id(
    site_id: str, events: Sequence[Event], event_ids: Sequence[str], store: Store
) -> bool:
    """Whether an anonymousId is seen for the first time that an alias named before: it named the actor, then, and not
    a user.
    """
    anonymous = sorted({event.anonymous_id for event in events} - {""})
    for at in range(0, len(anonymous), IDS_A_STATEMENT):
        some = {"site": site_id, "anonymous_ids": anonymous[at : at + IDS_A_STATEMENT]}
        actors = {f"a:{found}" for (found,) in store.select("ingest/aliased", some).rows}
        if not actors:
            continue
        asked = {"site": site_id, "actors": sorted(actors), "event_ids": list(event_ids)}
        if actors - {actor for (actor,) in store.select("ingest/seen_before", asked).rows}:
            return True
    return False


@dataclass(slots=True)
class Settled:
    """What the search for copies found: ids that stand as they stood, and the UTC days of those that moved."""

    unchanged: set[str] = field(default_factory=set)
    moved: set[date] = field(default_factory=set)


def settle_copies(site_id: str, events: Sequence[Event], store: Store) -> Settled:
    """Remove copies of these events, just stored, that lie under another key.

    Copies of live events are looked for around their days, those of imports everywhere. Raises Unavailable.
    """
    settled = Settled()
    live = [event for event in events if not event.is_imported]
    if live:
        own = [utc_day(event.ts) for event in live]
        around_them = timedelta(days=COPY_DAYS)
        first = max(min(own), FIRST_DAY + around_them) - around_them
        _settle(site_id, live, first, max(own) + around_them, store, settled)
    imported = [event for event in events if event.is_imported]
    _settle(site_id, imported, FIRST_DAY, LAST_DAY, store, settled)
    return settled


def _settle(
    site_id: str, events: Sequence[Event], first: date, last: date, store: Store, settled: Settled
) -> None:
    delivered: dict[str, set[int]] = {}
    for event in events:
        delivered.setdefault(stored_id(event.event_id), set()).add(event.receipt + 1)
    event_ids = sorted(delivered)
    for at in range(0, len(event_ids), IDS_A_STATEMENT):
        asked = {
            "site": site_id,
            "from_day": first,
            "to_day": last,
            "event_ids": event_ids[at : at + IDS_A_STATEMENT],
        }
        copied = {
            str(event_id): rows for event_id, rows in store.select("ingest/copies", asked).rows
        }
        losers = {
            event_id: sorted({row[:2] for row in rows} - {rows[0][:2]})
            for event_id, rows in copied.items()
        }
        hide(losers, site_id, store)
        for event_id, rows in copied.items():
            others = [row for row in rows if row[2] not in delivered[event_id]]
            if others and rows[0] in others:
                settled.unchanged.add(event_id)
            elif others:
                settled.moved |= {day for day, *_ in rows}


def touched_windows(
    site_id: str, events: Sequence[Event], zone: ZoneInfo, store: Store
) -> frozenset[date]:
    """The local days that these events, now stored, have changed: those of the runs they are part of.

    An event that joins two sessions changes both, one that begins a session changes it whole, and a run that is cut
    at a midnight is cut elsewhere: all of that happens within its run. Raises Unavailable.
    """
    active = [event for event in events if event.type in ACTIVITY]
    windows: set[date] = set()
    for at in range(0, len(active), IDS_A_STATEMENT):
        some = active[at : at + IDS_A_STATEMENT]
        days = [utc_day(event.ts) for event in some]
        asked = {
            "site": site_id,
            "from_day": max(min(days) - timedelta(days=2), FIRST_DAY),
            "to_day": max(days) + timedelta(days=2),
            "actors": sorted({event.actor for event in some}),
            "event_ids": sorted({stored_id(event.event_id) for event in some}),
        }
        for first, last in store.select("ingest/touched_runs", asked).rows:
            day, end = local_day(first, zone), local_day(last, zone)
            while day <= end:
                windows.add(day)
                day += timedelta(days=1)
    return frozenset(windows)


def _links(events: Iterable[Event]) -> dict[str, tuple[int, str, str]]:
    """Entries of `links`, of each actor the first: deliveries with both ids, aliases of anonymousIds."""
    entries: dict[str, tuple[int, str, str]] = {}
    for event in events:
        entry = (event.receipt, event.event_id, event.user_id)
        for actor in (
            event.anonymous_id and event.user_id and f"a:{event.anonymous_id}",
            event.previous_id and f"a:{event.previous_id}",
        ):
            if actor:
                entries[actor] = min(entry, entries.get(actor, entry))
    return entries


def _aliases(events: Iterable[Event]) -> list[dict[str, Any]]:
    return [
        {
            "site_id": event.site_id,
            "previous_id": event.previous_id,
            "receipt": event.receipt,
            "event_id": event.event_id,
            "user_id": event.user_id,
        }
        for event in events
        if event.previous_id
    ]
