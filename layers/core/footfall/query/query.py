"""POST /query: any metrics by any dimensions, over time too, in any order, compared with another period.

Without values (totals, a timeseries) all rows are read, and ordered and cut here; with values the store does both,
unless the order is that of changes, which needs both periods of every row.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from footfall.errors import Unprocessable
from footfall.query.catalog import METRICS
from footfall.query.compare import change
from footfall.query.parse import CHANGE, TIMES, Query
from footfall.query.period import Bucket, Period, iso
from footfall.query.read import Numbers, Origin, Page, Row, Wanted, filled
from footfall.query.reads import Reads

MOST_COMPARED = 100_000
"""How many rows of a period may be held in memory to be compared."""

_EVERYTHING = Page([], MOST_COMPARED)
SESSIONS = METRICS["sessions"]

Figures = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the answer, in the making; `step` is the place of its bucket, 0 without a dimension of time."""

    step: int
    values: tuple[str, ...]
    metrics: Figures
    before: Figures | None = None
    changes: Figures = ()


def expect(query: Query, reads: Reads) -> None:
    """Say what will be read, so that the queries of a request share it."""
    question = query.question
    if not query.values:
        reads.expect(_timed(query))
        if question.previous:
            reads.expect(Wanted(question, question.previous, query.metrics, (), query.past_steps))
    elif _steps(query) is not None:
        reads.expect(_listed(query))
    if query.asks("percentages"):
        reads.expect(Wanted(question, question.period, query.metrics))


def answer(query: Query, reads: Reads) -> tuple[dict[str, Any], Origin]:
    """`{"results": [{"dimensions", "metrics", …}], "meta": what meta adds, "query"}` and where it comes from.

    Raises Unprocessable for too many rows, Unavailable.
    """
    lines, total, origin = _lines(query, reads)
    is_cut = query.values and not query.orders_by_change
    if query.question.previous and lines:
        lines, more = _compared(query, lines, query.question.previous, reads)
        origin += more
    if not is_cut:
        total = len(lines)
        lines = _ordered(query, lines)[query.offset : query.offset + query.limit]
    whole: dict[str, float | None] = {}
    if query.asks("percentages"):
        whole, more = reads.totals(query.question, query.question.period, query.metrics)
        origin += more
    results = [_result(query, line, whole) for line in lines]
    return {"results": results, "meta": _meta(query, total), "query": echo(query)}, origin


def echo(query: Query) -> dict[str, Any]:
    """The query with everything resolved: what was left out, and the moments that its period means."""
    question = query.question
    bounds = (question.period.start, question.period.end)
    return {
        "site": question.site.id,
        "metrics": [metric.name for metric in query.metrics],
        "dimensions": query.names,
        "filters": query.filters,
        "date_range": [iso(bound, question.zone) for bound in bounds],
        "timezone": question.zone.key,
        "order_by": [list(part) for part in query.order],
        "pagination": {"limit": query.limit, "offset": query.offset},
        "include": query.include,
        "bots": question.bots,
    }


