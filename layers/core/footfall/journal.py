"""The journal: what changed among the events, noted so that rollups follow and nobody reads a stale one.

Whoever changes events (ingest, the search for copies, erasure, retention) notes it here AFTER the change can be read.
A window is a day of the site's zone. Until a build has seen a change, its windows are read from the events.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from footfall.store import Store

FIRST_WINDOW = date(1970, 1, 8)
"""Days before it are never rolled up: the store's dates begin in 1970 and a day needs those before it."""
PEOPLE = date(1970, 1, 1)
"""The window that stands for who belongs to whom: links and aliases."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one step changed of a site: the windows to roll up again, and which event ids arrived."""

    site_id: str
    windows: frozenset[date]
    event_ids: Sequence[str] = ()
    """As the store has them (UUIDs); the scheduled run looks for their copies once more."""
    identities: Collection[int] = ()
    """Hashes of erased ids: they leave days whose events have expired, too."""


def note(store: Store, changes: Iterable[Change]) -> None:
    """Write changes down. Call it after what changed can be read. Raises Unavailable."""
    store.insert(
        "changes",
        [
            {
                "site_id": change.site_id,
                "change_id": uuid.uuid4().int & (1 << 63) - 1,
                "windows": sorted(
                    str(day) for day in change.windows if day >= FIRST_WINDOW or day == PEOPLE
                ),
                "event_ids": list(change.event_ids),
                "identities": sorted(change.identities),
            }
            for change in changes
            if change.windows or change.event_ids
        ],
    )


def around(days: Iterable[date]) -> frozenset[date]:
    """The windows that a removed or moved event of these UTC days may have touched.

    A UTC day overlaps the local days beside it, and a session reaches at most one UTC day further on either side.
    """
    return frozenset(day + timedelta(days=by) for day in days for by in range(-2, 3))


def pending(store: Store, site_id: str) -> dict[date, list[int]]:
    """The windows of a site that changed since they were built, with the changes that they have not seen.

    Raises Unavailable.
    """
    return pending_of(store, [site_id])[site_id]


def pending_of(store: Store, sites: Sequence[str]) -> dict[str, dict[date, list[int]]]:
    """The same of several sites. Raises Unavailable."""
    found: dict[str, dict[date, list[int]]] = {site_id: {} for site_id in sites}
    for site_id, window, changes in store.select("journal/pending", {"sites": list(sites)}).rows:
        found[site_id][window] = changes
    return found


def erased(store: Store, site_id: str, changes: Iterable[int]) -> list[int]:
    """The identities that changes erased. Raises Unavailable."""
    asked = {"site": site_id, "changes": sorted(changes)}
    identities: list[int] = store.select("journal/erased", asked).rows[0][0]
    return identities


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much of a site has to be rolled up."""

    windows: int
    oldest_ms: int
    """When the first of the changes was noted."""


def backlog(store: Store) -> dict[str, Backlog]:
    """The sites with windows to roll up. Raises Unavailable."""
    rows = store.select("journal/pending_sites", {}).rows
    return {site_id: Backlog(windows, oldest) for site_id, windows, oldest in rows}
