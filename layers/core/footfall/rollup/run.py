"""The scheduled run: copies are settled, then every window that changed is rolled up, then leftovers are forgotten.

One run works at a time (a lease, asked for again before anything is published); one that comes meanwhile gives up.
Whatever happens to a run, the next does what it left.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from footfall import builds, journal
from footfall.days import FIRST_DAY, LAST_DAY, local_day, to_ms
from footfall.errors import Unavailable
from footfall.event_queue import EventQueue
from footfall.journal import PEOPLE
from footfall.lease import Lease, Taken, lease
from footfall.marks import set_mark
from footfall.rollup.build import Changed, build, day_sizes
from footfall.rollup.cleanup import clean
from footfall.rollup.copies import settle
from footfall.site import Site
from footfall.store import Store

SiteOf = Callable[[str], Site]
SECONDS = 240.0
"""How long a run goes on beginning builds; the function's time-out is longer by one build."""
ROWS_A_BUILD = 10_000_000
"""A build looks its visitors up in the days before, so few big ones cost less than many small ones (one of 10 M two
thirds of ten of 1 M); but each has to end in the function's time, and what was built before is published then."""
SMALL = 20_000
"""A site of so few events is built together with others."""
DAYS_A_BATCH = 3_000
"""So many days of sites are one batch at most: their builds stand in its statements one by one."""
REST_PER_ROW = timedelta(microseconds=100)
"""A day of a million events that changes all the time is rolled up every 100 s: 20 times what it takes."""


def run(
    now: datetime,
    store: Store,
    queue: EventQueue,
    site_of: SiteOf,
    *,
    eager: bool = False,
    seconds: float = SECONDS,
    only: str | None = None,
) -> dict[str, Any]:
    """Do one run; what was done: `windows` rolled up, `copies` removed, windows `pending`, whether it `drained`.

    `only` names the one site whose windows are rolled up and told of. `eager` rolls up busy days however recently that
    was done. A run that finds another at work answers `{"busy": True}`. Raises Unavailable.
    """
    ends = time.monotonic() + seconds
    done: dict[str, Any] = {"windows": 0, "corrected": 0}
    try:
        with lease(store, "rollup") as held:
            done["copies"] = settle(now, store, eager=eager)
            behind = [site_id for site_id in journal.backlog(store) if only in (None, site_id)]
            sizes = day_sizes(behind, store) if behind else {}
            for batch in _batches([site_of(site_id) for site_id in behind], sizes):
                while time.monotonic() < ends:
                    built = _build_some(batch, site_of, sizes, now, store, held, eager=eager)
                    if not built:
                        break
                    done["windows"] += built["windows"]
                    done["corrected"] += built["corrected"]
            left = journal.backlog(store)
            oldest = min((site.oldest_ms for site in left.values()), default=1 << 42)
            store.run("rollups/mark_rolled_up", {"oldest": oldest})
            done["cleaned"] = clean(now, store)
    except Taken:
        return {"busy": True}
    done["pending"] = sum(site.windows for site_id, site in left.items() if only in (None, site_id))
    done["drained"] = note_drained(now, store, queue.waiting)
    return done


Sizes = Mapping[str, Mapping[date, int]]
"""About how many events each UTC day of each site has."""


def _batches(sites: Sequence[Site], sizes: Sizes) -> Iterator[list[str]]:
    """Sites that are built together: small ones of one zone, of which a statement costs more than what it reads."""
    small: dict[str, list[str]] = {}
    days: dict[str, int] = {}
    for site in sites:
        of = sizes[site.id]
        if sum(of.values()) > SMALL:
            yield [site.id]
            continue
        zone = site.timezone
        if days.get(zone, 0) + len(of) > DAYS_A_BATCH:
            yield small.pop(zone)
            days[zone] = 0
        small.setdefault(zone, []).append(site.id)
        days[zone] = days.get(zone, 0) + len(of)
    yield from small.values()


def _build_some(
    batch: Sequence[str],
    site_of: SiteOf,
    sizes: Sizes,
    now: datetime,
    store: Store,
    held: Lease,
    *,
    eager: bool,
) -> dict[str, Any] | None:
    """Roll up as many windows of some sites as one build takes, oldest first; None when there are none."""
    pending = journal.pending_of(store, batch)
    # After what changed: who changes a zone notes it once the new one can be read, so what is seen is built in it.
    sites = [site_of(site_id) for site_id in batch if pending[site_id]]
    # Those whose zone has changed since they were put together are built by the next round.
    sites = [site for site in sites if site.timezone == sites[0].timezone]
    found = {} if eager or not sites else builds.current_of(store, batch, FIRST_DAY, LAST_DAY)
    changed = [
        one
        for site in sites
        if (one := _chosen(site, pending[site.id], sizes[site.id], found.get(site.id, {}), now))
    ]
    return build(changed, store, held) if changed else None


def _chosen(
    site: Site,
    pending: Mapping[date, Sequence[int]],
    sizes: Mapping[date, int],
    found: builds.Builds,
    now: datetime,
) -> Changed | None:
    """What a build is to do for a site; None when there is nothing."""
    chosen: dict[date, Sequence[int]] = {}
    rows = 0
    for window in sorted(pending):
        size = sizes.get(window, 0)
        if window != PEOPLE and window in found and _rests(found[window].built_at, size, now):
            continue
        if rows and rows + size > ROWS_A_BUILD:
            break
        chosen[window] = pending[window]
        rows += size
    if not chosen:
        return None
    horizon_ms = site.horizon_ms(to_ms(now))
    horizon = FIRST_DAY if horizon_ms is None else local_day(horizon_ms, site.zone)
    return Changed(site, chosen, sizes, horizon)


def _rests(built_at: datetime | None, size: int, now: datetime) -> bool:
    return built_at is not None and now - built_at < size * REST_PER_ROW


def note_drained(now: datetime, store: Store, waiting: Callable[[], int]) -> bool:
    """Note that everything accepted before now is stored, if the queue is empty; whether it is."""
    try:
        is_drained = waiting() == 0
    except Unavailable:
        return False
    if is_drained:
        set_mark("drained", now, store)
    return is_drained
