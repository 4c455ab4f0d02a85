"""The scheduled run: it walks ROLLUPS, each from the mark it left to now; running twice or overlapping changes nothing.

A mark is written when everything before it is done, so a run that dies is repeated by the next.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from footfall.errors import Unavailable
from footfall.event_queue import EventQueue
from footfall.store import Store

OVERLAP = timedelta(minutes=2)
"""How far before the last mark a run starts reading: a block is visible later than its time says."""
KEPT = timedelta(days=7)
"""How long arrivals are kept behind the mark."""


@dataclass(frozen=True, slots=True)
class Rollup:
    """One thing a run does: a statement over everything that arrived since the mark of the same name."""

    name: str
    sql: str


ROLLUPS: tuple[Rollup, ...] = (Rollup("copies", "rollups/copies"),)


def run(now: datetime, store: Store, queue: EventQueue) -> dict[str, Any]:
    """Walk ROLLUPS once; what was done, by name, with the time each has come to. Raises Unavailable."""
    done: dict[str, Any] = {}
    for rollup in ROLLUPS:
        since = mark(rollup.name, store)
        start = max(since - OVERLAP, datetime(1970, 1, 1, tzinfo=UTC))
        if store.select("queries/arrived", {"since": start}).rows[0][0]:
            store.run(rollup.sql, {"since": start})
        set_mark(rollup.name, now, store)
        done[rollup.name] = now.isoformat()
    if now - mark("forgotten", store) > timedelta(days=1):
        store.run("rollups/forget_arrivals", {"before": now - KEPT})
        set_mark("forgotten", now, store)
    done["drained"] = note_drained(now, store, queue.waiting)
    return done


def note_drained(now: datetime, store: Store, waiting: Callable[[], int]) -> bool:
    """Note that everything accepted before now is stored, if the queue is empty; whether it is."""
    try:
        is_drained = waiting() == 0
    except Unavailable:
        return False
    if is_drained:
        set_mark("drained", now, store)
    return is_drained


def mark(name: str, store: Store) -> datetime:
    """How far `name` has come; 1970 when it never came anywhere."""
    return datetime.fromtimestamp(
        store.select("queries/mark", {"name": name}).rows[0][0] / 1000, UTC
    )


def set_mark(name: str, at: datetime, store: Store) -> None:
    """Note how far `name` has come."""
    store.insert("marks", [{"name": name, "at": at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]}])
