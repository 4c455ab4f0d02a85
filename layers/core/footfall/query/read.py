"""Numbers are read: the sources that query/plan.py chose, as one statement, in the order and size asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from footfall.query import rolled
from footfall.query.catalog import Metric, Value
from footfall.query.period import Bucket, Period
from footfall.query.plan import Snapshot, Where, choose, take_snapshot, whole_days
from footfall.query.question import Question
from footfall.query.raw import Asked
from footfall.store import Fragment, Store, substituted

Direction = Literal["asc", "desc"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of numbers: the bucket's start (ms; 0 without buckets), the values, and the metrics in asked order.

    A metric is None where nothing is known of it: a rate of no session.
    """

    bucket: int
    values: tuple[str, ...]
    metrics: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where numbers come from and how many stored rows were read for them; the origin of two is their sum."""

    source: Where
    rows_read: int = 0

    def __add__(self, other: "Origin") -> "Origin":
        source: Where = self.source if self.source == other.source else "both"
        return Origin(source, self.rows_read + other.rows_read)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The rows, how many there are without the limit, and where they come from."""

    rows: list[Row]
    total: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows, in which order: `order` names metrics, `bucket` or `value:0` …; ties go by bucket, then values."""

    order: Sequence[tuple[str, Direction]]
    limit: int
    offset: int = 0


def read(
    question: Question,
    period: Period,
    metrics: Sequence[Metric],
    store: Store,
    *,
    values: Sequence[Value] = (),
    buckets: Sequence[Bucket] = (),
    page: Page | None = None,
    only: Sequence[tuple[str, ...]] | None = None,
    snapshot: Snapshot | None = None,
) -> Numbers:
    """What the selected events of a period add up to, by bucket and values; empty buckets make no row.

    With values, rows in which every metric is 0 or null are left out, unless they are named: `only` keeps the rows of
    these values (each as long as `values`; up to 10,000) and no others. `page` orders and cuts; without it all rows
    come in no order.

    `snapshot` is what a request already knows of the rollups. Raises Unavailable, Unprocessable.
    """
    snapshot = snapshot or take_snapshot(question.site.id, store)
    needs_people = any(metric.name == "visitors" for metric in metrics)
    asked = Asked(
        question,
        metrics,
        values,
        buckets,
        snapshot.aliases(store) if needs_people else {},
        None if only is None else [one[0] for one in only if one],
    )
    led = _Led()
    if page and only is None and _is_led_by_visitors(asked, page):
        led = _leaders(asked, period, page, snapshot, store)
        asked = replace(asked, only=led.values)
    chosen = choose(asked, period, snapshot)
    parameters: dict[str, Any] = {}
    for source in chosen.sources:
        parameters |= source.parameters
    sources = [source.sql for source in chosen.sources]
    fragments = {
        "metrics": Fragment(
            ", ".join(f"{metric.sql.sql} AS metric_{at}" for at, metric in enumerate(metrics))
        ),
        "report": Fragment(
            sources[0]
            if len(sources) == 1
            else substituted("queries/summed", {"sources": Fragment(" UNION ALL ".join(sources))})
        ),
        "kept": _kept(len(metrics), values, only, parameters),
        "page": _page(page, metrics, len(values), parameters),
    }
    found = store.select("queries/report", parameters, fragments)
    rows = [
        Row(bucket, _values(value, len(values)), tuple(numbers))
        for bucket, value, *numbers, _ in found.rows
    ]
    total = found.rows[0][-1] if found.rows else 0
    origin = Origin(chosen.source, found.rows_read + led.rows_read)
    if led.total is not None:
        total = led.total
    elif page and page.offset and not rows:
        counted = store.select("queries/report", parameters | {"offset": 0, "limit": 1}, fragments)
        total = counted.rows[0][-1] if counted.rows else 0
        origin += Origin(chosen.source, counted.rows_read)
    return Numbers(rows, total, origin)


WIDE = ("page", "title", "event", "entry_page", "exit_page", "referrer", "city")
"""Dimensions with so many values that finding the leading ones first pays."""
MORE = 4
"""How many times the page are looked at first, and how many times more each time that was not enough."""


@dataclass(frozen=True, slots=True)
class _Led:
    """The values among which a page by visitors lies (None: all), how many there are, and the rows read for it."""

    values: list[str] | None = None
    total: int | None = None
    rows_read: int = 0


def _is_led_by_visitors(asked: Asked, page: Page) -> bool:
    counts = all(metric.kind == "count" for metric in asked.metrics)
    wide = len(asked.values) == 1 and asked.values[0].name in WIDE
    return wide and counts and tuple(page.order[:1]) == (("visitors", "desc"),)


def _leaders(asked: Asked, period: Period, page: Page, snapshot: Snapshot, store: Store) -> _Led:
    """Find the values that can be on a page by visitors, without counting the visitors of all.

    The identities of each day, added up, bound a value's visitors from above. Of the values with the greatest bounds
    the visitors are counted; what is bounded below the last of the page cannot be on it.
    """
    days = whole_days(asked, period, snapshot)
    if not days:
        return _Led()
    last = page.offset + page.limit
    looked_at, rows_read = last * MORE, 0
    visitors = [metric for metric in asked.metrics if metric.name == "visitors"]
    while True:
        source, fragments = rolled.leading(asked, days, snapshot.built, looked_at)
        found = store.select(source.sql, source.parameters, fragments)
        rows_read += found.rows_read
        values = [value for value, *_ in found.rows]
        total = found.rows[0][2] if found.rows else 0
        if total <= len(values):
            return _Led(values, total, rows_read)
        counted = read(
            asked.question, period, visitors, store,
            values=asked.values, only=[(value,) for value in values], snapshot=snapshot,
        )  # fmt: skip
        rows_read += counted.origin.rows_read
        numbers = sorted((row.metrics[0] or 0 for row in counted.rows), reverse=True)
        if len(numbers) >= last and found.rows[-1][1] < numbers[last - 1]:
            return _Led(values, total, rows_read)
        looked_at *= MORE


def filled(metric: Metric, number: float | None) -> float | None:
    """A metric of nothing: a count is 0, a rate or mean is null."""
    return 0 if number is None and metric.kind == "count" else number


def _values(value: Any, count: int) -> tuple[str, ...]:
    return (value,) if count == 1 else tuple(value) if count else ()


def _kept(
    metrics: int,
    values: Sequence[Value],
    only: Sequence[tuple[str, ...]] | None,
    parameters: dict[str, Any],
) -> Fragment:
    if not values:
        return Fragment("1")
    if only is None:
        return Fragment(" OR ".join(f"ifNull(metric_{at}, 0) != 0" for at in range(metrics)))
    # IN, and not has(): that compares every row with every one of them.
    kind = "Array(String)" if len(values) == 1 else "Array(Array(String))"
    parameters["only"] = [one[0] if len(values) == 1 else list(one) for one in only]
    return Fragment(f"value IN {{only:{kind}}}")


def _page(
    page: Page | None, metrics: Sequence[Metric], values: int, parameters: dict[str, Any]
) -> Fragment:
    if page is None:
        return Fragment("")
    columns = {metric.name: f"metric_{at}" for at, metric in enumerate(metrics)}
    columns["bucket"] = "bucket"
    columns |= {
        f"value:{at}": "value" if values == 1 else f"value[{at + 1}]" for at in range(values)
    }
    order = [
        f"{columns[name]} {'DESC' if way == 'desc' else 'ASC'} NULLS LAST"
        for name, way in page.order
    ]
    parameters |= {"limit": page.limit, "offset": page.offset}
    return Fragment(
        f"ORDER BY {', '.join([*order, 'bucket', 'value'])} LIMIT {{limit:UInt32}} OFFSET {{offset:UInt64}}"
    )
