"""POST /rollup: a run at once, and before it days noted as changed, so that it builds them anew from the events."""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from footfall import journal
from footfall.days import to_ms
from footfall.errors import BadRequest, Unprocessable
from footfall.event_queue import EventQueue
from footfall.journal import Change
from footfall.rollup.days import days_between, read_date
from footfall.rollup.run import SiteOf, run
from footfall.site import Site
from footfall.store import Store

SECONDS = 20.0
"""How long a run goes on beginning builds: the gateway waits for 30 s."""
DAYS = 3_660
"""So many days are noted at once at most."""


def roll_up(
    body: Mapping[str, Any],
    site: Site,
    now: datetime,
    store: Store,
    queue: EventQueue,
    site_of: SiteOf,
    *,
    only: bool = False,
) -> dict[str, Any]:
    """Note the days that `body` names, if it does (`start`, `end`), and do one eager run; `only` of this site.

    What was done: `noted` days, and what `run` says; `complete` when all that changed before it began is rolled up,
    else the caller comes again. Where another run is at work: `busy`, and only what is `pending`.
    Raises BadRequest, Unprocessable for a body that makes no sense, Unavailable.
    """
    noted = note_days(body, site, to_ms(now), store)
    began = time.monotonic()
    named = site.id if only else None
    done = run(now, store, queue, site_of, eager=True, seconds=SECONDS, only=named)
    is_busy = done.pop("busy", False)
    is_complete = not is_busy and time.monotonic() - began < SECONDS
    if is_busy:
        backlog = journal.backlog(store).items()
        done["pending"] = sum(of.windows for site_id, of in backlog if named in (None, site_id))
    return {"site": site.id, "noted": noted, "busy": is_busy, "complete": is_complete, **done}


def note_days(body: Mapping[str, Any], site: Site, now_ms: int, store: Store) -> int:
    """Note the days from `start` until before `end` of the body as changed; how many. Raises as `roll_up`."""
    unknown = sorted(body.keys() - {"start", "end"})
    if unknown:
        raise BadRequest(
            "invalid_field", "The body takes `start` and `end`, nothing else.", field=unknown[0]
        )
    if not body:
        return 0
    for field in ("start", "end"):
        if field not in body:
            raise Unprocessable(
                "invalid_period", "`start` and `end` are given together.", field=field
            )
    days = days_between(
        read_date(body["start"], "start"), read_date(body["end"], "end"), site, now_ms, DAYS
    )
    journal.note(store, [Change(site.id, frozenset(days))])
    return len(days)
