"""What one request reads of a site, each thing once: its queries share what they have in common.

Two queries that ask the same are one read. Numbers that are not broken down by values (totals, timeseries) are one
read for all their metrics, once it is known beforehand (`expect`) which will be asked for.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from footfall.errors import Unprocessable
from footfall.query.catalog import Metric, Value
from footfall.query.period import Bucket, Period
from footfall.query.plan import Snapshot, take_snapshot
from footfall.query.question import Question
from footfall.query.read import Numbers, Origin, Page, filled, read
from footfall.store import Store

_Key = tuple[Any, ...]


class Reads:
    """The numbers of one site as one request sees them."""

    def __init__(self, site_id: str, store: Store) -> None:
        """Nothing is read yet."""
        self.store = store
        self._site_id = site_id
        self._snapshot: Snapshot | None = None
        self._first_event: tuple[int | None] | None = None
        self._expected: dict[_Key, dict[str, Metric]] = {}
        self._done: dict[_Key, Numbers] = {}

    def take_snapshot(self) -> Snapshot:
        """What the request knows of the rollups, from the first time on. Raises Unavailable."""
        if self._snapshot is None:
            self._snapshot = take_snapshot(self._site_id, self.store)
        return self._snapshot

    def first_event(self) -> int | None:
        """When the site's first event happened (ms), None without one. Raises Unavailable."""
        if self._first_event is None:
            ts, events = self.store.select("queries/first_event", {"site": self._site_id}).rows[0]
            self._first_event = (int(ts) if events else None,)
        return self._first_event[0]

    def expect(
        self,
        question: Question,
        period: Period,
        metrics: Sequence[Metric],
        buckets: Sequence[Bucket] = (),
    ) -> None:
        """Say that `read` or `totals` will be asked for these, so that one read answers all who do."""
        wanted = self._expected.setdefault(_key(question, period, (), buckets), {})
        wanted |= {metric.name: metric for metric in metrics}

    def read(
        self,
        question: Question,
        period: Period,
        metrics: Sequence[Metric],
        *,
        values: Sequence[Value] = (),
        buckets: Sequence[Bucket] = (),
        page: Page | None = None,
        only: Sequence[tuple[str, ...]] | None = None,
    ) -> Numbers:
        """As query.read.read; what the request has read before reads no more rows. Raises as that."""

        def asked(wanted: Sequence[Metric]) -> Numbers:
            return read(
                question, period, wanted, self.store,
                values=values, buckets=buckets, page=page, only=only, snapshot=self.take_snapshot(),
            )  # fmt: skip

        key = _key(question, period, values, buckets)
        wanted = list(metrics)
        if values or page is not None:
            key += (str(page), None if only is None else tuple(only))
        else:
            self.expect(question, period, metrics, buckets)
            wanted = list(self._expected[key].values())
        try:
            found = self._once(key, wanted, asked)
        except Unprocessable:
            if wanted == list(metrics):
                raise
            # Perhaps it is another's metric that is not possible.
            wanted = list(metrics)
            found = self._once(key, wanted, asked)
        at = [wanted.index(metric) for metric in metrics]
        rows = [replace(row, metrics=tuple(row.metrics[n] for n in at)) for row in found.rows]
        return replace(found, rows=rows)

    def totals(
        self, question: Question, period: Period, metrics: Sequence[Metric]
    ) -> tuple[dict[str, float | None], Origin]:
        """Each metric of the whole period by name, and where it comes from. Raises as `read` does."""
        found = self.read(question, period, metrics)
        numbers = found.rows[0].metrics if found.rows else [None] * len(metrics)
        named = {m.name: filled(m, number) for m, number in zip(metrics, numbers, strict=True)}
        return named, found.origin

    def _once(
        self, key: _Key, metrics: Sequence[Metric], asked: Callable[[Sequence[Metric]], Numbers]
    ) -> Numbers:
        key += tuple(metric.name for metric in metrics)
        if key in self._done:
            done = self._done[key]
            return replace(done, origin=Origin(done.origin.source))
        self._done[key] = asked(metrics)
        return self._done[key]


def _key(
    question: Question, period: Period, values: Sequence[Value], buckets: Sequence[Bucket]
) -> _Key:
    """What decides numbers, besides the metrics; the zone has done its part in period and buckets."""
    return (
        question.site.id,
        question.filter.condition.sql,
        json.dumps(question.filter.parameters, sort_keys=True),
        question.bots,
        period.start,
        period.end,
        tuple((value.name, value.parameter) for value in values),
        tuple((bucket.start, bucket.end) for bucket in buckets),
    )
