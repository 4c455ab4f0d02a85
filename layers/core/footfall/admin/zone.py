"""A site whose zone was changed has other days: all of them are noted as changed, and rolled up anew."""

from footfall import journal
from footfall.days import FIRST_DAY, LAST_DAY
from footfall.journal import Change, around
from footfall.site import Site
from footfall.store import Store


def is_built_otherwise(site: Site, store: Store) -> bool:
    """Whether days were built of another zone than the site's. Raises Unavailable."""
    asked = {"site": site.id, "zone": site.timezone}
    return bool(store.select("registry/other_zones", asked).rows[0][0])


def note_all_windows(site_id: str, store: Store) -> int:
    """Note every day of a site that has events or was built; how many. Call it once the new zone can be read.

    Until they are rolled up again, the site's numbers are read from the events. Raises Unavailable.
    """
    days = {day for (day,) in store.select("registry/days", {"site": site_id}).rows}
    windows = frozenset(day for day in around(days) if FIRST_DAY < day <= LAST_DAY)
    if windows:
        journal.note(store, [Change(site_id, windows)])
    return len(windows)
