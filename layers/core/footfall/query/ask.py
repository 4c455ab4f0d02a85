"""The public functions of query: the parameters of a request become an answer, by the name of what is asked; the
queries of a body become their answers.

REPORTS is the registry: to add a question is to add a row, its function and its SQL.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from footfall.errors import BadRequest, FootfallError, Unavailable, Unprocessable
from footfall.event_queue import EventQueue
from footfall.query.breakdown import breakdown, default_metric
from footfall.query.catalog import Value, find_metric, find_value
from footfall.query.daily import daily
from footfall.query.meta import meta
from footfall.query.metrics import metrics, read_metrics
from footfall.query.parse import Query, read_query
from footfall.query.period import INTERVALS, is_date, iso
from footfall.query.properties import properties
from footfall.query.query import answer, expect, header, table
from footfall.query.question import Question, choose, read_question, read_zone, whole_number
from footfall.query.read import Origin
from footfall.query.reads import Reads
from footfall.query.table import to_csv
from footfall.query.timeseries import timeseries
from footfall.query.values import values
from footfall.site import Site
from footfall.store import Store

IN_FLIGHT_MS = 10_000
"""The longest a request may take between its receipt and the queue: the collect function's time-out."""

MOST_QUERIES = 50

Answer = tuple[dict[str, Any], Origin]
Parameters = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that can be asked: how it is answered, and its rows as a table."""

    answer: Callable[[Question, Parameters, Reads], Answer]
    rows: Callable[[dict[str, Any]], list[dict[str, Any]]]
    header: tuple[str, ...]
    compare: str = "previous"


def ask(
    name: str, parameters: Parameters, site: Site, now_ms: int, store: Store, queue: EventQueue
) -> dict[str, Any] | str:
    """The answer to a question with its `meta`, or its rows as CSV for `format=csv`.

    Raises Unprocessable for a question that is not possible, Unavailable when the store does not answer.
    """
    asked = REPORTS[name]
    if name == "daily":
        parameters = _one_day(parameters, site, now_ms)

    reads = Reads(site.id, store)
    question = read_question(parameters, site, now_ms, reads.first_event, asked.compare)
    # Before the numbers are read: what is stored by then is in them.
    fresh = fresh_to(now_ms, store, queue)
    told, origin = asked.answer(question, parameters, reads)
    if parameters.get("format") == "csv":
        rows = asked.rows(told)
        return to_csv(rows, rows[0] if rows else asked.header)
    return told | {"meta": meta(question, origin, fresh)}


def ask_queries(
    body: Any, site: Site, now_ms: int, store: Store, queue: EventQueue
) -> dict[str, Any] | list[dict[str, Any]] | str:
    """The answer to a query, or to each of a list, where one that fails answers `{"error"}` in its place.

    A single one may ask for CSV. Raises BadRequest for anything but queries, Unprocessable for too many, Unavailable;
    for a single one also what is wrong with it.
    """
    reads = Reads(site.id, store)
    if isinstance(body, dict):
        query = read_query(body, site, now_ms, reads.first_event)
        told = _answered([query], reads, now_ms, queue)[0]
        if isinstance(told, FootfallError):
            raise told
        if query.format == "csv":
            return to_csv(table(query, told["results"]), header(query))
        return told
    if not isinstance(body, list):
        raise BadRequest("invalid_json", "The body must be a query or a list of queries.")
    if len(body) > MOST_QUERIES:
        raise Unprocessable(
            "too_many_queries", f"A request takes {MOST_QUERIES} queries; send the rest in another."
        )
    queries: list[Query | FootfallError] = []
    for given in body:
        try:
            queries.append(_one_of_many(read_query(given, site, now_ms, reads.first_event)))
        except FootfallError as error:
            queries.append(error)
    return [
        {"error": told.body()} if isinstance(told, FootfallError) else told
        for told in _answered(queries, reads, now_ms, queue)
    ]


def _one_of_many(query: Query) -> Query:
    if query.format != "json":
        raise Unprocessable(
            "unknown_format",
            "Queries in a list are answered as JSON; send one alone for CSV.",
            field="format",
            allowed=("json",),
        )
    return query


def _answered(
    queries: list[Query | FootfallError], reads: Reads, now_ms: int, queue: EventQueue
) -> list[dict[str, Any] | FootfallError]:
    """The answer to each query, or why there is none. Raises Unavailable when nothing can be known at all."""
    fresh = fresh_to(now_ms, reads.store, queue)
    reads.take_snapshot()
    for query in queries:
        if isinstance(query, Query):
            expect(query, reads)

    def answered(query: Query | FootfallError) -> dict[str, Any] | FootfallError:
        if isinstance(query, FootfallError):
            return query
        try:
            told, origin = answer(query, reads)
        except FootfallError as error:
            return error
        return told | {"meta": meta(query.question, origin, fresh) | told["meta"]}

    return [answered(query) for query in queries]


def fresh_to(now_ms: int, store: Store, queue: EventQueue) -> int | None:
    """Everything received before this moment (ms) is stored; None when that was never seen.

    An empty queue now, or the last time that the scheduled run saw it empty, less the time that a request may still
    need from its receipt to the queue.
    """
    try:
        drained = now_ms if queue.waiting() == 0 else 0
    except Unavailable:
        drained = 0
    drained = drained or store.select("queries/mark", {"name": "drained"}).rows[0][0]
    return drained - IN_FLIGHT_MS if drained else None


def _one_day(parameters: Parameters, site: Site, now_ms: int) -> dict[str, str]:
    """The parameters of /daily as a period of one day; filters and comparison do not apply to it."""
    kept = {
        name: value for name, value in parameters.items() if name in ("timezone", "bots", "format")
    }
    day = (
        parameters.get("date") or iso(now_ms, read_zone(parameters.get("timezone", ""), site))[:10]
    )
    try:
        date.fromisoformat(day if is_date(day) else "")
    except ValueError:
        raise Unprocessable(
            "invalid_period", "`date` must be a day such as 2015-05-17.", field="date"
        ) from None
    return kept | {"period": day}


def _metrics(question: Question, parameters: Parameters, reads: Reads) -> Answer:
    return metrics(question, read_metrics(parameters), reads)


def _timeseries(question: Question, parameters: Parameters, reads: Reads) -> Answer:
    metric = find_metric(parameters.get("metric") or "pageviews")
    interval = next(i for i in INTERVALS if i == choose(parameters, "interval", INTERVALS, "day"))
    return timeseries(question, metric, interval, reads)


def _breakdown(question: Question, parameters: Parameters, reads: Reads) -> Answer:
    value = _dimension(parameters)
    metric = find_metric(parameters.get("metric") or default_metric(value))
    limit = whole_number(parameters, "limit", 10, 1, 1_000)
    offset = whole_number(parameters, "offset", 0, 0, 1_000_000_000)
    return breakdown(question, value, metric, limit, offset, reads)


def _daily(question: Question, parameters: Parameters, reads: Reads) -> Answer:
    return daily(question, parameters["period"], reads)


def _values(question: Question, parameters: Parameters, reads: Reads) -> Answer:
    search = parameters.get("search", "")
    limit = whole_number(parameters, "limit", 100, 1, 1_000)
    return values(question, _dimension(parameters), search, limit, reads)


def _properties(question: Question, parameters: Parameters, reads: Reads) -> Answer:
    return properties(question, parameters.get("event") or None, reads)


def _dimension(parameters: Parameters) -> Value:
    name = parameters.get("dimension")
    if not name:
        raise Unprocessable("missing_dimension", "`dimension` is required.", field="dimension")
    return find_value(name, "dimension_key")


REPORTS: dict[str, Asked] = {
    "metrics": Asked(
        _metrics,
        lambda answer: [{"metric": name} | numbers for name, numbers in answer["metrics"].items()],
        ("metric", "value", "previous", "change"),
    ),
    "timeseries": Asked(_timeseries, lambda answer: answer["data"], ("date", "value")),
    "breakdown": Asked(
        _breakdown,
        lambda answer: answer["data"],
        ("dimension", "label", "value", "percentage"),
        compare="none",
    ),
    "daily": Asked(
        _daily,
        lambda answer: [{"event": name, "events": n} for name, n in answer["events"].items()],
        ("event", "events"),
        compare="none",
    ),
    "values": Asked(_values, lambda answer: answer["data"], ("value", "events"), compare="none"),
    "properties": Asked(
        _properties,
        lambda answer: [
            row | {"examples": json.dumps(row["examples"], ensure_ascii=False)}
            for row in answer["data"]
        ],
        ("event", "key", "events", "examples"),
        compare="none",
    ),
}
