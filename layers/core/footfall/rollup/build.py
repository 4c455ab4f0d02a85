"""One build: the windows of a site rolled up from the events, and published over all tables at once.

A build reads what is published when it begins, writes rows under its own id, and ends with one insert into `builds`
that makes them count. Killed anywhere before that, its rows count nowhere; done twice, the later build counts.

`sessions`, `totals` and `breakdowns` of a window are made anew. `uniques` is corrected: the days of visitors who
changed, as they are, less the days as they were; so a late event, a link or an erasure costs what it changes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from footfall import builds, dimensions, journal
from footfall.builds import Builds
from footfall.days import FIRST_DAY, LAST_DAY, midnight, session_reach
from footfall.journal import PEOPLE
from footfall.lease import Lease, Taken
from footfall.people import aliases
from footfall.site import Site
from footfall.store import Fragment, Store, statement, substituted

SETTINGS: dict[str, Any] = {
    "max_execution_time": 280,
    "max_memory_usage": 8_000_000_000,
    "max_bytes_before_external_group_by": 3_000_000_000,
    "max_bytes_before_external_sort": 3_000_000_000,
}
ROWS_A_STATEMENT = 500_000
"""Sessions are made of about so many events at a time."""
VALUES = 20_000
"""A dimension with more values on a day has no rows of that day in `uniques`: they would be as many as its visits."""
MUCH = 300_000
"""Of so many events the dimensions are read one at a time: that is cheaper a row and dearer a statement."""
ROWS_A_CHUNK = 8_000_000
FEW = 3_000_000
"""So many touched identities are looked up; with more, all are read."""

PART_COLUMNS = (*dimensions.OWN, *dimensions.OF_SESSION)
_EVENT_COLUMNS = (
    *dimensions.OWN,
    *(name for name in dimensions.OF_SESSION if name not in ("entry_page", "exit_page")),
    "user_id",
    "path",
    "title",
    "name",
)
_SCANNED_DAYS = (
    "day BETWEEN toDate(fromUnixTimestamp64Milli({scan_start:Int64}, 'UTC')) "
    "AND toDate(fromUnixTimestamp64Milli({scan_end:Int64}, 'UTC'))"
)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A way to read the parts: which dimensions, and what has to be expanded for them."""

    dimensions: tuple[str, ...]
    hits: Fragment = Fragment("")
    counts: Fragment = Fragment("pageviews, events")


BREAKDOWNS = (
    Breakdown(dimensions.PARTS),
    Breakdown(
        tuple(dimensions.HITS),
        Fragment(dimensions.EXPAND),
        Fragment("toUInt64(hit_is_pageview) AS pageviews, toUInt64(1) AS events"),
    ),
)
"""What `breakdowns` and `uniques` are kept by."""


@dataclass(frozen=True, slots=True)
class Work:
    """A build under way."""

    site: Site
    build_id: int
    wanted: tuple[date, ...]
    seen: Mapping[date, Sequence[int]]
    """The changes that each wanted day, and PEOPLE, takes in."""
    published: Builds
    """Everything that counted when the build began."""
    lease: Lease
    sizes: Mapping[date, int]
    """About how many events each day has."""
    copied: tuple[date, ...] = ()
    """Windows whose events have expired: taken over from what is published, without `erased`."""
    erased: tuple[int, ...] = ()

    @property
    def parameters(self) -> dict[str, Any]:
        """What every statement of the build binds."""
        return {"site": self.site.id, "build": self.build_id, "wanted": list(self.wanted)}

    @property
    def fresh(self) -> list[date]:
        """The wanted days that are made of events."""
        return [day for day in self.wanted if day not in self.copied]


def build(
    site: Site,
    seen: Mapping[date, Sequence[int]],
    store: Store,
    lease: Lease,
    horizon: date = FIRST_DAY,
) -> dict[str, Any]:
    """Roll up the windows of `seen` and publish them; how many windows and corrected days there were.

    The events of days before the `horizon` have expired: those windows stay as they are, but for erased identities.

    Raises Taken when the lease was lost on the way (then nothing is published), Unavailable.
    """
    build_id = store.select("rollups/new_build", {}).rows[0][0]
    published = builds.current(store, site.id, FIRST_DAY, LAST_DAY)
    windows = sorted(day for day in seen if day != PEOPLE)
    expired = [day for day in windows if day < horizon]
    erased: list[int] = []
    if expired:
        changes = {change for day in expired for change in seen[day]}
        erased = journal.erased(store, site.id, changes)
    copied = [day for day in expired if erased and day in published and published[day].base]
    work = Work(
        site=site,
        build_id=build_id,
        wanted=tuple(day for day in windows if day >= horizon or day in copied),
        seen=seen,
        published=published,
        lease=lease,
        sizes=day_sizes(site, store),
        copied=tuple(copied),
        erased=tuple(erased),
    )
    for step in STEPS:
        step(work, store)
    unbounded = _unbounded(work, store)
    _uniques(work, unbounded, store)
    return _publish(work, unbounded, store)


