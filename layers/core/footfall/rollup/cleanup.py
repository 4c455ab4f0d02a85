"""What nobody reads any more is forgotten: rows of replaced or abandoned builds, and changes that all builds saw."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from footfall import builds
from footfall.days import FIRST_DAY, LAST_DAY
from footfall.marks import mark, set_mark
from footfall.store import Fragment, Store

EVERY = timedelta(hours=1)
KEPT = timedelta(minutes=10)
"""How long rows of a replaced build stay: a question that began before knows of no other."""
CHANGES_KEPT = timedelta(days=1)
TABLES = ("sessions", "totals", "breakdowns", "heads", "uniques")
SITES = 30
"""So many sites are cleaned at a time: their builds stand in a statement one by one."""
_SNOWFLAKE_BITS = 22
"""Below the milliseconds of a build id."""


def clean(now: datetime, store: Store) -> bool:
    """Forget what is superseded, once an hour; whether it was time. Raises Unavailable."""
    since = mark("cleaned", store)
    if now - since < EVERY:
        return False
    before = int((now - KEPT).timestamp() * 1000) << _SNOWFLAKE_BITS
    sites = [
        site_id for (site_id,) in store.select("rollups/built_sites", {"since": since - EVERY}).rows
    ]
    for first in range(0, len(sites), SITES):
        _clean_sites(sites[first : first + SITES], before, store)
    seen = min(mark("rolled_up", store), mark("copies", store))
    store.run("rollups/forget_changes", {"before": seen - CHANGES_KEPT})
    set_mark("cleaned", now, store)
    return True


def _clean_sites(sites: Sequence[str], before: int, store: Store) -> None:
    found = builds.current_of(store, sites, FIRST_DAY, LAST_DAY)
    parts = [pair for of in found.values() for pair in builds.all_parts(of)]
    bases = [pair for of in found.values() for pair in builds.bases(of)]
    for table in TABLES:
        named = {"table": Fragment(table)}
        current = parts if table == "uniques" else bases
        asked = {"sites": sites, "before": before, "current": current}
        rows = store.select("rollups/superseded", asked, named).rows
        superseded = [(day, build_id) for day, build_ids in rows for build_id in build_ids]
        if superseded:
            gone = {"sites": sites, "superseded": superseded}
            store.run("rollups/forget_rows", gone, named)
    asked = {"sites": sites, "before": mark("rolled_up", store) - CHANGES_KEPT, "current": parts}
    if store.select("rollups/superseded_builds", asked).rows[0][0]:
        store.run("rollups/forget_builds", asked)