def table(query: Query, results: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The results as rows of a table: the dimensions, then the metrics, by their names."""
    names = header(query)
    return [dict(zip(names, [*row["dimensions"], *row["metrics"]], strict=True)) for row in results]


def header(query: Query) -> list[str]:
    """The columns of the table."""
    return [*query.names, *(metric.name for metric in query.metrics)]


def _lines(query: Query, reads: Reads) -> tuple[list[_Line], int, Origin]:
    """The rows of the period and how many there are; in order and cut where the store can do both."""
    if not query.values:
        found = reads.read(_timed(query))
        lines = _timeline(query, found) if query.has_time else [_total(query, found)]
        return lines, len(lines), found.origin
    steps = _steps(query)
    if steps is None:
        return [], 0, Origin("rollup")
    found = reads.read(_listed(query))
    if query.orders_by_change:
        _check_rows(found)
    at = {step.start: n for n, step in enumerate(steps)}
    lines = [_Line(at.get(row.bucket, 0), row.values, row.metrics) for row in found.rows]
    return lines, found.total, found.origin


def _timed(query: Query) -> Wanted:
    """What is read of a query without values."""
    return Wanted(query.question, query.question.period, query.metrics, (), query.steps)


def _listed(query: Query) -> Wanted:
    """What is read of a query with values: one page, unless the order is that of changes."""
    period, steps = query.question.period, _steps(query) or []
    if steps:
        period = Period(period.start, steps[-1].end, period.zone)
    page = Page(_store_order(query), query.limit, query.offset)
    if query.orders_by_change:
        page = _EVERYTHING
    is_counted = query.orders_by_change or query.asks("total_rows")
    return Wanted(
        query.question, period, query.metrics, query.values, steps, page, is_counted=is_counted
    )


def _steps(query: Query) -> Sequence[Bucket] | None:
    """The buckets of a query with values; what has not begun yet is no row. None where nothing has."""
    if not query.has_time:
        return []
    return [step for step in query.steps if step.start <= query.question.now_ms] or None


def _check_rows(found: Numbers) -> None:
    if found.total > MOST_COMPARED:
        raise Unprocessable(
            "too_many_rows",
            f"More than {MOST_COMPARED:,} rows cannot be compared; add a filter or take a longer interval.",
            field="include.compare",
        )


def _total(query: Query, found: Numbers) -> _Line:
    return _Line(0, (), _filled(query, found.rows[0] if found.rows else None))


def _timeline(query: Query, found: Numbers) -> list[_Line]:
    """A row for every bucket with numbers, or for every bucket of the period where its labels are asked for."""
    rows = {row.bucket: row for row in found.rows}
    lines = [
        _Line(n, (), _figures(query, step, rows.get(step.start)))
        for n, step in enumerate(query.steps)
    ]
    return [line for line in lines if query.asks("time_labels") or any(line.metrics)]


def _figures(query: Query, step: Bucket, row: Row | None) -> Figures:
    """The metrics of a bucket: nothing is known of the future."""
    if step.start > query.question.now_ms:
        return (None,) * len(query.metrics)
    return _filled(query, row)


def _filled(query: Query, row: Row | None) -> Figures:
    numbers = row.metrics[: len(query.metrics)] if row else (None,) * len(query.metrics)
    return tuple(filled(m, number) for m, number in zip(query.metrics, numbers, strict=True))


def _compared(
    query: Query, lines: Sequence[_Line], previous: Period, reads: Reads
) -> tuple[list[_Line], Origin]:
    """The rows with the numbers of the same values in the previous period, and of its bucket at the same place."""
    steps = query.past_steps
    is_some = query.values and len(lines) <= query.limit
    metrics = list(query.metrics)
    if query.values and not is_some:
        # A row of rates that are all 0 is no row unless something counts there.
        metrics += [SESSIONS] if SESSIONS not in metrics else []
    page = _EVERYTHING if query.values else None
    only = sorted({line.values for line in lines}) if is_some else None
    found = reads.read(Wanted(query.question, previous, metrics, query.values, steps, page, only))
    _check_rows(found)
    rows = {(row.bucket, row.values): row for row in found.rows}

    def compared(line: _Line) -> _Line:
        if not query.has_time:
            before = _filled(query, rows.get((0, line.values)))
        elif line.step < len(steps):
            step = steps[line.step]
            before = _figures(query, step, rows.get((step.start, line.values)))
        else:
            return replace(line, changes=(None,) * len(query.metrics))
        changes = map(change, query.metrics, line.metrics, before)
        return replace(line, before=before, changes=tuple(changes))

    return [compared(line) for line in lines], found.origin


def _store_order(query: Query) -> list[tuple[str, Any]]:
    """The order in the words of query.read: `bucket`, `value:0` …"""
    names = {name: "bucket" for name in query.names if name in TIMES}
    names |= {value.name: f"value:{at}" for at, value in enumerate(query.values)}
    return [(names.get(name, name), way) for name, way in query.order]


def _ordered(query: Query, lines: Sequence[_Line]) -> list[_Line]:
    """The rows in the order asked for, nulls last either way; ties by time, then by the values."""
    ordered = sorted(lines, key=lambda line: (line.step, line.values))
    for name, way in reversed(query.order):
        key = _sort_key(query, name)
        known = [line for line in ordered if key(line) is not None]
        nulls = [line for line in ordered if key(line) is None]
        ordered = sorted(known, key=key, reverse=way == "desc") + nulls
    return ordered


def _sort_key(query: Query, name: str) -> Callable[[_Line], Any]:
    metrics = [metric.name for metric in query.metrics]
    values = [value.name for value in query.values]
    if name in TIMES:
        return lambda line: line.step
    if name in values:
        value = values.index(name)
        return lambda line: line.values[value]
    metric = metrics.index(name.removeprefix(CHANGE))
    if name.startswith(CHANGE):
        return lambda line: line.changes[metric] if line.changes else None
    return lambda line: line.metrics[metric]


def _result(query: Query, line: _Line, whole: dict[str, float | None]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "dimensions": _shown(query, line, query.steps),
        "metrics": list(line.metrics),
    }
    if query.asks("percentages"):
        result["percentages"] = [
            number / total * 100
            if metric.kind == "count" and number is not None and (total := whole[metric.name])
            else None
            for metric, number in zip(query.metrics, line.metrics, strict=True)
        ]
    if "compare" in query.include:
        result["comparison"] = _comparison(query, line)
    return result


def _comparison(query: Query, line: _Line) -> dict[str, Any] | None:
    """The same of the previous period; None where it has no bucket at that place, or where there is none."""
    if line.before is None:
        return None
    return {
        "dimensions": _shown(query, line, query.past_steps),
        "metrics": list(line.before),
        "change": list(line.changes),
    }


def _shown(query: Query, line: _Line, steps: Sequence[Bucket]) -> list[str]:
    """The dimensions of a row in the order asked for."""
    values = iter(line.values)
    return [steps[line.step].label if name in TIMES else next(values) for name in query.names]


def _meta(query: Query, total: int) -> dict[str, Any]:
    """What an answer says about itself beyond what all answers say."""
    told: dict[str, Any] = {}
    if query.asks("total_rows"):
        told["total_rows"] = total
    if query.asks("time_labels"):
        now = query.question.now_ms
        told["time_labels"] = [step.label for step in query.steps]
        told["partial"] = [s.label for s in query.steps if s.start <= now < s.end]
    return told
