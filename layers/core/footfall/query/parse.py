"""The JSON of POST /query becomes a Query: every key known, every value of its type, everything resolved.

Whatever is not understood is refused by name, since a key that is silently ignored changes numbers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from footfall.errors import Forbidden, Unprocessable
from footfall.query.catalog import Metric, Value, find_metric, find_value
from footfall.query.filters import Filter, build_filter
from footfall.query.period import (
    INTERVALS,
    Bucket,
    Interval,
    Period,
    buckets,
    custom_period,
    is_date,
    moment,
    named_period,
    previous,
)
from footfall.query.question import BOTS, FORMATS, Question, choose, read_zone, whole_number
from footfall.query.read import Direction
from footfall.site import Site

KEYS = (
    "site",
    "metrics",
    "dimensions",
    "filters",
    "date_range",
    "timezone",
    "order_by",
    "pagination",
    "include",
    "bots",
    "format",
)
FLAGS = ("total_rows", "time_labels", "percentages")
INCLUDES = ("compare", *FLAGS)
TIMES: dict[str, Interval] = {f"time:{interval}": interval for interval in INTERVALS}
CHANGE = "change:"
MOST_DIMENSIONS, MOST_ROWS, MOST_OFFSET, ROWS = 5, 10_000, 1_000_000_000, 1_000


@dataclass(frozen=True)
class Query:
    """A question with what is shown of its answer."""

    question: Question
    metrics: tuple[Metric, ...]
    dimensions: tuple[Value | Interval, ...]
    steps: Sequence[Bucket]
    """The buckets of the period; none without a dimension of time."""
    past_steps: Sequence[Bucket]
    """The buckets of the previous period."""
    order: tuple[tuple[str, Direction], ...]
    limit: int
    offset: int
    include: Mapping[str, Any]
    """What was asked for of INCLUDES, as it was sent."""
    filters: Sequence[Any]
    """The filters as they were sent."""
    format: str

    @cached_property
    def values(self) -> list[Value]:
        """The dimensions without that of time."""
        return [dimension for dimension in self.dimensions if isinstance(dimension, Value)]

    @cached_property
    def names(self) -> list[str]:
        """The names of the dimensions, as they were asked for."""
        return [d.name if isinstance(d, Value) else f"time:{d}" for d in self.dimensions]

    @property
    def has_time(self) -> bool:
        """Whether time is among the dimensions. Its period may still have no bucket: a day that a clock skips."""
        return len(self.values) < len(self.dimensions)

    @property
    def orders_by_change(self) -> bool:
        """Whether the order needs the previous period of all rows."""
        return any(name.startswith(CHANGE) for name, _ in self.order)

    def asks(self, flag: str) -> bool:
        """Whether one of FLAGS is asked for."""
        return bool(self.include.get(flag))


def read_query(given: Any, site: Site, now_ms: int, first_event: Callable[[], int | None]) -> Query:
    """The query of a JSON object; a key that is null counts as absent.

    Raises Unprocessable, naming the key that is not possible, and Forbidden for another site.
    """
    query = _object(given, KEYS, "")
    if query.get("site", site.id) != site.id:
        raise Forbidden("wrong_site", "The key is not one of this site's.", field="site")
    zone = read_zone(_text(query, "timezone"), site)
    words = {name: _text(query, name) for name in ("bots", "format")}
    include = _include(query)
    period = _date_range(query.get("date_range"), now_ms, zone, first_event)
    filters = _list(query, "filters")
    metrics = _metrics(query)
    dimensions = _dimensions(query)
    interval = next((d for d in dimensions if not isinstance(d, Value)), None)
    before = _previous(include, query.get("date_range") == "all", period, now_ms)
    page = _object(query.get("pagination", {}), ("limit", "offset"), "pagination")
    return Query(
        question=Question(
            site=site,
            period=period,
            previous=before,
            filter=build_filter(filters) if filters else Filter(),
            bots=choose(words, "bots", tuple(BOTS), "exclude"),
            now_ms=now_ms,
        ),
        metrics=tuple(metrics),
        dimensions=tuple(dimensions),
        steps=buckets(period, interval) if interval else (),
        past_steps=buckets(before, interval) if before and interval else (),
        order=tuple(_order(query, include)),
        limit=_number(page, "limit", ROWS, 1, MOST_ROWS),
        offset=_number(page, "offset", 0, 0, MOST_OFFSET),
        include=include,
        filters=filters,
        format=choose(words, "format", FORMATS, "json"),
    )


def _object(given: Any, allowed: Sequence[str], field: str) -> dict[str, Any]:
    """An object of known keys, without those that are null."""
    if not isinstance(given, dict):
        raise _invalid(field or None, f"{f'`{field}`' if field else 'A query'} must be an object.")
    if unknown := [str(key)[:100] for key in given if key not in allowed]:
        raise Unprocessable(
            "unknown_key",
            f"There is no {', '.join(f'`{key}`' for key in unknown[:5])} here; see `allowed`.",
            field=f"{field}.{unknown[0]}" if field else unknown[0],
            allowed=allowed,
        )
    return {key: value for key, value in given.items() if value is not None}


def _text(query: Mapping[str, Any], key: str) -> str:
    given = query.get(key, "")
    if not isinstance(given, str):
        raise _invalid(key, f"`{key}` must be a text.")
    return given


def _list(query: Mapping[str, Any], key: str) -> list[Any]:
    given = query.get(key, [])
    if not isinstance(given, list):
        raise _invalid(key, f"`{key}` must be a list.")
    return given


def _names(query: Mapping[str, Any], key: str) -> list[str]:
    """A list of texts, each once: the place of a number in a row says what it is."""
    given = _list(query, key)
    if not all(isinstance(name, str) for name in given) or len(set(given)) < len(given):
        raise _invalid(key, f"`{key}` must be a list of names, each once.")
    return given


def _number(page: Mapping[str, Any], key: str, default: int, least: int, most: int) -> int:
    given = page.get(key, default)
    # A text, a fraction and `true` are no numbers here; `whole_number` says it.
    told = str(given) if isinstance(given, int) and not isinstance(given, bool) else "no number"
    return whole_number({key: told}, key, default, least, most)


def _metrics(query: Mapping[str, Any]) -> list[Metric]:
    names = _names(query, "metrics")
    if not names:
        raise _invalid("metrics", "`metrics` must name at least one, such as visitors.")
    return [find_metric(name, "metrics") for name in names]


def _dimensions(query: Mapping[str, Any]) -> list[Value | Interval]:
    names = _names(query, "dimensions")
    times = [name for name in names if name in TIMES]
    if len(times) > 1 or len(names) - len(times) > MOST_DIMENSIONS:
        raise _invalid(
            "dimensions", f"`dimensions` takes one of time and {MOST_DIMENSIONS} others."
        )
    return [_dimension(name, at) for at, name in enumerate(names)]


def _dimension(name: str, at: int) -> Value | Interval:
    if name in TIMES:
        return TIMES[name]
    try:
        return find_value(name, f"dimension_key_{at}", "dimensions")
    except Unprocessable as unknown:
        raise Unprocessable(
            unknown.code,
            unknown.message,
            field="dimensions",
            allowed=[*(unknown.allowed or ()), *TIMES],
        ) from None


def _date_range(
    given: Any, now_ms: int, zone: ZoneInfo, first_event: Callable[[], int | None]
) -> Period:
    if isinstance(given, str):
        return named_period(given, now_ms, zone, first_event, "date_range")
    if not _is_pair(given):
        raise _invalid(
            "date_range",
            "`date_range` must be a period such as 30d, or a list of two dates or times.",
        )
    return _range(given[0], given[1], now_ms, zone, "date_range")


def _is_pair(given: Any) -> bool:
    return (
        isinstance(given, list)
        and len(given) == 2
        and all(isinstance(bound, str) for bound in given)
    )


def _range(first: str, last: str, now_ms: int, zone: ZoneInfo, field: str) -> Period:
    """From one moment until another, or until the end of a date: of two dates both are in it."""
    if is_date(last):
        moment(last, zone, field)
        last = (date.fromisoformat(last) + timedelta(days=1)).isoformat()
    return custom_period(first, last, now_ms, zone, field)


def _include(query: Mapping[str, Any]) -> dict[str, Any]:
    include = _object(query.get("include", {}), INCLUDES, "include")
    for flag in FLAGS:
        if not isinstance(include.get(flag, False), bool):
            raise _invalid(f"include.{flag}", f"`include.{flag}` must be true or false.")
    if include.get("time_labels") and not set(_list(query, "dimensions")) & TIMES.keys():
        raise _invalid(
            "include.time_labels", "`include.time_labels` needs a dimension such as time:day."
        )
    return include


def _previous(
    include: Mapping[str, Any], is_all: bool, period: Period, now_ms: int
) -> Period | None:
    given = include.get("compare")
    if given is None:
        return None
    if _is_pair(given):
        before = _range(given[0], given[1], now_ms, period.zone, "include.compare")
    elif given in ("previous", "year"):
        before = previous(period, "year" if given == "year" else "previous", now_ms)
    else:
        raise Unprocessable(
            "unknown_compare",
            "`include.compare` must be one of the allowed.",
            field="include.compare",
            allowed=("previous", "year", "[start, end]"),
        )
    return None if is_all else before


def _order(query: Mapping[str, Any], include: Mapping[str, Any]) -> list[tuple[str, Direction]]:
    """The order asked for, else time, then the first metric from the greatest on."""
    metrics, dimensions = query["metrics"], query.get("dimensions", [])
    changes = [f"{CHANGE}{name}" for name in metrics] if "compare" in include else []
    allowed = [*metrics, *dimensions, *changes]
    order: dict[str, Direction] = {}
    for given in _list(query, "order_by"):
        if not _is_pair(given) or given[1] not in ("asc", "desc"):
            raise _invalid("order_by", '`order_by` must be a list such as [["visitors","desc"]].')
        if given[0] not in allowed:
            raise Unprocessable(
                "unknown_order",
                "Rows can be ordered by what they show; see `allowed`.",
                field="order_by",
                allowed=allowed,
            )
        order.setdefault(given[0], "desc" if given[1] == "desc" else "asc")
    if order:
        return list(order.items())
    return [*((name, "asc") for name in dimensions if name in TIMES), (metrics[0], "desc")]


def _invalid(field: str | None, message: str) -> Unprocessable:
    return Unprocessable("invalid_query", message, field=field)
