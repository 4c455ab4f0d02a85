"""Numbers from the rollups: what whole days of the site's zone add up to, by bucket and value.

totals       everything, by quarter of an hour
breakdowns   one value of one dimension, by day
uniques      visitors of one value of one dimension, exact over any days
sessions     whatever is asked of parts of sessions: filters, several values

What the first three tell is asked together: rows carry the number of the question that they answer.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from footfall import builds, dimensions
from footfall.builds import Builds
from footfall.days import local_day
from footfall.query import raw
from footfall.query.catalog import Value
from footfall.query.raw import Asked, Binder, Interval, Source
from footfall.store import Fragment, statement, substituted

KNOWN = frozenset((*dimensions.OWN, *dimensions.OF_SESSION, *dimensions.HITS))
"""The dimensions that rollups are made by."""


@dataclass(frozen=True, slots=True)
class Told:
    """A question, and the whole days that rollups tell of it: not none."""

    number: int
    """Its place among those that are asked together."""
    asked: Asked
    days: Sequence[date]


def totals(together: Sequence[Told], found: Builds, binder: Binder) -> str:
    """Everything but visitors, of questions that are asked together; buckets may begin at any quarter of an hour."""
    fragments = _numbered(together) | {
        "bucket": _by_number(together, [_quarters(binder, told.asked) for told in together]),
        "in_time": _by_number(together, [_between(binder, told.days) for told in together]),
        "built": _built(binder, _days_of(together), found),
    }
    return substituted("queries/totals", fragments)


def breakdowns(together: Sequence[Told], found: Builds, binder: Binder) -> str:
    """Everything but visitors by one value, of questions that are asked together about the same days."""
    fragments = {
        "number": _number_of_list(binder, together),
        "lists": _lists(binder, together),
        "built": _built(binder, together[0].days, found),
    }
    return substituted("queries/breakdowns", fragments)


def uniques(together: Sequence[Told], found: Builds, binder: Binder) -> str:
    """The visitors of questions that are asked together: by bucket, or by one value and then about the same days.

    Every bucket must be whole days of these.
    """
    fragments = _numbered(together)
    windows = together
    if together[0].asked.values:
        fragments = {"each": Fragment(""), "number": _number_of_list(binder, together)}
        windows = together[:1]
    buckets = [_bucket(binder, told.asked, told.days).sql for told in windows]
    fragments |= {
        "bucket": _by_number(windows, buckets),
        "lists": _lists(binder, together),
        "in_time": _by_number(windows, [_between(binder, told.days) for told in windows]),
        "since": _by_number(windows, [_since(binder, told) for told in windows]),
        "built": _built(binder, _days_of(together), found, deltas=True),
    }
    return substituted("queries/uniques", fragments)


def parts(asked: Asked, days: Sequence[date], found: Builds) -> Source:
    """Everything but visitors, of what the filter selects, by bucket and any values."""
    binder = asked.binder
    fragments = {
        "rows": _rows(binder, asked, days, found, persons=False),
        "value": asked.value,
        "filter": _selected(asked),
    }
    name = "queries/part_sessions" if asked.with_sessions else "queries/parts"
    return Source(substituted(name, fragments), asked.parameters | binder.parameters)


def members(asked: Asked, days: Sequence[date], found: Builds) -> Source:
    """Who was active on days with what the filter selects: rows of bucket, value and person."""
    binder = asked.binder
    rows = _rows(binder, asked, days, found, persons=True)
    sql = (
        f"SELECT bucket, {asked.value.sql} AS value, person FROM ({rows.sql}) "
        f"WHERE is_active AND {_selected(asked).sql}"
    )
    return Source(sql, asked.person_parameters | binder.parameters)


def joined(
    asked: Asked, days: Sequence[date], times: Sequence[Interval], found: Builds, *, persons: bool
) -> Source:
    """The events of days, which are these times, with their sessions: for what only events tell (properties)."""
    binder = asked.binder
    names = sorted({v.dimension.name for v in asked.looked_at if v.dimension.of_session})
    sessions = {
        "columns": Fragment("".join(f", {name} AS session_{name}" for name in names)),
        "built": _built(binder, days, found),
    }
    return raw.with_sessions(asked, times, sessions, binder.parameters, persons=persons)


def heads(
    together: Sequence[Told], found: Builds, limit: int
) -> tuple[Mapping[str, Any], Mapping[str, Fragment]]:
    """What queries/heads binds and reads to find the `limit` values of lists with the highest bounds of visitors."""
    binder = Binder()
    # One row more tells of the rest.
    return _of_lists(together, found, binder, {"limit": binder.bind(limit + 1, "UInt64")})


def listed(
    together: Sequence[Told], found: Builds
) -> tuple[Mapping[str, Any], Mapping[str, Fragment]]:
    """What queries/listed binds and reads to count the values of lists."""
    names = {"visitors": "identities"}
    metrics = together[0].asked.metrics
    counted = " + ".join(names.get(metric.name, metric.name) for metric in metrics)
    return _of_lists(together, found, Binder(), {"counted": Fragment(f"sum({counted})")})


def _of_lists(
    together: Sequence[Told], found: Builds, binder: Binder, more: Mapping[str, Fragment]
) -> tuple[Mapping[str, Any], Mapping[str, Fragment]]:
    fragments = {
        "lists": _lists(binder, together),
        "built": _built(binder, together[0].days, found),
        **more,
    }
    site = together[0].asked.question.site
    return {"site": site.id} | binder.parameters, fragments


def _numbered(together: Sequence[Told]) -> dict[str, Fragment]:
    """Each row once for every question that is asked together."""
    if len(together) == 1:
        return {"each": Fragment(""), "number": Fragment(f"toUInt8({together[0].number:d})")}
    numbers = ", ".join(f"{told.number:d}" for told in together)
    return {"each": Fragment(f"ARRAY JOIN [{numbers}] AS number"), "number": Fragment("number")}


def _by_number(together: Sequence[Told], expressions: Sequence[str]) -> Fragment:
    """The expression of the question that a row is numbered for."""
    *cases, last = expressions
    if not cases:
        return Fragment(last)
    numbered = zip(together, cases, strict=False)
    chosen = ", ".join(f"number = {told.number:d}, {sql}" for told, sql in numbered)
    return Fragment(f"multiIf({chosen}, {last})")


def _number_of_list(binder: Binder, together: Sequence[Told]) -> Fragment:
    if len(together) == 1:
        return Fragment(f"toUInt8({together[0].number:d})")
    names = binder.bind([_name(told) for told in together], "Array(String)").sql
    numbers = binder.bind([told.number for told in together], "Array(UInt8)").sql
    return Fragment(f"transform(dimension, {names}, {numbers}, toUInt8(0))")


def _lists(binder: Binder, together: Sequence[Told]) -> Fragment:
    """Which rows belong to the questions: those of their dimensions, and of the values that are enough to know."""
    whole = sorted({_name(told) for told in together if told.asked.only is None})
    parts = [f"dimension IN {binder.bind(whole, 'Array(String)').sql}"] if whole else []
    parts += [
        f"(dimension = {binder.bind(_name(told), 'String').sql} AND {_only(told.asked, 'value', binder).sql})"
        for told in together
        if told.asked.only is not None
    ]
    return Fragment(f"({' OR '.join(parts)})")


def _name(told: Told) -> str:
    values = told.asked.values
    return values[0].name if values else dimensions.ALL


def _quarters(binder: Binder, asked: Asked) -> str:
    if not asked.buckets:
        return "toInt64(0)"
    bounds = binder.bind([bucket.start for bucket in asked.buckets], "Array(Int64)").sql
    return f"roundDown(toInt64(toUnixTimestamp(quarter)) * 1000, {bounds})"


def _since(binder: Binder, told: Told) -> str:
    """The first day of the bucket that a row's day lies in: who came last before it comes into the bucket that day."""
    asked, days = told.asked, told.days
    if not asked.buckets:
        return binder.bind(days[0], "Date").sql
    firsts = [local_day(start, asked.question.site.zone) for start in _buckets_of(asked, days)]
    return f"transform(day, {_days(binder, days)}, {binder.bind(firsts, 'Array(Date)').sql}, toDate(0))"


