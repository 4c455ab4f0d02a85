"""The one place that decides where numbers are read from: rollups, the events themselves, or both.

Whole days of the site's zone that have not changed since they were rolled up are read from rollups; what is left of
the period (its open tail, days that changed, parts of days) from the events. What no rollup holds (properties, bots)
is read from the events alone. Whatever is decided, the numbers are the same.
"""

import bisect
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from footfall import builds
from footfall.builds import Builds
from footfall.days import FIRST_DAY, LAST_DAY, QUARTER_MS, local_day, midnight
from footfall.errors import Unprocessable
from footfall.journal import FIRST_WINDOW, PEOPLE, pending
from footfall.people import aliases
from footfall.query import raw, rolled
from footfall.query.filters import NOTHING
from footfall.query.period import Period
from footfall.query.question import Question
from footfall.query.raw import Asked, Interval, Source
from footfall.site import Site
from footfall.store import Fragment, Store, substituted

Where = Literal["rollup", "raw", "both"]

PIECES = 50
"""A period that changed days cut into more pieces is read from the events alone."""


@dataclass
class Snapshot:
    """What one request knows of a site's rollups: which builds count, and which windows changed since."""

    site_id: str
    changed: frozenset[date]
    built: Builds
    _aliases: dict[str, str] | None = field(default=None, repr=False)
    _splits: "dict[tuple[int, int, str], _Split]" = field(default_factory=dict, repr=False)

    def aliases(self, store: Store) -> dict[str, str]:
        """The users that are aliases of others, read once. Raises Unavailable."""
        if self._aliases is None:
            self._aliases = aliases(self.site_id, store)
        return self._aliases

    def split(self, period: Period, site: Site) -> "_Split":
        """A period in what rollups tell of it and what only the events do, found once."""
        key = (period.start, period.end, site.timezone)
        if key not in self._splits:
            self._splits[key] = _split(period, site, self)
        return self._splits[key]


def take_snapshot(site_id: str, store: Store) -> Snapshot:
    """Read what rollups a site has. Raises Unavailable."""
    # The changes first: what is published in between has seen more than is believed, never less.
    changed = frozenset(pending(store, site_id))
    return Snapshot(site_id, changed, builds.current(store, site_id, FIRST_DAY, LAST_DAY))


@dataclass(frozen=True, slots=True)
class Choice:
    """What tells the parts whose sum is the answer: the days of three tables, and sources of any other kind."""

    source: Where
    since: int | None
    """The first moment of which the events themselves are needed; None where they are not."""
    totals: Sequence[date] = ()
    breakdowns: Sequence[date] = ()
    uniques: Sequence[date] = ()
    others: Sequence[Source] = ()
    """Sources that cost more than a statement: nothing is asked together with them."""


@dataclass(frozen=True, slots=True)
class _Split:
    """A period in days that rollups tell, and the times that only the events do."""

    days: list[date]
    times: list[Interval]


def choose(asked: Asked, period: Period, snapshot: Snapshot) -> Choice:
    """Where the numbers of a period come from. Raises Unprocessable where they have expired with the events."""
    chosen = _choose(asked, period, snapshot)
    horizon_ms = asked.question.site.horizon_ms(asked.question.now_ms)
    if horizon_ms is not None and period.start < horizon_ms:
        _check_horizon(asked, period, snapshot, chosen, horizon_ms)
    return chosen


def sources(together: Sequence[tuple[Asked, Choice]], snapshot: Snapshot) -> list[Source]:
    """The sources of questions that are asked together: of one, or of several whose choices have no `others`.

    Their rows are numbered by the place of their question. Either none of them is by values, or all are by one and
    about the same days.
    """
    first, choice = together[0]
    binder = first.binder
    kinds = (
        (rolled.totals, [chosen.totals for _, chosen in together]),
        (rolled.breakdowns, [chosen.breakdowns for _, chosen in together]),
        (rolled.uniques, [chosen.uniques for _, chosen in together]),
    )
    found: list[Source] = []
    for read, days_of in kinds:
        told = [
            rolled.Told(number, asked, days)
            for number, ((asked, _), days) in enumerate(zip(together, days_of, strict=True))
            if days
        ]
        if told:
            sql = read(told, snapshot.built, binder)
            found.append(Source(sql, first.parameters | binder.parameters))
    return [*found, *choice.others]


def whole_days(asked: Asked, period: Period, snapshot: Snapshot) -> list[date]:
    """The days of a period that rollups tell all of, in one value of one dimension; none where they do not."""
    question = asked.question
    if _is_of_events_alone(question) or question.filter.values or len(asked.values) != 1:
        return []
    if asked.values[0].name not in rolled.KNOWN or asked.buckets:
        return []
    split = snapshot.split(period, question.site)
    return [] if split.times else split.days


