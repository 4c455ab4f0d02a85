"""Numbers from the rollups: what whole days of the site's zone add up to, by bucket and value.

totals       everything, by quarter of an hour
breakdowns   one value of one dimension, by day
uniques      visitors of one value of one dimension, exact over any days
sessions     whatever is asked of parts of sessions: filters, several values
"""

from collections.abc import Iterator, Sequence
from datetime import date

from footfall import builds, dimensions
from footfall.builds import Builds
from footfall.days import local_day
from footfall.query.catalog import Value
from footfall.query.raw import Asked, Binder, Source
from footfall.store import Fragment, statement, substituted

KNOWN = frozenset((*dimensions.OWN, *dimensions.OF_SESSION, *dimensions.HITS))
"""The dimensions that rollups are made by."""


def totals(asked: Asked, days: Sequence[date], found: Builds) -> Source:
    """Everything but visitors; buckets may begin at any quarter of an hour."""
    binder = asked.binder
    bucket = "toInt64(0)"
    if asked.buckets:
        bucket = "roundDown(toInt64(toUnixTimestamp(quarter)) * 1000, {bounds:Array(Int64)})"
    fragments = {
        "bucket": Fragment(bucket),
        "built": binder.bind(builds.bases(found, days), "Array(Tuple(Date, UInt64))"),
    }
    return Source(substituted("queries/totals", fragments), asked.parameters | binder.parameters)


def breakdowns(asked: Asked, days: Sequence[date], found: Builds) -> Source:
    """Everything but visitors, by one value."""
    binder = asked.binder
    fragments = _range(binder, days) | {
        "dimension": binder.bind(asked.values[0].name, "String"),
        "built": binder.bind(builds.bases(found, days), "Array(Tuple(Date, UInt64))"),
        "only": _only(asked, "value"),
    }
    return Source(
        substituted("queries/breakdowns", fragments), asked.parameters | binder.parameters
    )


def uniques(asked: Asked, days: Sequence[date], found: Builds) -> Source:
    """The visitors of days, by bucket and at most one value. Every bucket must be whole days of these."""
    binder = asked.binder
    first_day = binder.bind(days[0], "Date").sql
    if asked.buckets:
        firsts = [local_day(start, asked.question.site.zone) for start in _buckets_of(asked, days)]
        first_day = f"transform(day, {_days(binder, days)}, {binder.bind(firsts, 'Array(Date)').sql}, toDate(0))"
    fragments = _range(binder, days) | {
        "bucket": _bucket(binder, asked, days),
        "first_day": Fragment(first_day),
        "dimension": binder.bind(asked.values[0].name if asked.values else "", "String"),
        "built": binder.bind(builds.all_parts(found, days), "Array(Tuple(Date, UInt64))"),
        "only": _only(asked, "value"),
    }
    return Source(substituted("queries/uniques", fragments), asked.parameters | binder.parameters)


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
    return Source(sql, asked.parameters | binder.parameters)


def leading(
    asked: Asked, days: Sequence[date], found: Builds, limit: int
) -> tuple[Source, dict[str, Fragment]]:
    """The statement that finds the values with the highest bounds of their visitors, and its fragments."""
    binder = asked.binder
    names = {"visitors": "identities"}
    counted = " + ".join(names.get(metric.name, metric.name) for metric in asked.metrics)
    fragments = _range(binder, days) | {
        "dimension": binder.bind(asked.values[0].name, "String"),
        "built": binder.bind(builds.bases(found, days), "Array(Tuple(Date, UInt64))"),
        "counted": Fragment(f"sum({counted})"),
    }
    return Source(
        "queries/leading", asked.parameters | binder.parameters | {"limit": limit}
    ), fragments


def _only(asked: Asked, column: str) -> Fragment:
    if asked.only is None or len(asked.values) != 1:
        return Fragment("1")
    return Fragment(f"{column} IN {asked.binder.bind(list(asked.only), 'Array(String)').sql}")


def _selected(asked: Asked) -> Fragment:
    """What the filter selects, of the values that are enough to know."""
    only = _only(asked, asked.value.sql)
    return Fragment(f"{asked.question.filter.condition.sql} AND {only.sql}")


def _rows(
    binder: Binder, asked: Asked, days: Sequence[date], found: Builds, *, persons: bool
) -> Fragment:
    of_hits = any(value.dimension.name in dimensions.HITS for value in asked.looked_at)
    linked = Fragment("")
    if persons:
        aliased = asked.aliases
        linked = Fragment(
            f"LEFT JOIN ({statement('parts/linked')}) AS linked USING (identity)"
            if aliased
            else f"LEFT JOIN ({statement('parts/linked_actors')}) AS linked USING (identity)"
        )
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
        "built": binder.bind(builds.bases(found, days), "Array(Tuple(Date, UInt64))"),
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


def _range(binder: Binder, days: Sequence[date]) -> dict[str, Fragment]:
    return {"from_day": binder.bind(days[0], "Date"), "to_day": binder.bind(days[-1], "Date")}


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