def _between(binder: Binder, days: Sequence[date]) -> str:
    first, last = binder.bind(days[0], "Date").sql, binder.bind(days[-1], "Date").sql
    return f"day BETWEEN {first} AND {last}"


def _days_of(together: Sequence[Told]) -> list[date]:
    return sorted({day for told in together for day in told.days})


def _built(
    binder: Binder, days: Sequence[date], found: Builds, *, deltas: bool = False
) -> Fragment:
    """Whether a row counts: it is of the base of one of the days, or (`deltas`) of a correction of it."""
    parts = (builds.all_parts if deltas else builds.bases)(found, days)
    listed = binder.bind(parts, "Array(Tuple(Date, UInt64))").sql
    return Fragment(f"{_between(binder, days)} AND (day, build_id) IN {listed}")


def _only(asked: Asked, column: str, binder: Binder) -> Fragment:
    if asked.only is None or len(asked.values) != 1:
        return Fragment("1")
    return Fragment(f"{column} IN {binder.bind(list(asked.only), 'Array(String)').sql}")


def _selected(asked: Asked) -> Fragment:
    """What the filter selects, of the values that are enough to know."""
    only = _only(asked, asked.value.sql, asked.binder)
    return Fragment(f"{asked.question.filter.condition.sql} AND {only.sql}")