def _check_horizon(
    asked: Asked, period: Period, snapshot: Snapshot, chosen: Choice, horizon_ms: int
) -> None:
    """Before the horizon only what is stored answers: totals, and visitors of times that do not cross it."""
    zone = asked.question.site.zone
    horizon = local_day(horizon_ms, zone)
    first, last = local_day(period.start, zone), local_day(period.end - 1, zone)
    if not any(first <= day < horizon and day <= last and day != PEOPLE for day in snapshot.built):
        return  # nothing has expired: the site is younger
    edges = [b.start for b in asked.buckets] or [period.start]
    ends = [*edges[1:], period.end]
    crosses = asked.with_visitors and any(
        start < horizon_ms < end for start, end in zip(edges, ends, strict=True)
    )
    if crosses or (chosen.since is not None and chosen.since < horizon_ms):
        raise Unprocessable(
            "beyond_retention",
            "The events of this period have expired; only totals without filters are kept of it.",
            field="period",
        )


def _choose(asked: Asked, period: Period, snapshot: Snapshot) -> Choice:
    times = [(max(period.start, 0), max(period.end, 0))]
    if _is_of_events_alone(asked.question):
        return _only_events(asked, times)
    is_known = all(value.dimension.name in rolled.KNOWN for value in asked.looked_at)
    if not (is_known or asked.needs_sessions):
        return _only_events(asked, times)
    split = snapshot.split(period, asked.question.site)
    if not split.days or len(split.times) > PIECES:
        return _only_events(asked, times)
    if not is_known:
        return _joined(asked, split, times, snapshot)
    chosen = _Chosen()
    if any(metric.name != "visitors" for metric in asked.metrics):
        _additive(asked, split, times, snapshot.built, chosen)
    if asked.with_visitors:
        _visitors(asked, split, times, snapshot, chosen)
    if chosen.where == {"raw"}:
        return _only_events(asked, times)
    if asked.question.filter.values or len(asked.values) > 1:
        chosen.since = times[0][0]
    source: Where = "both" if len(chosen.where) > 1 else "rollup"
    return Choice(
        source, chosen.since, chosen.totals, chosen.breakdowns, chosen.uniques, chosen.others
    )


def _is_of_events_alone(question: Question) -> bool:
    """Whether rollups hold nothing of what is selected."""
    return question.bots != "exclude" or question.filter == NOTHING


def _only_events(asked: Asked, times: Sequence[Interval]) -> Choice:
    counted = raw.counted(asked, times, visitors=asked.with_visitors)
    return Choice("raw", times[0][0], others=[counted])


def _split(period: Period, site: Site, snapshot: Snapshot) -> _Split:
    """Days without a build and without a change have no events: they are in neither part."""
    zone = site.zone
    first, last = local_day(period.start, zone), local_day(period.end - 1, zone)
    days: list[date] = []
    times: list[Interval] = []
    changed = snapshot.changed | builds.of_other_zones(snapshot.built, site.timezone)
    known = {*changed, *(day for day, build in snapshot.built.items() if build.base)}
    for day in sorted(day for day in known if first <= day <= last and day != PEOPLE):
        start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
        if period.start <= start and end <= period.end and day not in changed:
            days.append(day)
        elif start < end:
            times.append((max(start, period.start), min(end, period.end)))
    if period.start < midnight(FIRST_WINDOW, zone):
        times.insert(0, (period.start, min(period.end, midnight(FIRST_WINDOW, zone))))
    return _Split(days, raw.merged(times))


def _joined(asked: Asked, split: _Split, whole: Sequence[Interval], snapshot: Snapshot) -> Choice:
    """What only events tell, with the sessions that unchanged days have rolled up: numbering them costs more."""
    zone = asked.question.site.zone
    days = raw.merged(
        (midnight(day, zone), midnight(day + timedelta(days=1), zone)) for day in split.days
    )

    def sessioned(*, persons: bool) -> Source:
        return rolled.joined(asked, split.days, days, snapshot.built, persons=persons)

    found: list[Source] = []
    if any(metric.name != "visitors" for metric in asked.metrics):
        rows = sessioned(persons=False)
        found.append(raw.counted(asked, days, visitors=False, sessioned=rows))
        if split.times:
            found.append(raw.counted(asked, split.times, visitors=False))
    if asked.with_visitors:
        bound: dict[str, object] = {}
        active = [raw.members(asked, whole)]
        if asked.has_session_values:
            rows = sessioned(persons=True)
            active, bound = [raw.members(asked, days, rows)], rows.parameters
            if split.times:
                active.append(raw.members(asked, split.times))
        found.append(_counted_members(active, asked, bound))
    return Choice("both", whole[0][0], others=found)


