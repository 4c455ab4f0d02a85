"""Which rows of the rollups count: the published builds of a site, by day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from footfall.store import Store


@dataclass(frozen=True, slots=True)
class Build:
    """What counts of one day: its base (0: nothing was ever built), and the deltas of `uniques` after it."""

    base: int
    deltas: tuple[int, ...] = ()
    unbounded: frozenset[str] = frozenset()
    """Dimensions without rows in `uniques` on this day: they had too many values."""
    built_at: datetime | None = None
    """When the base was published."""
    zone: str = ""
    """The time zone whose day it is; "" for builds from before that was noted."""


Builds = dict[date, Build]


def current(store: Store, site_id: str, first: date, last: date) -> Builds:
    """The builds that count, of the days first to last. Raises Unavailable."""
    return current_of(store, [site_id], first, last)[site_id]


def current_of(store: Store, sites: Sequence[str], first: date, last: date) -> dict[str, Builds]:
    """The builds that count of several sites. A build id is of one site. Raises Unavailable."""
    asked = {"sites": list(sites), "from_day": first, "to_day": last}
    found: dict[str, Builds] = {site_id: {} for site_id in sites}
    for site_id, day, base, deltas, unbounded, built_at, zone in store.select(
        "journal/builds", asked
    ).rows:
        found[site_id][day] = Build(base, tuple(deltas), frozenset(unbounded), built_at, zone)
    return found


def of_other_zones(builds: Builds, zone: str) -> frozenset[date]:
    """The days that have to be read from the events since they, or days beside them, are built of another zone."""
    others = {day for day, build in builds.items() if build.base and build.zone not in ("", zone)}
    # A day of one zone lies on at most three of another: the ones beside it may not be known yet.
    beside = {day + timedelta(days=by) for day in others for by in (-1, 1)}
    own = {day for day, build in builds.items() if build.base} - others
    return frozenset(others | (beside - own))


def bases(builds: Builds, days: Iterable[date] | None = None) -> list[tuple[date, int]]:
    """The (day, build id) pairs whose rows count in every table but `uniques`."""
    chosen = builds if days is None else [day for day in days if day in builds]
    return [(day, builds[day].base) for day in chosen if builds[day].base]


def all_parts(builds: Builds, days: Iterable[date] | None = None) -> list[tuple[date, int]]:
    """The (day, build id) pairs whose rows count in `uniques`: bases and deltas."""
    chosen = builds if days is None else [day for day in days if day in builds]
    return [
        (day, build_id)
        for day in chosen
        for build_id in (builds[day].base, *builds[day].deltas)
        if build_id
    ]
