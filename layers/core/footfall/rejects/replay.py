"""POST /rejects/replay: deliveries that were not taken are taken once more, by the rules as they are now.

Each keeps its moment of receipt and its event id, so a replay that was cut off and is repeated counts nothing twice.
"""

import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from footfall.days import timestamp
from footfall.errors import FootfallError
from footfall.event import Event
from footfall.event_queue import EventQueue
from footfall.reject import Reject
from footfall.store import Store

PAGE = 500
SECONDS = 20.0
"""How long a replay goes on beginning pages: the gateway waits for 30 s."""

Remake = Callable[[Reject], Event | None]
"""The event of a reject by today's rules, or None. Raises FootfallError when it is refused again."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rejects: of a site, received in `[start, end)` (ms since 1970), with a code ("" means all)."""

    site_id: str
    start: int
    end: int
    code: str = ""


def replay(
    chosen: Selection, remake: Remake, store: Store, queue: EventQueue, *, seconds: float = SECONDS
) -> dict[str, Any]:
    """Put what is good now on the queue and take it out of the rejects; the rest stays as it is.

    `{"accepted", "rejected", "complete"}`; where it is not complete, time ran out and the caller comes again. Raises
    Unavailable; what was accepted until then is.
    """
    ends = time.monotonic() + seconds
    accepted = rejected = 0
    asked: dict[str, Any] = {
        "site": chosen.site_id,
        "start": max(chosen.start, 0),
        "end": max(chosen.end, 0),
        "code": chosen.code,
        "after": 0,
        "after_id": str(uuid.UUID(int=0)),
        "limit": PAGE,
    }
    while time.monotonic() < ends:
        rows = store.select("rejects/page", asked).rows
        if not rows:
            return {"accepted": accepted, "rejected": rejected, "complete": True}
        taken = _taken(chosen.site_id, rows, remake)
        if taken:
            queue.send(list(taken.values()))
            _withdraw(chosen.site_id, [row for row in rows if row[1] in taken], store)
        accepted += len(taken)
        rejected += len(rows) - len(taken)
        asked |= {"after": rows[-1][0], "after_id": str(rows[-1][1])}
    return {"accepted": accepted, "rejected": rejected, "complete": False}


def _taken(
    site_id: str, rows: Sequence[tuple[Any, ...]], remake: Remake
) -> Mapping[uuid.UUID, Event]:
    taken: dict[uuid.UUID, Event] = {}
    for at, reject_id, code, position, event_id, message, field, item, made, *rest in rows:
        visitor, user_agent, country, region, city, is_imported, dialect, origin = rest
        reject = Reject(
            site_id, code, at, position, event_id, message, field,
            json.loads(item), json.loads(made), visitor, user_agent, country, region, city, is_imported,
            dialect, origin,
        )  # fmt: skip
        try:
            event = remake(reject)
        except FootfallError:
            continue
        if event is not None:
            taken[reject_id] = event
    return taken


def _withdraw(site_id: str, rows: Sequence[tuple[Any, ...]], store: Store) -> None:
    store.insert(
        "rejects",
        [
            {
                "site_id": site_id,
                "received_at": timestamp(row[0]),
                "reject_id": str(row[1]),
                "is_deleted": 1,
            }
            for row in rows
        ],
    )
