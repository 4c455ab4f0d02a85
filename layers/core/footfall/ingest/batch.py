"""A batch of queue messages becomes rows: links first, then ONE insert of events, then copies are settled.

When this returns, every message not named as failed is stored, and readers see each event id once. Redelivery repeats
rows and links that are equal to those already there, so twice is the same as once. A message that cannot be read goes
to the dead-letter queue at once; when the store does not answer, the whole batch stays on the queue.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from footfall.errors import Unavailable
from footfall.event import Event, event_uuid
from footfall.event_queue import EventQueue, Undecodable, unpack
from footfall.ingest.row import row
from footfall.site import DAY_MS
from footfall.store import RowsRefused, Store

IDS_A_STATEMENT = 2_000
COPY_DAYS = 8
"""Copies of live events are looked for this many days around; imports are looked for everywhere."""
_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(2149, 6, 6)


def ingest(messages: Mapping[str, str], store: Store, queue: EventQueue) -> list[str]:
    """Store the events of messages (message id to body); the ids of those that have to come again.

    Raises Unavailable when the store does not answer: then all of them have to.
    """
    readable: dict[str, list[Event]] = {}
    failed: list[str] = []
    for message_id, body in messages.items():
        try:
            readable[message_id] = unpack(body)
        except Undecodable:
            failed += _bury(message_id, body, queue)
    try:
        _store_events([event for events in readable.values() for event in events], store)
    except RowsRefused:
        for message_id, events in readable.items():
            try:
                _store_events(events, store)
            except RowsRefused:
                failed += _bury(message_id, messages[message_id], queue)
    return failed


def _bury(message_id: str, body: str, queue: EventQueue) -> list[str]:
    try:
        queue.bury(body)
    except Unavailable:
        return [message_id]
    return []


def _store_events(events: Sequence[Event], store: Store) -> None:
    if not events:
        return
    store.insert("links", _links(events))
    store.insert("aliases", _aliases(events))
    rows = [row(event) for event in events]
    store.insert("events", rows)
    for site_id in {event.site_id for event in events}:
        own = [event for event in events if event.site_id == site_id]
        live = [event for event in own if not event.is_imported]
        if live:
            days = [date.fromordinal(_FIRST_DAY.toordinal() + event.ts // DAY_MS) for event in live]
            around = timedelta(days=COPY_DAYS)
            settle_copies(
                site_id, live, max(min(days) - around, _FIRST_DAY), max(days) + around, store
            )
        imported = [event for event in own if event.is_imported]
        settle_copies(site_id, imported, _FIRST_DAY, _LAST_DAY, store)


def settle_copies(
    site_id: str, events: Sequence[Event], first: date, last: date, store: Store
) -> None:
    """Remove copies of these events that lie under another key, on the days first to last. Raises Unavailable."""
    event_ids = sorted({str(event_uuid(event.event_id)) for event in events})
    for at in range(0, len(event_ids), IDS_A_STATEMENT):
        store.run(
            "ingest/settle_copies",
            {
                "site": site_id,
                "from_day": first,
                "to_day": last,
                "event_ids": event_ids[at : at + IDS_A_STATEMENT],
            },
        )


def _links(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Entries of `links`, of each actor the first: deliveries with both ids, aliases of anonymousIds."""
    entries: dict[tuple[str, str], tuple[int, str, str]] = {}
    for event in events:
        entry = (event.receipt, event.event_id, event.user_id)
        for actor in (
            event.anonymous_id and event.user_id and f"a:{event.anonymous_id}",
            event.previous_id and f"a:{event.previous_id}",
        ):
            if actor:
                key = (event.site_id, actor)
                entries[key] = min(entry, entries.get(key, entry))
    return [
        {"site_id": site_id, "actor": actor, "entry": list(entry)}
        for (site_id, actor), entry in entries.items()
    ]


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