@dataclass
class _Chosen:
    """A choice as it is found."""

    where: set[str] = field(default_factory=set)
    since: int | None = None
    totals: Sequence[date] = ()
    breakdowns: Sequence[date] = ()
    uniques: Sequence[date] = ()
    others: list[Source] = field(default_factory=list)

    def raw(self, times: Sequence[Interval]) -> None:
        """Note that events of some times are read."""
        self.where.add("raw")
        first = min(start for start, _ in times)
        self.since = first if self.since is None else min(first, self.since)


def _additive(
    asked: Asked, split: _Split, whole: Sequence[Interval], found: Builds, chosen: _Chosen
) -> None:
    """Everything but visitors: what days and times add up to."""
    is_everything = not asked.looked_at
    if not (_is_cut_by_quarters(asked, split) if is_everything else _is_cut_by_days(asked, split)):
        chosen.raw(whole)
        chosen.others.append(raw.counted(asked, whole, visitors=False))
        return
    chosen.where.add("rollup")
    if is_everything:
        chosen.totals = split.days
    elif len(asked.values) == 1 and not asked.question.filter.values and not asked.buckets:
        chosen.breakdowns = split.days
    else:
        chosen.others.append(rolled.parts(asked, split.days, found))
    if split.times:
        chosen.raw(split.times)
        chosen.others.append(raw.counted(asked, split.times, visitors=False))


def _visitors(
    asked: Asked, split: _Split, whole: Sequence[Interval], snapshot: Snapshot, chosen: _Chosen
) -> None:
    """Visitors do not add up: buckets of unchanged days have them from `uniques`, others from who was active when."""
    if not _is_cut_by_days(asked, split):
        chosen.raw(whole)
        chosen.others.append(_counted_members([raw.members(asked, whole)], asked, {}))
        return
    days, times = split.days, split.times
    has_uniques = not asked.question.filter.values and len(asked.values) <= 1
    if has_uniques and PEOPLE not in snapshot.changed:
        told, days, times = _told_by_uniques(asked, split, snapshot.built)
        if told:
            chosen.where.add("rollup")
            chosen.uniques = told
    active: list[str] = []
    bound: dict[str, object] = {}
    if days:
        source = rolled.members(asked, days, snapshot.built)
        active.append(source.sql)
        bound |= source.parameters
        chosen.where.add("rollup")
    if times:
        active.append(raw.members(asked, times))
        chosen.raw(times)
    if active:
        chosen.others.append(_counted_members(active, asked, bound))


def _told_by_uniques(
    asked: Asked, split: _Split, found: Builds
) -> tuple[list[date], list[date], list[Interval]]:
    """The days of buckets that `uniques` tells, and the days and times of those that it does not."""
    named = asked.values[0].name if asked.values else ""
    starts = [bucket.start for bucket in asked.buckets]

    def bucket(moment: int) -> int:
        return bisect.bisect_right(starts, moment) if starts else 0

    zone = asked.question.site.zone
    at = {day: bucket(midnight(day, zone)) for day in split.days}
    pieces = [
        (bucket(start), (start, end)) for whole in split.times for start, end in _cut(whole, starts)
    ]
    mixed = {number for number, _ in pieces}
    mixed |= {at[day] for day in split.days if named in found[day].unbounded}
    told = [day for day in split.days if at[day] not in mixed]
    left = [day for day in split.days if at[day] in mixed]
    return told, left, [piece for _, piece in pieces]


def _cut(time: Interval, starts: Sequence[int]) -> list[Interval]:
    """A time in the pieces that buckets cut it into."""
    start, end = time
    edges = [start, *(edge for edge in starts if start < edge < end), end]
    return list(itertools.pairwise(edges))


def _counted_members(active: Sequence[str], asked: Asked, bound: dict[str, object]) -> Source:
    sql = substituted("queries/visitors", {"members": Fragment(" UNION ALL ".join(active))})
    return Source(sql, asked.person_parameters | bound)


def _is_cut_by_quarters(asked: Asked, split: _Split) -> bool:
    """Whether days, and buckets within them, begin at quarters of an hour."""
    zone = asked.question.site.zone
    begins = [midnight(day, zone) for day in split.days]
    return all(moment % QUARTER_MS == 0 for moment in [*_starts_within(asked, split), *begins])


def _is_cut_by_days(asked: Asked, split: _Split) -> bool:
    """Whether no bucket begins within one of the days."""
    zone = asked.question.site.zone
    within = _starts_within(asked, split)
    return all(start == midnight(local_day(start, zone), zone) for start in within)


def _starts_within(asked: Asked, split: _Split) -> list[int]:
    days = set(split.days)
    zone = asked.question.site.zone
    return [b.start for b in asked.buckets if local_day(b.start, zone) in days]
