"""One build: the windows of a site rolled up from the events, and published over all tables at once.

A build reads what is published when it begins, writes rows under its own id, and ends with one insert into `builds`
that makes them count. Killed anywhere before that, its rows count nowhere; done twice, the later build counts.

`sessions`, `totals` and `breakdowns` of a window are made anew. `uniques` is corrected: the days of visitors who
changed, as they are, less the days as they were; so a late event, a link or an erasure costs what it changes.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
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
VALUES = 1_000_000
"""A dimension with more values on a day has no rows of that day in `uniques`: they would be as many as its visits."""
HEAD = 500
"""So many values of a day are its head."""
MUCH = 300_000
"""Of so many events the dimensions are read one at a time: that is cheaper a row and dearer a statement."""
ROWS_A_CHUNK = 8_000_000
EVENTS_A_VISITOR = 10
"""About how many events a touched visitor has: a guess of what looking them up reads."""

PART_COLUMNS = (*dimensions.OWN, *dimensions.OF_SESSION)
_EVENT_COLUMNS = (
    *dimensions.OWN,
    *(name for name in dimensions.OF_SESSION if name not in ("entry_page", "exit_page")),
    "user_id",
    "path",
    "title",
    "name",
)
BITS = 64
"""So many days within which visitors change are held as the bits of a UInt64: a quarter less work than arrays."""
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
class Changed:
    """What a build is to do for a site: its windows with the changes that each of them, and PEOPLE, takes in."""

    site: Site
    seen: Mapping[date, Sequence[int]]
    sizes: Mapping[date, int]
    """About how many events each day has."""
    horizon: date = FIRST_DAY
    """The events of days before it have expired: those windows stay as they are, but for erased identities."""


@dataclass(frozen=True, slots=True)
class Part:
    """A site's part of a build under way."""

    changed: Changed
    build_id: int
    """Of this site alone."""
    published: Builds
    """Everything that counted when the build began."""
    wanted: tuple[date, ...]
    copied: tuple[date, ...] = ()
    """Windows whose events have expired: taken over from what is published, without `erased`."""
    erased: tuple[int, ...] = ()

    @property
    def site_id(self) -> str:
        """The site."""
        return self.changed.site.id

    @property
    def fresh(self) -> list[date]:
        """The wanted days that are made of events."""
        return [day for day in self.wanted if day not in self.copied]


@dataclass(frozen=True, slots=True)
class Work:
    """A build under way: of one site, or of several that share a time zone."""

    parts: tuple[Part, ...]
    lease: Lease

    @property
    def site(self) -> Site:
        """A site with the time zone of all."""
        return self.parts[0].changed.site

    @property
    def wanted(self) -> list[date]:
        """The days that any site wants."""
        return sorted({day for part in self.parts for day in part.wanted})

    @property
    def fresh(self) -> list[date]:
        """Those of them that are made of events."""
        return sorted({day for part in self.parts for day in part.fresh})

    @property
    def is_first(self) -> bool:
        """Whether nothing was ever published."""
        return not any(part.published for part in self.parts)

    @property
    def is_relinked(self) -> bool:
        """Whether somebody may count as another visitor than was published, which may change any of their days."""
        return not self.is_first and any(PEOPLE in part.changed.seen for part in self.parts)

    @property
    def parameters(self) -> dict[str, Any]:
        """What statements of the build bind."""
        return {
            "sites": [part.site_id for part in self.parts],
            "builds": [part.build_id for part in self.parts],
            **self.windows(self.wanted),
        }

    def windows(self, days: Collection[date], *, fresh: bool = False) -> dict[str, Any]:
        """What binds the windows of these days."""
        windows = [
            (part.site_id, day)
            for part in self.parts
            for day in (part.fresh if fresh else part.wanted)
            if day in days
        ]
        return {"wanted": sorted(days), "windows": windows}

    @property
    def fragments(self) -> dict[str, Fragment]:
        """How statements tell sites apart. Those of one site carry no site: every key makes rows dearer."""
        several = len(self.parts) > 1
        sites, build_ids = "{sites:Array(String)}", "{builds:Array(UInt64)}"
        sql = {
            "sites": f"site_id IN {sites}",
            "of": "site_id," if several else "",
            "site": "site_id" if several else f"{sites}[1]",
            "build": f"transform(site_id, {sites}, {build_ids}, toUInt64(0))"
            if several
            else f"{build_ids}[1]",
            "wanted": "(site_id, day) IN {windows:Array(Tuple(String, Date))}"
            if several
            else "day IN {wanted:Array(Date)}",
            "same": "event.site_id = whole.site_id AND" if several else "",
            "same_before": "before.site_id = changed.site_id AND" if several else "",
            "same_now": "now.site_id = changed.site_id AND" if several else "",
        }
        return {name: Fragment(text) for name, text in sql.items()}

    def pairs(self, of: Callable[[Part], list[tuple[date, int]]]) -> list[tuple[date, int]]:
        """Pairs (day, build id) of all sites."""
        return [pair for part in self.parts for pair in of(part)]

    @property
    def size(self) -> int:
        """About how many events the sites have."""
        return sum(sum(part.changed.sizes.values()) for part in self.parts)

    def size_of(self, days: Iterable[date]) -> int:
        """About how many events some days have."""
        return sum(part.changed.sizes.get(day, 0) for day in days for part in self.parts)