def _run(
    work: Work,
    store: Store,
    name: str,
    parameters: Mapping[str, Any],
    fragments: Mapping[str, Fragment] | None = None,
) -> None:
    """Run one statement of the build, still holding the lease."""
    work.lease.keep()
    store.run(f"rollups/{name}", parameters, fragments, SETTINGS)


def _sessions(work: Work, store: Store) -> None:
    for group in _groups(work):
        zone = work.site.zone
        start, end = midnight(group[0], zone), midnight(group[-1] + timedelta(days=1), zone)
        if start == end:
            continue  # a day that the clock skipped
        fragments = {
            "columns": Fragment(""),  # numbering sorts: every column it carries costs as much again
            "person": Fragment("toUInt64(0)"),
            "links": Fragment(""),
            "bots": Fragment("NOT is_bot"),
            "days": Fragment(_SCANNED_DAYS),
            "scanned": Fragment(statement("rollups/scanned")),
        }
        wide = fragments | {"columns": Fragment("".join(f", {name}" for name in _EVENT_COLUMNS))}
        read = {
            "numbered": Fragment(substituted("parts/numbered", fragments)),
            "events": Fragment(substituted("parts/events", wide)),
            "scanned": fragments["scanned"],
        }
        scan_start, scan_end = session_reach(start, end)
        parameters = (
            work.parameters
            | _calendar(group, work.site)
            | {
                "wanted": group,
                "start": start,
                "end": end,
                "scan_start": scan_start,
                "scan_end": scan_end,
            }
        )
        _run(work, store, "sessions", parameters, read)
        _run(work, store, "totals", parameters, None)


def _breakdowns(work: Work, store: Store) -> None:
    if not work.fresh:
        return
    size = sum(work.sizes.get(day, 0) for day in work.fresh)
    for kind in BREAKDOWNS:
        for named in _portions([name for name in kind.dimensions if name != dimensions.ALL], size):
            read = dimensions.columns(named)
            fragments = {
                "dimension": Fragment(read.dimension),
                "keys": Fragment(read.keys),
                "values": Fragment(read.held),
                "each": Fragment(read.each),
                "hits": kind.hits,
                "counts": kind.counts,
            }
            _run(work, store, "breakdowns", work.parameters | {"wanted": work.fresh}, fragments)


def _copies(work: Work, store: Store) -> None:
    if not work.copied:
        return
    asked = {"copied": builds.bases(work.published, work.copied), "erased": list(work.erased)}
    for table in ("sessions", "totals", "breakdowns"):
        _run(work, store, f"copy_{table}", work.parameters | asked)


def _people(work: Work, store: Store) -> None:
    if PEOPLE not in work.seen:
        return
    named = store.select("rollups/all_aliases", {"site": work.site.id}).rows
    # An alias that does not stand (any more) leaves its user who they are.
    aliased = {user: user for (user,) in named} | aliases(work.site.id, store)
    parameters = work.parameters | {
        "alias_from": list(aliased),
        "alias_to": list(aliased.values()),
    }
    fragments = {"linked": Fragment(statement("parts/linked")), "people": _published_people("0")}
    _run(work, store, "people", parameters, fragments)


def _touched(work: Work, store: Store) -> None:
    if _is_first(work):
        return  # everything is new: all are read
    people = {
        "before": _published_people("0"),
        "now": _published_people("{build:UInt64}"),
    }
    parameters = work.parameters | {"published": builds.bases(work.published, work.wanted)}
    values = {"values": Fragment(", ".join(PART_COLUMNS))}
    _run(work, store, "touched", parameters, people | values)
    _run(work, store, "touched_identities", parameters, people)


Unbounded = Mapping[date, frozenset[str]]


