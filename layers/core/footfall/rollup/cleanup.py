"""What nobody reads any more is forgotten: rows of replaced or abandoned builds, and changes that all builds saw."""

from datetime import datetime, timedelta

from footfall import builds
from footfall.days import FIRST_DAY, LAST_DAY
from footfall.marks import mark, set_mark
from footfall.store import Fragment, Store

EVERY = timedelta(hours=1)
KEPT = timedelta(minutes=10)
"""How long rows of a replaced build stay: a question that began before knows of no other."""
CHANGES_KEPT = timedelta(days=1)
TABLES = ("sessions", "totals", "breakdowns", "uniques")
_SNOWFLAKE_BITS = 22
"""Below the milliseconds of a build id."""


def clean(now: datetime, store: Store) -> bool:
    """Forget what is superseded, once an hour; whether it was time. Raises Unavailable."""
    since = mark("cleaned", store)
    if now - since < EVERY:
        return False
    before = int((now - KEPT).timestamp() * 1000) << _SNOWFLAKE_BITS
    for (site_id,) in store.select("rollups/built_sites", {"since": since - EVERY}).rows:
        _clean_site(site_id, now, before, store)
    seen = min(mark("rolled_up", store), mark("copies", store))
    store.run("rollups/forget_changes", {"before": seen - CHANGES_KEPT})
    set_mark("cleaned", now, store)
    return True


def _clean_site(site_id: str, now: datetime, before: int, store: Store) -> None:
    found = builds.current(store, site_id, FIRST_DAY, LAST_DAY)
    for table in TABLES:
        current = builds.all_parts(found) if table == "uniques" else builds.bases(found)
        named = {"table": Fragment(table)}
        asked = {"site": site_id, "before": before, "current": current}
        rows = store.select("rollups/superseded", asked, named).rows
        superseded = [(day, build_id) for day, build_ids in rows for build_id in build_ids]
        if superseded:
            store.run("rollups/forget_rows", {"site": site_id, "superseded": superseded}, named)
    asked = {
        "site": site_id,
        "before": mark("rolled_up", store) - CHANGES_KEPT,
        "current": builds.all_parts(found),
    }
    store.run("rollups/forget_builds", asked)