def build(changed: Sequence[Changed], store: Store, lease: Lease) -> dict[str, Any]:
    """Roll up windows and publish them; how many windows and corrected days there were.

    Several sites must have one time zone; each gets a build of its own, all by the same statements.

    Raises Taken when the lease was lost on the way (then nothing is published), Unavailable.
    """
    build_ids = [id_ for (id_,) in store.select("rollups/new_build", {"count": len(changed)}).rows]
    named = [one.site.id for one in changed]
    published = builds.current_of(store, named, FIRST_DAY, LAST_DAY)
    parts = [
        _part(one, build_id, published[one.site.id], store)
        for one, build_id in zip(changed, build_ids, strict=True)
    ]
    work = Work(tuple(parts), lease)
    for step in STEPS:
        step(work, store)
    unbounded = _unbounded(work, store)
    _uniques(work, unbounded, store)
    return _publish(work, unbounded, store)


def _part(changed: Changed, build_id: int, published: Builds, store: Store) -> Part:
    windows = sorted(day for day in changed.seen if day != PEOPLE)
    expired = [day for day in windows if day < changed.horizon]
    erased: list[int] = []
    if expired:
        changes = {change for day in expired for change in changed.seen[day]}
        erased = journal.erased(store, changed.site.id, changes)
    copied = [day for day in expired if erased and day in published and published[day].base]
    return Part(
        changed,
        build_id,
        published,
        wanted=tuple(day for day in windows if day >= changed.horizon or day in copied),
        copied=tuple(copied),
        erased=tuple(erased),
    )


def _run(
    work: Work,
    store: Store,
    name: str,
    parameters: Mapping[str, Any],
    fragments: Mapping[str, Fragment] | None = None,
) -> None:
    """Run one statement of the build, still holding the lease."""
    work.lease.keep()
    store.run(f"rollups/{name}", parameters, work.fragments | dict(fragments or {}), SETTINGS)


def _sessions(work: Work, store: Store) -> None:
    zone = work.site.zone
    for group in _groups(work):
        start, end = midnight(group[0], zone), midnight(group[-1] + timedelta(days=1), zone)
        if start == end:
            continue  # a day that the clock skipped
        of = work.fragments["of"].sql
        scanned = Fragment(substituted("rollups/scanned", work.fragments))
        fragments = work.fragments | {
            "columns": Fragment(
                of and ", site_id"
            ),  # numbering sorts: every column costs as much again
            "person": Fragment("toUInt64(0)"),
            "links": Fragment(""),
            "bots": Fragment("NOT is_bot"),
            "days": Fragment(_SCANNED_DAYS),
            "scanned": scanned,
        }
        names = "".join(f", {name}" for name in _EVENT_COLUMNS)
        wide = fragments | {"columns": Fragment(f"{fragments['columns'].sql}{names}")}
        read = {
            "numbered": Fragment(substituted("parts/numbered", fragments)),
            "events": Fragment(substituted("parts/events", wide)),
            "scanned": scanned,
        }
        scan_start, scan_end = session_reach(start, end)
        parameters = (
            work.parameters
            | _calendar(group, work.site)
            | work.windows(group, fresh=True)
            | {"start": start, "end": end, "scan_start": scan_start, "scan_end": scan_end}
        )
        _run(work, store, "sessions", parameters, read)
        _run(work, store, "totals", parameters)


