"""A question becomes one statement over the events themselves: what they (and their sessions) add up to in a period.

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
from footfall.store import statement

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
    asked: Sequence[Value] = (),
    buckets: Sequence[Bucket] = (),
) -> Report:
    """The statement that adds up a period by bucket and value (a text; of several values their list)."""
    values = [*question.filter.values, *asked]
    with_people = any(metric.name == "visitors" for metric in metrics)
    with_sessions = any(m.needs_sessions for m in metrics) or any(
        v.dimension.of_session for v in values
    )
    parameters: dict[str, Any] = {
        "site": question.site.id,
        "start": max(period.start, 0),
        "end": max(period.end, 0),
    }
    parameters |= question.filter.parameters
    for value in asked:
        parameters |= value.parameters
    fragments = {
        "value": _value(asked),
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


def _value(asked: Sequence[Value]) -> str:
    if len(asked) == 1:
        return asked[0].sql
    return f"[{', '.join(value.sql for value in asked)}]" if asked else "''"


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