def _uniques(work: Work, unbounded: Unbounded, store: Store) -> None:
    before = {day: found.unbounded for day, found in work.published.items() if found.unbounded}
    is_other = any(
        unbounded.get(day, frozenset()) != before.get(day, frozenset()) for day in work.wanted
    )
    count = store.select("rollups/count_touched", {"build": work.build_id}).rows[0][0]
    everyone = _is_first(work) or is_other or count > FEW
    touched = "identity IN (SELECT identity FROM touched WHERE build_id = {build:UInt64})"
    kept = {day: found for day, found in work.published.items() if day not in work.wanted}
    parameters = work.parameters | {
        "replaced": builds.all_parts(work.published, work.wanted),
        "published": builds.bases(work.published),
        "current": [*builds.bases(kept), *((day, work.build_id) for day in work.wanted)],
        "unbounded_before": _pairs(before),
        "unbounded_now": _pairs({day: f.unbounded for day, f in kept.items()} | dict(unbounded)),
    }
    size = sum(work.sizes.values()) if everyone else 0
    for kind in BREAKDOWNS:
        chunks = 1 + (size // ROWS_A_CHUNK if kind.hits.sql else 0)
        for named in _portions(kind.dimensions, size):
            fragments = _grouped(named, chunks, has_unbounded=bool(before or unbounded))
            members = _members(fragments | {"touched": Fragment("1" if everyone else touched)})
            for chunk in range(chunks):
                asked = {"dimensions": list(named), "chunks": chunks, "chunk": chunk}
                _run(work, store, "uniques", parameters | asked, fragments | {"members": members})


def _grouped(named: Sequence[str], chunks: int, *, has_unbounded: bool) -> dict[str, Fragment]:
    """How members are grouped."""
    read = dimensions.columns(named)
    unbounded = (
        "NOT has(if(sign = 1, {unbounded_now:Array(Tuple(String, Date))}, "
        f"{{unbounded_before:Array(Tuple(String, Date))}}), ({read.dimension}, day))"
    )
    chunked = "sipHash64(CAST(value, 'String')) % {chunks:UInt64} = {chunk:UInt64}"
    return {
        "values": Fragment(read.held),
        "keys": Fragment(f"sign, {read.keys}"),
        "dimension": Fragment(read.dimension),
        "bounded": Fragment(unbounded if has_unbounded else "1"),
        "chunked": Fragment(chunked if chunks > 1 else "1"),
    }


def _publish(work: Work, unbounded: Unbounded, store: Store) -> dict[str, Any]:
    corrected = store.select("rollups/corrected_days", work.parameters).rows
    days = {day for (day,) in corrected} - set(work.wanted)
    rows: list[dict[str, Any]] = [
        {
            "day": day,
            "kind": "base",
            "seen": list(work.seen[day]),
            "unbounded": sorted(unbounded.get(day, ())),
            "zone": work.site.timezone,
        }
        for day in work.wanted
    ]
    rows += [{"day": day, "kind": "delta"} for day in sorted(days)]
    if PEOPLE in work.seen:
        rows.append({"day": PEOPLE, "kind": "base", "seen": list(work.seen[PEOPLE])})
    # Of an expired day nobody was erased from nothing changes, but that it was seen, in the zone of today: its events
    # are gone, so it stays the day of the zone it was built in.
    rows += [
        {"day": day, "kind": "delta", "seen": list(changes), "zone": work.site.timezone}
        for day, changes in work.seen.items()
        if day != PEOPLE and day not in work.wanted
    ]
    if not work.lease.is_held():
        raise Taken("busy", "This took so long that somebody else may have begun it.")
    published = {"site_id": work.site.id, "build_id": work.build_id}
    store.insert("builds", [published | row | {"day": str(row["day"])} for row in rows])
    if work.erased:
        forgotten = {"site": work.site.id, "erased": list(work.erased)}
        store.run("rollups/forget_people", forgotten)
    return {"windows": len(work.wanted), "corrected": len(days)}


def _members(fragments: Mapping[str, Fragment]) -> Fragment:
    """Who was active when with what, as it was (-1) and as it is (1)."""
    sides = {
        "-1": ("{published:Array(Tuple(Date, UInt64))}", _published_people("0")),
        "1": ("{current:Array(Tuple(Date, UInt64))}", _published_people("{build:UInt64}")),
    }
    sql = [
        substituted(
            "rollups/membership",
            {**fragments, "sign": Fragment(sign), "parts": Fragment(parts), "people": people},
        )
        for sign, (parts, people) in sides.items()
    ]
    return Fragment(" UNION ALL ".join(sql))


def _published_people(running: str) -> Fragment:
    """Who counts as whom: as published, and with the rows of a running build."""
    return Fragment(substituted("parts/people", {"running": Fragment(running)}))


def _unbounded(work: Work, store: Store) -> Unbounded:
    """The dimensions of each wanted day that have too many values."""
    rows = store.select("rollups/unbounded", work.parameters | {"most": VALUES}).rows
    return {day: frozenset(named) for day, named in rows}


def _is_first(work: Work) -> bool:
    return not work.published


def _pairs(unbounded: Mapping[date, Iterable[str]]) -> list[tuple[str, date]]:
    return [(name, day) for day, named in unbounded.items() for name in sorted(named)]


def _portions(named: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Dimensions that are read together: of much, one at a time."""
    if size <= MUCH:
        yield named
    else:
        for name in named:
            yield [name]


def _groups(work: Work) -> Iterator[list[date]]:
    """The wanted days in consecutive groups of a size that one statement can take."""
    group: list[date] = []
    rows = 0
    for day in work.fresh:
        size = work.sizes.get(day, 0)
        if group and (day - group[-1] > timedelta(days=1) or rows + size > ROWS_A_STATEMENT):
            yield group
            group, rows = [], 0
        group.append(day)
        rows += size
    if group:
        yield group


def day_sizes(site: Site, store: Store) -> dict[date, int]:
    """About how many events each UTC day of a site has. Raises Unavailable."""
    asked = {"site": site.id, "from_day": FIRST_DAY, "to_day": LAST_DAY}
    return dict(store.select("rollups/day_sizes", asked).rows)


def _calendar(group: Sequence[date], site: Site) -> dict[str, Any]:
    """The days around a group by the moment they begin; a day that the clock skips is not among them."""
    days = [group[0] + timedelta(days=by) for by in range(-4, (group[-1] - group[0]).days + 5)]
    begins = {midnight(day, site.zone): day for day in days}
    return {"midnights": list(begins), "days": list(begins.values())}


STEPS = (_sessions, _breakdowns, _copies, _people, _touched)
"""In this order: each reads what those before it wrote."""
