"""Numbers from the events themselves: what the selected ones of some times add up to, by bucket and value.

Without session metrics and session values, events are simply counted; with them, sessions are numbered first
(sql/parts/numbered.sql). Both answer the same columns, which are those of the rollups too (query/rolled.py).
"""

import bisect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from footfall.days import midnight, session_reach
from footfall.query.catalog import DIMENSIONS, PROPERTY, Metric, Value
from footfall.query.people import ALIASED, UNLINKED
from footfall.query.period import Bucket
from footfall.query.question import BOTS, Question
from footfall.store import Fragment, statement, substituted

Interval = tuple[int, int]
"""`[start, end)` in ms."""


@dataclass(frozen=True, slots=True)
class Source:
    """A statement and what it binds; its columns are number (which of the questions that are asked together a row
    answers; 0 where one is asked alone), bucket, value and the sums that METRICS are made of.
    """

    sql: str
    parameters: dict[str, Any] = field(default_factory=dict)


class Binder:
    """Gives what sources bind names of their own: several stand in one statement."""

    def __init__(self) -> None:
        self.parameters: dict[str, Any] = {}
        self._numbers: Iterator[int] = itertools.count()

    def bind(self, value: Any, kind: str) -> Fragment:
        """The placeholder of a value."""
        name = f"bound_{next(self._numbers)}"
        self.parameters[name] = value
        return Fragment(f"{{{name}:{kind}}}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the store: which numbers, by which values and buckets."""

    question: Question
    metrics: Sequence[Metric]
    values: Sequence[Value]
    buckets: Sequence[Bucket]
    read_aliases: Callable[[], Mapping[str, str]]
    """Tells the users that are aliases of others; asked only where persons have to be known."""
    only: Sequence[str] | None = None
    """Where one value is asked for: the values that are enough to know."""
    binder: Binder = field(default_factory=Binder)

    @property
    def with_visitors(self) -> bool:
        """Whether persons have to be known."""
        return any(metric.name == "visitors" for metric in self.metrics)

    @property
    def with_sessions(self) -> bool:
        """Whether sessions themselves are counted."""
        return any(metric.needs_sessions for metric in self.metrics)

    @property
    def has_session_values(self) -> bool:
        """Whether filter or breakdown look at values of sessions."""
        return any(value.dimension.of_session for value in self.looked_at)

    @property
    def needs_sessions(self) -> bool:
        """Whether it has to be known which events are one session."""
        return self.with_sessions or self.has_session_values

    @property
    def looked_at(self) -> Sequence[Value]:
        """All values that filter and breakdown look at."""
        return [*self.question.filter.values, *self.values]

    @property
    def parameters(self) -> dict[str, Any]:
        """What filter and values bind, wherever the numbers come from."""
        bound: dict[str, Any] = {"site": self.question.site.id}
        bound |= self.question.filter.parameters
        for value in self.values:
            bound |= value.parameters
        if self.buckets:
            bound["bounds"] = [bucket.start for bucket in self.buckets]
        return bound

    @property
    def person_parameters(self) -> dict[str, Any]:
        """What a source binds that tells persons: `parameters`, and the aliases."""
        aliases = self.read_aliases()
        if not aliases:
            return self.parameters
        ends = {"alias_from": list(aliases), "alias_to": list(aliases.values())}
        return self.parameters | ends

    def bucket_of(self, day: date) -> int:
        """The start of the bucket that a day of the site's zone lies in; its own begin must lie in the period."""
        begin = midnight(day, self.question.site.zone)
        starts = [bucket.start for bucket in self.buckets]
        return starts[bisect.bisect_right(starts, begin) - 1]

    @property
    def value(self) -> Fragment:
        """The value of a row: a text, of several values their list."""
        if len(self.values) == 1:
            return Fragment(self.values[0].sql)
        listed = ", ".join(value.sql for value in self.values)
        return Fragment(f"[{listed}]" if self.values else "''")


def counted(
    asked: Asked, times: Sequence[Interval], *, visitors: bool, sessioned: Source | None = None
) -> Source:
    """What the events of some times add up to; `visitors` too where they are asked for here.

    `sessioned` are the events with their sessions where these are known; else they are numbered.
    """
    parameters = asked.person_parameters if visitors else asked.parameters
    if not asked.needs_sessions:
        fragments = {
            "visitors": Fragment("uniqExact(person)" if visitors else "toUInt64(0)"),
            "bucket": _bucket("t", asked),
            "value": asked.value,
            "events": Fragment(_events(asked, times, persons=visitors)),
            "in_time": _within("t", times),
            "filter": asked.question.filter.condition,
        }
        return Source(substituted("queries/events", fragments), parameters)
    fragments = {
        "visitors": Fragment("uniqExactIf(person, part = 0)" if visitors else "toUInt64(0)"),
        "event_bucket": _bucket("t", asked),
        "session_bucket": _bucket("session_start", asked),
        "value": asked.value,
        "sessioned": Fragment(
            sessioned.sql if sessioned else _sessioned(asked, times, persons=visitors)
        ),
        "event_in_time": _within("t", times),
        "session_in_time": _within("session_start", times),
        "filter": asked.question.filter.condition,
    }
    if sessioned:
        parameters = parameters | sessioned.parameters
    return Source(substituted("queries/sessions", fragments), parameters)


def members(asked: Asked, times: Sequence[Interval], sessioned: Source | None = None) -> str:
    """Who was active at some times: rows of bucket, value and person. `sessioned` as for `counted`."""
    if sessioned:
        rows = sessioned.sql
    else:
        rows = (_sessioned if asked.has_session_values else _events)(asked, times, persons=True)
    return (
        f"SELECT {_bucket('t', asked).sql} AS bucket, {asked.value.sql} AS value, person FROM ({rows}) "
        f"WHERE {_within('t', times).sql} AND {asked.question.filter.condition.sql}"
    )


def with_sessions(
    asked: Asked,
    times: Sequence[Interval],
    sessions: Mapping[str, Fragment],
    bound: Mapping[str, Any],
    *,
    persons: bool,
) -> Source:
    """The events of some times, and those of the sessions that begin in them, with sessions that are rolled up.

    `sessions` says which: the fragments `built` and `columns` of parts/joined, which bind `bound`.
    """
    reached = merged((start, session_reach(start, end)[1]) for start, end in times)
    filter_ = asked.question.filter
    names = sorted({v.dimension.name for v in asked.looked_at if v.dimension.of_session})
    is_of_events = not any(value.dimension.of_session for value in filter_.values)
    fragments = {
        **sessions,
        "events": Fragment(_events(asked, reached, persons=persons)),
        "filter": filter_.condition if is_of_events else Fragment("1"),
        "session_values": Fragment(
            "".join(f", session.session_{name} AS session_{name}" for name in names)
        ),
    }
    parameters = asked.person_parameters if persons else asked.parameters
    return Source(substituted("parts/joined", fragments), {**parameters, **bound})


def _events(asked: Asked, times: Sequence[Interval], *, persons: bool) -> str:
    return substituted("parts/events", _read(asked, times, persons=persons))


def _sessioned(asked: Asked, times: Sequence[Interval], *, persons: bool) -> str:
    scanned = merged(session_reach(start, end) for start, end in times)
    read = _read(asked, scanned, persons=persons) | {"scanned": _within("t", scanned)}
    fragments = {
        "numbered": Fragment(substituted("parts/numbered", read)),
        "session_values": Fragment(_session_values(asked.looked_at)),
    }
    return substituted("parts/sessioned", fragments)


def _read(asked: Asked, times: Sequence[Interval], *, persons: bool) -> dict[str, Fragment]:
    people = Fragment("toUInt64(0)")
    if persons:
        people = ALIASED if asked.read_aliases() else UNLINKED
    return {
        "sites": Fragment("site_id = {site:String}"),
        "of": Fragment(""),
        "days": Fragment(
            f"({' OR '.join(f'day BETWEEN {_day(start)} AND {_day(end - 1)}' for start, end in times)})"
        ),
        "bots": BOTS[asked.question.bots],
        "columns": Fragment(_columns(asked.looked_at)),
        "person": people,
        "links": Fragment(statement("queries/links") if persons else ""),
    }


def merged(times: Iterable[Interval]) -> list[Interval]:
    """The same times in order, those that touch as one."""
    joined: list[Interval] = []
    for start, end in sorted(times):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _within(column: str, times: Sequence[Interval]) -> Fragment:
    """Whether a moment lies in one of the times. They are numbers of ours, not texts of a request."""
    some = " OR ".join(f"{column} >= {start:d} AND {column} < {end:d}" for start, end in times)
    return Fragment(f"({some or '0'})")


def _day(ms: int) -> str:
    return f"toDate(fromUnixTimestamp64Milli(toInt64({max(ms, 0):d}), 'UTC'))"


def _bucket(column: str, asked: Asked) -> Fragment:
    if not asked.buckets:
        return Fragment("toInt64(0)")
    return Fragment(f"roundDown({column}, {{bounds:Array(Int64)}})")


def _columns(values: Iterable[Value]) -> str:
    columns = {PROPERTY.column if v.dimension is PROPERTY else v.dimension.column for v in values}
    return "".join(f", {column}" for column in sorted(columns - {"type"}))


def _session_values(values: Iterable[Value]) -> str:
    names = {value.dimension.name for value in values if value.dimension.of_session}
    return "".join(
        f", {fragment.sql} AS session_{name}"
        for name in sorted(names)
        if (fragment := DIMENSIONS[name].of_session) is not None
    )
