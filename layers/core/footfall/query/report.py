"""A question becomes one statement: what the selected events (and sessions) of a period add up to, by bucket and value.

Without session metrics and session values, events are simply counted; with them, sessions are numbered first
(sql/queries/sessions.sql). Both statements answer the same columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from string import Template
from typing import Any

from footfall.query.catalog import DIMENSIONS, PROPERTY, Metric, Value
from footfall.query.people import ALIASED, UNLINKED
from footfall.query.period import DAY_MS, Bucket, Period
from footfall.query.question import BOTS, Question
from footfall.store import Fragment, Rows, Store, statement

LOOK_BACK_MS = 45_000_000
"""12.5 h before the first UTC midnight: what decides whether a run is cut there."""
LOOK_AHEAD_MS = 36 * 3_600_000
"""A session that starts before the end is cut at the latest at the midnight that follows its 12th hour."""


@dataclass(frozen=True, slots=True)
class Report:
    """A statement over $-fragments and what it binds."""

    sql: str
    parameters: dict[str, Any]


def report(
    question: Question,
    period: Period,
    metrics: Sequence[Metric],
    aliases: Mapping[str, str],
    value: Value | None = None,
    buckets: Sequence[Bucket] = (),
) -> Report:
    """The statement that adds up a period by value and bucket."""
    values = [*question.filter.values, *([value] if value else [])]
    with_people = any(metric.name == "visitors" for metric in metrics)
    with_sessions = any(m.needs_sessions for m in metrics) or any(
        v.dimension.of_session for v in values
    )
    parameters: dict[str, Any] = {
        "site": question.site.id,
        "start": max(period.start, 0),
        "end": max(period.end, 0),
    }
    parameters |= question.filter.parameters | (value.parameters if value else {})
    fragments = {
        "value": value.sql if value else "''",
        "filter": question.filter.condition.sql,
        "bots": BOTS[question.bots].sql,
        "columns": _columns(values),
        "person": "toUInt64(0)",
        "links": "",
    }
    if with_people:
        fragments["links"] = statement("queries/links")
        fragments["person"] = (ALIASED if aliases else UNLINKED).sql
        if aliases:
            parameters |= {"alias_from": list(aliases), "alias_to": list(aliases.values())}
    if buckets:
        parameters["bounds"] = [bucket.start for bucket in buckets]
    if with_sessions:
        first_midnight = parameters["start"] - parameters["start"] % DAY_MS
        parameters["scan_start"] = max(first_midnight - LOOK_BACK_MS, 0)
        parameters["scan_end"] = parameters["end"] + LOOK_AHEAD_MS
        fragments["event_bucket"] = _bucket("t", buckets)
        fragments["session_bucket"] = _bucket("session_start", buckets)
        fragments["session_values"] = _session_values(values)
        name = "queries/sessions"
    else:
        fragments["bucket"] = _bucket("t", buckets)
        name = "queries/events"
    return Report(Template(statement(name)).substitute(fragments), parameters)


def totals(
    question: Question,
    period: Period,
    metrics: Sequence[Metric],
    aliases: Mapping[str, str],
    store: Store,
) -> tuple[dict[str, float | None], int]:
    """Each metric of the whole period, and the rows read. Raises Unavailable."""
    made = report(question, period, metrics, aliases)
    rows = select_metrics(made, metrics, store)
    found = rows.rows[0][2:] if rows.rows else [None] * len(metrics)
    return {
        m.name: filled(m, number) for m, number in zip(metrics, found, strict=True)
    }, rows.rows_read


def select_metrics(made: Report, metrics: Sequence[Metric], store: Store) -> Rows:
    """The rows of a report: bucket, value and each metric. Raises Unavailable."""
    columns = ", ".join(f"{metric.sql.sql} AS metric_{at}" for at, metric in enumerate(metrics))
    return store.select(
        "queries/metrics",
        made.parameters,
        {"metrics": Fragment(columns), "report": Fragment(made.sql)},
    )


def filled(metric: Metric, number: float | None) -> float | None:
    """A metric of nothing: a count is 0, a rate or mean is null."""
    return 0 if number is None and metric.kind == "count" else number


def _bucket(column: str, buckets: Sequence[Bucket]) -> str:
    return f"roundDown({column}, {{bounds:Array(Int64)}})" if buckets else "toInt64(0)"


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
