"""The public function of query: the parameters of a request become an answer, by the name of what is asked.

REPORTS is the registry: to add a query is to add a row, its function and its SQL.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from footfall.errors import Unavailable, Unprocessable
from footfall.event_queue import EventQueue
from footfall.query.breakdown import breakdown, default_metric
from footfall.query.catalog import find_metric, find_value
from footfall.query.daily import daily
from footfall.query.meta import meta
from footfall.query.metrics import metrics, read_metrics
from footfall.query.period import INTERVALS, iso
from footfall.query.question import Question, choose, read_question, read_zone, whole_number
from footfall.query.read import Origin
from footfall.query.table import to_csv
from footfall.query.timeseries import timeseries
from footfall.site import Site
from footfall.store import Store

IN_FLIGHT_MS = 10_000
"""The longest a request may take between its receipt and the queue: the collect function's time-out."""

Answer = tuple[dict[str, Any], Origin]
Parameters = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that can be asked: how it is answered, and its rows as a table."""

    answer: Callable[[Question, Parameters, Store], Answer]
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

    def first_event() -> int | None:
        ts, events = store.select("queries/first_event", {"site": site.id}).rows[0]
        return int(ts) if events else None

    question = read_question(parameters, site, now_ms, first_event, asked.compare)
    # Before the numbers are read: what is stored by then is in them.
    fresh = fresh_to(now_ms, store, queue)
    answer, origin = asked.answer(question, parameters, store)
    if parameters.get("format") == "csv":
        rows = asked.rows(answer)
        return to_csv(rows, rows[0] if rows else asked.header)
    return answer | {"meta": meta(question, origin, fresh)}


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
    if len(day) != 10:
        raise Unprocessable(
            "invalid_period", "`date` must be a day such as 2015-05-17.", field="date"
        )
    return kept | {"period": day}


def _metrics(question: Question, parameters: Parameters, store: Store) -> Answer:
    return metrics(question, read_metrics(parameters), store)


def _timeseries(question: Question, parameters: Parameters, store: Store) -> Answer:
    metric = find_metric(parameters.get("metric") or "pageviews")
    interval = next(i for i in INTERVALS if i == choose(parameters, "interval", INTERVALS, "day"))
    return timeseries(question, metric, interval, store)


def _breakdown(question: Question, parameters: Parameters, store: Store) -> Answer:
    name = parameters.get("dimension")
    if not name:
        raise Unprocessable("missing_dimension", "`dimension` is required.", field="dimension")
    value = find_value(name, "dimension_key")
    metric = find_metric(parameters.get("metric") or default_metric(value))
    limit = whole_number(parameters, "limit", 10, 1, 1_000)
    offset = whole_number(parameters, "offset", 0, 0, 1_000_000_000)
    return breakdown(question, value, metric, limit, offset, store)


def _daily(question: Question, parameters: Parameters, store: Store) -> Answer:
    return daily(question, parameters["period"], store)


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
}