def _breakdowns(work: Work, store: Store) -> None:
    if not work.fresh:
        return
    parameters = work.parameters | work.windows(work.fresh, fresh=True)
    size = work.size_of(work.fresh)
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
            _run(work, store, "breakdowns", parameters, fragments)


def _copies(work: Work, store: Store) -> None:
    for part in work.parts:
        if part.copied:
            copied = builds.bases(part.published, part.copied)
            asked = {"copied": copied, "erased": list(part.erased)}
            named = {"site": part.site_id, "build": part.build_id}
            for table in ("sessions", "totals", "breakdowns"):
                _run(work, store, f"copy_{table}", named | asked)


def _heads(work: Work, store: Store) -> None:
    if work.wanted:
        asked = {"dimensions": list(dimensions.WIDE)}
        _run(work, store, "heads", work.parameters | asked, {"most": Fragment(str(HEAD))})


def _people(work: Work, store: Store) -> None:
    changed = [part for part in work.parts if PEOPLE in part.changed.seen]
    if not changed:
        return
    asked = {"sites": [part.site_id for part in changed]}
    linked = {site_id for (site_id,) in store.select("rollups/linked_sites", asked).rows}
    for part in changed:
        if part.site_id in linked:
            _people_of(part, work, store)


def _people_of(part: Part, work: Work, store: Store) -> None:
    named = store.select("rollups/all_aliases", {"site": part.site_id}).rows
    # An alias that does not stand (any more) leaves its user who they are.
    aliased = {user: user for (user,) in named} | aliases(part.site_id, store)
    parameters = {
        "site": part.site_id,
        "build": part.build_id,
        "alias_from": list(aliased),
        "alias_to": list(aliased.values()),
    }
    one = {"of": Fragment(""), "sites": Fragment("site_id = {site:String}")}
    fragments = {
        "linked": Fragment(statement("parts/linked")),
        "people": Fragment(substituted("parts/people", one | {"running": Fragment("[0]")})),
    }
    _run(work, store, "people", parameters, fragments)


def _touched(work: Work, store: Store) -> None:
    if work.is_first:
        return  # everything is new: all are read
    people = {"before": _published_people(work, "[0]"), "now": _published_people(work, _RUNNING)}
    published = work.pairs(lambda part: builds.bases(part.published, part.wanted))
    parameters = work.parameters | {"published": published}
    values = {"values": Fragment(", ".join(PART_COLUMNS))}
    _run(work, store, "touched", parameters, people | values)
    _run(work, store, "touched_identities", parameters, people)


_RUNNING = "{builds:Array(UInt64)}"


Unbounded = Mapping[str, Mapping[date, frozenset[str]]]
"""The dimensions with too many values, by site and day."""


