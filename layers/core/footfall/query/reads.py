"""What one request reads of a site, each thing once: its queries share what they have in common.

Two queries that ask the same are one read. Once it is known beforehand (`expect`) what will be asked for, numbers that
are not broken down by values (totals, timeseries) are one read for all their metrics, and what the statement of a read
can tell too (query/read.py) is read with it.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from footfall.errors import Unavailable, Unprocessable
from footfall.query.catalog import Metric
from footfall.query.period import Period
from footfall.query.plan import Snapshot, take_snapshot
from footfall.query.question import Question
from footfall.query.read import Numbers, Origin, Wanted, filled, read_with
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
        self._expected: dict[_Key, Wanted] = {}
        self._done: dict[_Key, Numbers] = {}
        self._are_together = True

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

    def expect(self, wanted: Wanted) -> None:
        """Say that `read` or `totals` will be asked for this, so that what it shares with others is read once."""
        key = _key(wanted)
        known = self._expected.setdefault(key, wanted)
        metrics = [*known.metrics, *(m for m in wanted.metrics if m not in known.metrics)]
        self._expected[key] = replace(known, metrics=metrics)

    def read(self, wanted: Wanted) -> Numbers:
        """As query.read.read; what the request has read before reads no more rows. Raises as that."""
        self.expect(wanted)
        whole = self._expected[_key(wanted)]
        try:
            found = self._once(whole)
        except Unprocessable:
            if len(whole.metrics) == len(wanted.metrics):
                raise
            # Perhaps it is another's metric that is not possible.
            whole = wanted
            found = self._once(whole)
        at = [whole.metrics.index(metric) for metric in wanted.metrics]
        rows = [replace(row, metrics=tuple(row.metrics[n] for n in at)) for row in found.rows]
        return replace(found, rows=rows)

    def totals(
        self, question: Question, period: Period, metrics: Sequence[Metric]
    ) -> tuple[dict[str, float | None], Origin]:
        """Each metric of the whole period by name, and where it comes from. Raises as `read` does."""
        found = self.read(Wanted(question, period, metrics))
        numbers = found.rows[0].metrics if found.rows else [None] * len(metrics)
        named = {m.name: filled(m, number) for m, number in zip(metrics, numbers, strict=True)}
        return named, found.origin

    def _once(self, wanted: Wanted) -> Numbers:
        if (done := self._done.get(_whole_key(wanted))) is not None:
            return replace(done, origin=replace(done.origin, rows_read=0))
        # What is wanted comes first, and is no other.
        waiting = {_whole_key(one): one for one in (wanted, *self._expected.values())}
        keys = [key for key in waiting if key not in self._done]
        first, *others = (waiting[key] for key in keys)
        found = self._read_with(first, others)
        self._done |= {keys[place]: numbers for place, numbers in found.items()}
        return found[0]

    def _read_with(self, first: Wanted, others: Sequence[Wanted]) -> dict[int, Numbers]:
        snapshot = self.take_snapshot()
        if self._are_together:
            try:
                return read_with(first, others, self.store, snapshot)
            except Unavailable:
                # Perhaps it is too much together. Then each is asked alone, so that one answers where another cannot.
                self._are_together = False
        return read_with(first, [], self.store, snapshot)


def _key(wanted: Wanted) -> _Key:
    """What decides numbers, besides the metrics of totals; the zone has done its part in period and buckets."""
    question, period = wanted.question, wanted.period
    key: _Key = (
        question.site.id,
        question.filter.condition.sql,
        json.dumps(question.filter.parameters, sort_keys=True),
        question.bots,
        period.start,
        period.end,
        tuple((value.name, value.parameter) for value in wanted.values),
        tuple((bucket.start, bucket.end) for bucket in wanted.buckets),
    )
    if not wanted.values:
        return key
    only = None if wanted.only is None else tuple(wanted.only)
    names = (metric.name for metric in wanted.metrics)
    return (*key, str(wanted.page), only, wanted.is_counted, *names)


def _whole_key(wanted: Wanted) -> _Key:
    return (*_key(wanted), *(metric.name for metric in wanted.metrics))
