"""The second net for copies of an event id: every id that arrived since the last run, over all days of its site.

Ingest has settled them already; this finds what it was stopped from settling, and copies that lie far apart.
"""

import uuid
from datetime import UTC, date, datetime, timedelta

from footfall.journal import Change, around, note
from footfall.marks import mark, set_mark
from footfall.store import Store
from footfall.tombstones import hide

OVERLAP = timedelta(minutes=2)
"""How far before the last mark a run starts reading: a change can be read later than its time says."""
MANY = 20_000_000
SELDOM = timedelta(minutes=10)
"""The search reads the ids of all events: among many it is made this often, and whenever a run is asked for."""


def settle(now: datetime, store: Store, *, eager: bool = False) -> int:
    """Remove copies that lie under another key than the one that stands; how many there were. Raises Unavailable."""
    last = mark("copies", store)
    if not eager and now - last < SELDOM and store.select("rollups/stored", {}).rows[0][0] > MANY:
        return 0
    since = max(last - OVERLAP, datetime(1970, 1, 1, tzinfo=UTC))
    removed = 0
    if store.select("rollups/changed_since", {"since": since}).rows[0][0]:
        copied: dict[str, dict[uuid.UUID, list[tuple[date, int]]]] = {}
        for site_id, event_id, keys in store.select("rollups/copies", {"since": since}).rows:
            copied.setdefault(site_id, {})[event_id] = keys
        for site_id, keys_of in copied.items():
            hide({event_id: keys[1:] for event_id, keys in keys_of.items()}, site_id, store)
            days = {day for keys in keys_of.values() for day, _ in keys}
            note(store, [Change(site_id, around(days))])
            removed += sum(len(keys) - 1 for keys in keys_of.values())
    set_mark("copies", now, store)
    return removed
