"""Numbers are read: the sources that query/plan.py chose, as one statement, in the order and size asked for.

A statement costs some 8 ms before it reads anything. So what rollups tell alone is read together: totals and
timeseries as one statement, the lists of a period as another.
"""

import contextlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, Literal

from footfall import dimensions
from footfall.errors import Unprocessable
from footfall.query import rolled
from footfall.query.catalog import Metric, Value
from footfall.query.period import Bucket, Period
from footfall.query.plan import Choice, Snapshot, Where, choose, sources, whole_days
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
    is_led: bool = False
    """Whether only those values of a list were counted that can be on its page."""

    def __add__(self, other: "Origin") -> "Origin":
        source: Where = self.source if self.source == other.source else "both"
        is_led = self.is_led or other.is_led
        return Origin(source, self.rows_read + other.rows_read, is_led)


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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be read: the sums of the selected events of a period, by bucket and values; empty buckets make no row.

    With values, rows in which every metric is 0 or null are left out, unless they are named: `only` keeps the rows of
    these values (each as long as `values`; up to 10,000) and no others. `page` orders and cuts; without it all rows
    come in no order.
    """

    question: Question
    period: Period
    metrics: Sequence[Metric]
    values: Sequence[Value] = ()
    buckets: Sequence[Bucket] = ()
    page: Page | None = None
    only: Sequence[tuple[str, ...]] | None = None
    is_counted: bool = True
    """Whether it has to be known how many rows there are in all."""

    def may_be_read_with(self, other: "Wanted") -> bool:
        """Whether one statement can tell both where rollups tell each of them: totals, or lists of one period."""
        if self.question.filter.values or other.question.filter.values:
            return False
        if not (self.values or other.values or self.page or other.page):
            return True
        return (
            len(self.values) == len(other.values) == 1
            and (self.period.start, self.period.end) == (other.period.start, other.period.end)
            and (list(self.metrics), self.page) == (list(other.metrics), other.page)
            and not (self.buckets or other.buckets)
            and self.only is None
            and other.only is None
        )


@dataclass(frozen=True, slots=True)
class _Reading:
    """What is wanted, as a question to the store, and what tells it."""

    wanted: Wanted
    asked: Asked
    choice: Choice


TOGETHER = 10
"""So many reads are one statement at most: of totals, each row is looked at for each of them."""


def read(wanted: Wanted, store: Store, snapshot: Snapshot) -> Numbers:
    """Read what is wanted; `snapshot` is what is known of the rollups. Raises Unavailable, Unprocessable."""
    return read_with(wanted, [], store, snapshot)[0]


def read_with(
    wanted: Wanted, others: Sequence[Wanted], store: Store, snapshot: Snapshot
) -> dict[int, Numbers]:
    """What is wanted (0), and what the same statement tells of others (1 …), by their places.

    All rows count as read for the first. Raises as `read` does for what is wanted; never for others.
    """
    found = {0: _reading(wanted, store, snapshot)}
    if not found[0].choice.others:
        alike = (n for n, other in enumerate(others, 1) if wanted.may_be_read_with(other))
        for number in itertools.islice(alike, TOGETHER - 1):
            # What is refused is refused when it is asked for.
            with contextlib.suppress(Unprocessable):
                reading = _reading(others[number - 1], store, snapshot)
                if not reading.choice.others:
                    found[number] = reading
    return dict(zip(found, _read_led(list(found.values()), store, snapshot), strict=True))


def _reading(
    wanted: Wanted, store: Store, snapshot: Snapshot, leaders: Sequence[str] | None = None
) -> _Reading:
    only = wanted.only
    asked = Asked(
        wanted.question,
        wanted.metrics,
        wanted.values,
        wanted.buckets,
        partial(snapshot.aliases, store),
        leaders if only is None else [one[0] for one in only if one],
    )
    return _Reading(wanted, asked, choose(asked, wanted.period, snapshot))


FIRST, MORE = 2, 4
"""How many times the page are looked at first, and how many times more each time that was not enough."""


def _read_led(together: Sequence[_Reading], store: Store, snapshot: Snapshot) -> list[Numbers]:
    """Read, without counting the visitors of all values of wide lists that are ordered by visitors.

    The identities of each day, added up, bound a value's visitors from above. Of the values with the greatest bounds
    the visitors are counted; what is bounded below the last of the page cannot be on it.
    """
    first = together[0]
    days = whole_days(first.asked, first.wanted.period, snapshot)
    led = {n for n, reading in enumerate(together) if days and _is_led_by_visitors(reading.wanted)}
    done: dict[int, Numbers] = {}
    chosen: set[int] = set()
    uncounted: dict[int, _Reading] = {}
    rows_read, times = 0, FIRST
    while len(done) < len(together):
        rest = [n for n in range(len(together)) if n not in done]
        leaders, more = _leaders(
            {n: together[n] for n in rest if n in led}, days, times, store, snapshot
        )
        readings = [
            _reading(together[n].wanted, store, snapshot, leaders[n].values)
            if n in leaders
            else together[n]
            for n in rest
        ]
        found = _read(readings, store, snapshot)
        rows_read += more + sum(numbers.origin.rows_read for numbers in found)
        for n, numbers in zip(rest, found, strict=True):
            if n not in leaders:
                done[n] = numbers
            elif leaders[n].are_enough(together[n].wanted, numbers):
                done[n] = numbers
                if not leaders[n].are_everything(together[n].wanted):
                    chosen.add(n)
                    if together[n].wanted.is_counted:
                        uncounted[n] = together[n]
            elif leaders[n].are_all:
                led.discard(n)
        times *= MORE
    totals, more = _counted(uncounted, days, store, snapshot)
    rows_read += more
    return [
        replace(
            done[n],
            total=totals.get(n, done[n].total),
            origin=Origin(done[n].origin.source, 0 if n else rows_read, n in chosen),
        )
        for n in range(len(together))
    ]


def _is_led_by_visitors(wanted: Wanted) -> bool:
    counts = all(metric.kind == "count" for metric in wanted.metrics)
    wide = len(wanted.values) == 1 and wanted.values[0].name in dimensions.WIDE
    ordered = wanted.page is not None and tuple(wanted.page.order[:1]) == (("visitors", "desc"),)
    return wide and counts and ordered and wanted.only is None


@dataclass(frozen=True, slots=True)
class _Leaders:
    """The values with the greatest bounds, what bounds all others, and whether no more values lead any day."""

    values: Sequence[str]
    bound: int
    are_all: bool

    def are_everything(self, wanted: Wanted) -> bool:
        """Whether no other value has a visitor, and nothing else is asked for."""
        return self.are_all and not self.bound and [m.name for m in wanted.metrics] == ["visitors"]

    def are_enough(self, wanted: Wanted, numbers: Numbers) -> bool:
        """Whether no other value can be on the page that was read of these."""
        if self.are_everything(wanted):
            return True
        if wanted.page is None or len(numbers.rows) < wanted.page.limit:
            return False
        visitors = [metric.name for metric in wanted.metrics].index("visitors")
        return self.bound < (numbers.rows[-1].metrics[visitors] or 0)


def _leaders(
    lists: Mapping[int, _Reading],
    days: Sequence[date],
    times: int,
    store: Store,
    snapshot: Snapshot,
) -> tuple[dict[int, _Leaders], int]:
    """The leaders of lists whose days all have heads, `times` as many as a page reaches, and the rows read for them."""
    if not lists:
        return {}, 0
    page = next(iter(lists.values())).wanted.page
    most = (page.offset + page.limit if page else 0) * times
    told = [rolled.Told(n, reading.asked, days) for n, reading in lists.items()]
    found = store.select("queries/heads", *rolled.heads(told, snapshot.built, most + 1))
    leaders = {}
    for n, reading in lists.items():
        rows = [row for row in found.rows if row[0] == reading.wanted.values[0].name]
        if not rows or rows[0][-1] < len(days):
            continue  # built before there were heads
        (_, _, _, rest, _), *leading = rows
        after = leading[most][3] if len(leading) > most else 0
        values = [value for _, _, value, *_ in leading[:most]]
        leaders[n] = _Leaders(values, rest + after, len(leading) <= most)
    return leaders, found.rows_read


def _counted(
    lists: Mapping[int, _Reading], days: Sequence[date], store: Store, snapshot: Snapshot
) -> tuple[dict[int, int], int]:
    """How many values lists have, and the rows read for it."""
    if not lists:
        return {}, 0
    told = [rolled.Told(n, reading.asked, days) for n, reading in lists.items()]
    found = store.select("queries/listed", *rolled.listed(told, snapshot.built))
    totals = dict(found.rows)
    counted = {n: totals.get(of.wanted.values[0].name, 0) for n, of in lists.items()}
    return counted, found.rows_read


def _read(together: Sequence[_Reading], store: Store, snapshot: Snapshot) -> list[Numbers]:
    """Read by one statement, to which all rows that were read are counted for the first."""
    metrics = list(dict.fromkeys(m for reading in together for m in reading.asked.metrics))
    parameters, fragments = _statement(together, metrics, snapshot)
    found = store.select("queries/report", parameters, fragments)
    told = []
    for number, reading in enumerate(together):
        wanted = reading.wanted
        at = [metrics.index(metric) for metric in wanted.metrics]
        mine = [row for row in found.rows if row[0] == number]
        rows = [
            Row(bucket, _values(value, len(wanted.values)), tuple(numbers[n] for n in at))
            for _, bucket, value, *numbers in mine
        ]
        total = mine[0][-1] if mine else 0
        origin = Origin(reading.choice.source, 0 if number else found.rows_read)
        # Beyond the last page nothing says how many rows there are.
        if wanted.page and wanted.page.offset and not mine:
            alone, fragments = _statement([reading], metrics, snapshot)
            counted = store.select("queries/report", alone | {"offset": 0, "limit": 1}, fragments)
            total = counted.rows[0][-1] if counted.rows else 0
            origin += Origin(reading.choice.source, counted.rows_read)
        told.append(Numbers(rows, total, origin))
    return told


def _statement(
    together: Sequence[_Reading], metrics: Sequence[Metric], snapshot: Snapshot
) -> tuple[dict[str, Any], dict[str, Fragment]]:
    """What queries/report binds and reads."""
    wanted = together[0].wanted
    parameters: dict[str, Any] = {}
    found = sources([(reading.asked, reading.choice) for reading in together], snapshot)
    for source in found:
        parameters |= source.parameters
    union = Fragment(" UNION ALL ".join(source.sql for source in found))
    each = "number" if len(together) > 1 else ""
    total = f"count() OVER ({each and 'PARTITION BY number'})" if wanted.page else "toUInt64(0)"
    fragments = {
        "metrics": Fragment(
            ", ".join(f"{metric.sql.sql} AS metric_{at}" for at, metric in enumerate(metrics))
        ),
        "report": union
        if len(found) == 1
        else Fragment(substituted("queries/summed", {"sources": union})),
        "kept": _kept(len(metrics), wanted.values, wanted.only, parameters),
        "total": Fragment(total),
        "page": _page(wanted.page, metrics, len(wanted.values), each, parameters),
    }
    return parameters, fragments


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
    page: Page | None,
    metrics: Sequence[Metric],
    values: int,
    each: str,
    parameters: dict[str, Any],
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
        f"{each and f' BY {each}'}"
    )