def _uniques(work: Work, unbounded: Unbounded, store: Store) -> None:
    before: list[tuple[str, str, date]] = []
    now: list[tuple[str, str, date]] = []
    is_other = False
    for part in work.parts:
        was = {day: found.unbounded for day, found in part.published.items() if found.unbounded}
        found = unbounded.get(part.site_id, {})
        is_other = is_other or any(
            found.get(day, frozenset()) != was.get(day, frozenset()) for day in part.wanted
        )
        before += _triples(part, was)
        kept = {day: named for day, named in was.items() if day not in part.wanted}
        now += _triples(part, kept | dict(found))
    everyone = work.is_first or is_other
    size = work.size_of(work.wanted) if work.is_first else work.size
    if not everyone:
        asked = {"build": work.parts[0].build_id}
        count = store.select("rollups/count_touched", asked).rows[0][0]
        size = min(size, count * EVENTS_A_VISITOR)
    span = _span(work)
    parameters = work.parameters | {
        "span_start": span[0],
        "span_end": span[1],
        "replaced": work.pairs(lambda part: builds.all_parts(part.published, part.wanted)),
        "either": work.pairs(_either),
        "unbounded_before": before,
        "unbounded_now": now,
    }
    for kind in BREAKDOWNS:
        chunks = 1 + (size // ROWS_A_CHUNK if kind.hits.sql else 0)
        for named in _portions(kind.dimensions, size):
            members = _members(named, work, everyone=everyone, has_unbounded=bool(before or now))
            fragments = _grouped(named, chunks) | _collected(span) | {"members": members}
            for chunk in range(chunks):
                chosen = {"dimensions": list(named), "chunks": chunks, "chunk": chunk}
                _run(work, store, "uniques", parameters | chosen, fragments)


def _either(part: Part) -> list[tuple[date, int]]:
    """The bases of a site as published, and those of the build."""
    return [*builds.bases(part.published), *((day, part.build_id) for day in part.wanted)]


def _span(work: Work) -> tuple[date, date]:
    """The first and the last of the days outside which nobody's days differ."""
    if work.is_relinked or not work.wanted:
        return FIRST_DAY, LAST_DAY
    return work.wanted[0], work.wanted[-1]


def _collected(span: tuple[date, date]) -> dict[str, Fragment]:
    """How the days within a span are collected: as the bits of a number, or as an array where they are too many."""
    if span[1] - span[0] >= timedelta(days=BITS):
        collected, collects, read = "groupUniqArrayIf", "day", "arraySort($days)"
        differ = "arraySort(now_within) != arraySort(was_within)"
    else:
        collected = "groupBitOrIf"
        collects = f"bitShiftLeft(toUInt64(1), bitAnd(day - {{span_start:Date}}, {BITS - 1}))"
        read = "arrayMap(bit -> {span_start:Date} + bit, bitPositionsToArray($days))"
        differ = "now_within != was_within"
    return {
        "collected": Fragment(collected),
        "collects": Fragment(collects),
        "differ": Fragment(differ),
        "now_within": Fragment(read.replace("$days", "now_within")),
        "was_within": Fragment(read.replace("$days", "was_within")),
    }


def _grouped(named: Sequence[str], chunks: int) -> dict[str, Fragment]:
    """How members are grouped."""
    read = dimensions.columns(named)
    chunked = "sipHash64(CAST(value, 'String')) % {chunks:UInt64} = {chunk:UInt64}"
    return {
        "keys": Fragment(read.keys),
        "dimension": Fragment(read.dimension),
        "chunked": Fragment(chunked if chunks > 1 else "1"),
    }


def _publish(work: Work, unbounded: Unbounded, store: Store) -> dict[str, Any]:
    corrected: set[tuple[str, date]] = set()
    if not work.is_first:
        corrected |= set(
            store.select("rollups/corrected_days", work.parameters, work.fragments).rows
        )
        corrected -= {(part.site_id, day) for part in work.parts for day in part.wanted}
    rows: list[dict[str, Any]] = []
    for part in work.parts:
        days = {day for site_id, day in corrected if site_id == part.site_id}
        published = {"site_id": part.site_id, "build_id": part.build_id}
        rows += [
            published | row | {"day": str(row["day"])}
            for row in _published_rows(part, unbounded.get(part.site_id, {}), days)
        ]
    if not work.lease.is_held():
        raise Taken("busy", "This took so long that somebody else may have begun it.")
    store.insert("builds", rows)
    for part in work.parts:
        if part.erased:
            forgotten = {"site": part.site_id, "erased": list(part.erased)}
            store.run("rollups/forget_people", forgotten)
    windows = sum(len(part.wanted) for part in work.parts)
    return {"windows": windows, "corrected": len(corrected)}


def _published_rows(
    part: Part, unbounded: Mapping[date, Iterable[str]], corrected: Iterable[date]
) -> Iterator[dict[str, Any]]:
    """The rows of `builds` that publish a site's part."""
    seen, zone = part.changed.seen, part.changed.site.timezone
    for day in part.wanted:
        yield {
            "day": day,
            "kind": "base",
            "seen": list(seen[day]),
            "unbounded": sorted(unbounded.get(day, ())),
            "zone": zone,
        }
    for day in sorted(corrected):
        yield {"day": day, "kind": "delta"}
    if PEOPLE in seen:
        yield {"day": PEOPLE, "kind": "base", "seen": list(seen[PEOPLE])}
    # Of an expired day nobody was erased from nothing changes, but that it was seen, in the zone of today: its events
    # are gone, so it stays the day of the zone it was built in.
    for day, changes in seen.items():
        if day != PEOPLE and day not in part.wanted:
            yield {"day": day, "kind": "delta", "seen": list(changes), "zone": zone}


def _members(named: Sequence[str], work: Work, *, everyone: bool, has_unbounded: bool) -> Fragment:
    """Who was active when with what, as it was and as it is."""
    read = dimensions.columns(named)
    builds_of_it, none = "build_id IN {builds:Array(UInt64)}", "false"
    was, is_ = f"NOT {builds_of_it}", f"({builds_of_it} OR NOT {work.fragments['wanted'].sql})"
    if has_unbounded:
        was = f"({was} AND {_bounded('unbounded_before', read.dimension, work)})"
        is_ = f"({is_} AND {_bounded('unbounded_now', read.dimension, work)})"
    people = {"was": _published_people(work, "[0]"), "is": _published_people(work, _RUNNING)}
    sides = [(was, is_, "is", "1")]
    if work.is_relinked:
        of = work.fragments["of"].sql
        relinked = (
            f"({of} identity) IN (SELECT {of} identity FROM people "
            f"WHERE {work.fragments['sites'].sql} AND {builds_of_it})"
        )
        sides = [
            (was, is_, "is", f"NOT {relinked}"),
            (was, none, "was", relinked),
            (none, is_, "is", relinked),
        ]
    touched = (
        "identity IN (SELECT identity FROM touched WHERE build_id = {builds:Array(UInt64)}[1])"
    )
    fragments = {
        **work.fragments,
        "values": Fragment(read.held),
        "touched": Fragment("1" if everyone else touched),
    }
    sql = [
        substituted(
            "rollups/membership",
            fragments
            | {
                "was": Fragment(was_held),
                "is": Fragment(is_held),
                "people": people[side],
                "chosen": Fragment(chosen),
            },
        )
        for was_held, is_held, side, chosen in sides
    ]
    return Fragment(" UNION ALL ".join(sql))


def _bounded(unbounded: str, dimension: str, work: Work) -> str:
    triple = f"({work.fragments['site'].sql}, {dimension}, day)"
    return f"NOT has({{{unbounded}:Array(Tuple(String, String, Date))}}, {triple})"


def _published_people(work: Work, running: str) -> Fragment:
    """Who counts as whom: as published, and with the rows of a running build."""
    fragments = work.fragments | {"running": Fragment(running)}
    return Fragment(substituted("parts/people", fragments))


def _unbounded(work: Work, store: Store) -> Unbounded:
    """The dimensions of each wanted day that have too many values."""
    found: dict[str, dict[date, frozenset[str]]] = {}
    if work.size > VALUES:  # else no day can have so many
        asked = work.parameters | {"most": VALUES}
        for site_id, day, named in store.select("rollups/unbounded", asked, work.fragments).rows:
            found.setdefault(site_id, {})[day] = frozenset(named)
    return found


def _triples(part: Part, unbounded: Mapping[date, Iterable[str]]) -> list[tuple[str, str, date]]:
    return [(part.site_id, name, day) for day, named in unbounded.items() for name in sorted(named)]


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
        size = work.size_of([day])
        if group and (day - group[-1] > timedelta(days=1) or rows + size > ROWS_A_STATEMENT):
            yield group
            group, rows = [], 0
        group.append(day)
        rows += size
    if group:
        yield group


def day_sizes(sites: Sequence[str], store: Store) -> dict[str, dict[date, int]]:
    """About how many events each UTC day of sites has. Raises Unavailable."""
    asked = {"sites": list(sites), "from_day": FIRST_DAY, "to_day": LAST_DAY}
    sizes: dict[str, dict[date, int]] = {site_id: {} for site_id in sites}
    for site_id, day, rows in store.select("rollups/day_sizes", asked).rows:
        sizes[site_id][day] = rows
    return sizes


def _calendar(group: Sequence[date], site: Site) -> dict[str, Any]:
    """The days around a group by the moment they begin; a day that the clock skips is not among them."""
    days = [group[0] + timedelta(days=by) for by in range(-4, (group[-1] - group[0]).days + 5)]
    begins = {midnight(day, site.zone): day for day in days}
    return {"midnights": list(begins), "days": list(begins.values())}


STEPS = (_sessions, _breakdowns, _copies, _heads, _people, _touched)
"""In this order: each reads what those before it wrote."""