def _rows(
    binder: Binder, asked: Asked, days: Sequence[date], found: Builds, *, persons: bool
) -> Fragment:
    of_hits = any(value.dimension.name in dimensions.HITS for value in asked.looked_at)
    linked = Fragment("")
    if persons:
        name = "parts/linked" if asked.read_aliases() else "parts/linked_actors"
        linked = Fragment(f"LEFT JOIN ({statement(name)}) AS linked USING (identity)")
    fragments = {
        "bucket": _bucket(binder, asked, days),
        "pageviews": Fragment("toUInt64(hit_is_pageview)" if of_hits else "sessions.pageviews"),
        "events": Fragment("toUInt64(1)" if of_hits else "sessions.events"),
        "hits": Fragment(dimensions.EXPAND if of_hits else ""),
        "person": Fragment(
            "if(linked.person = 0, identity, linked.person)" if persons else "toUInt64(0)"
        ),
        "links": linked,
        "columns": Fragment("".join(_columns(asked.looked_at))),
        "built": _built(binder, days, found),
    }
    return Fragment(substituted("parts/rows", fragments))


def _columns(values: Sequence[Value]) -> Iterator[str]:
    """The columns of values, named as they are where events are read."""
    for name in sorted({value.dimension.name for value in values}):
        if name in dimensions.HITS:
            column = dimensions.HITS[name]
            yield f", {column} AS {column.removeprefix('hit_')}"
        elif name in dimensions.OF_SESSION:
            yield f", {name} AS session_{name}"
        else:
            yield f", {name}"


def _bucket(binder: Binder, asked: Asked, days: Sequence[date]) -> Fragment:
    if not asked.buckets:
        return Fragment("toInt64(0)")
    starts = binder.bind(_buckets_of(asked, days), "Array(Int64)").sql
    return Fragment(f"transform(day, {_days(binder, days)}, {starts}, toInt64(0))")


def _days(binder: Binder, days: Sequence[date]) -> str:
    return binder.bind(list(days), "Array(Date)").sql


def _buckets_of(asked: Asked, days: Sequence[date]) -> list[int]:
    """The start of the bucket that each day lies in."""
    return [asked.bucket_of(day) for day in days]
