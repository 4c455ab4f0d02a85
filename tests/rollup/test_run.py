"""The scheduled run: the second net for copies, and how fresh the numbers are."""

from datetime import UTC, datetime, timedelta

from footfall.ingest.batch import ingest
from footfall.journal import backlog
from footfall.marks import mark
from footfall.rollup.run import run
from footfall.store import Rows, Store
from tests.builders import API_KEY, Product, at, pageview

NOW = at("2026-03-10T12:00:00")


class Blind(Store):
    """A store in which ingest finds no copies: what happens when it is stopped between insert and check."""

    def __init__(self, store: Store) -> None:
        self._whole = store
        self.insert, self.insert_columns = store.insert, store.insert_columns

    def select(self, name, parameters, fragments=None):
        if name == "ingest/copies":
            return Rows([], 0)
        return self._whole.select(name, parameters, fragments)


def left_behind(product: Product) -> None:
    for day in ("2019-01-01", "2015-05-17", "2022-01-01"):
        body = pageview(eventId="e", timestamp=f"{day}T00:00:00Z")
        product.post("/import", {"batch": [body]}, NOW, key=API_KEY)
    messages = {m["MessageId"]: m["Body"] for m in product.receive()}
    ingest(messages, Blind(product.store), product.queue, product.zone_of)
    assert product.metrics(NOW, "pageviews", start="2010-01-01") == {"pageviews": 3}


def run_at(now: datetime, product: Product):
    return run(now, product.store, product.queue, lambda _: product.site)


def test_copies_that_ingest_left_are_settled_by_the_next_run(product: Product):
    left_behind(product)
    assert run_at(datetime.now(UTC), product)["copies"] == 2
    assert product.metrics(NOW, "pageviews", start="2010-01-01") == {"pageviews": 1}
    assert product.metrics(NOW, "pageviews", period="2015-05-17") == {"pageviews": 1}


def test_runs_that_repeat_change_nothing(product: Product):
    left_behind(product)
    now = datetime.now(UTC)
    for minutes in (0, 0, 1, 2, 60):
        run_at(now + timedelta(minutes=minutes), product)
    assert product.metrics(NOW, "pageviews", start="2010-01-01") == {"pageviews": 1}
    first = product.store.select("queries/first_event", {"site": "default"}).rows
    assert first[0][1] == 1


def test_a_run_notes_how_far_it_has_come_and_whether_the_queue_was_empty(product: Product):
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    assert run_at(now, product)["drained"] is True
    assert mark("copies", product.store) == mark("drained", product.store) == now
    product.post("/pageview", pageview(), NOW)
    assert run_at(now + timedelta(minutes=1), product)["drained"] is False
    assert mark("drained", product.store) == now
    assert mark("copies", product.store) == now + timedelta(minutes=1)


def test_what_changed_is_pending_until_a_run_has_been_there(product: Product):
    product.post("/pageview", pageview(), NOW)
    product.drain()
    assert backlog(product.store)["default"].windows == 1
    assert run_at(datetime.now(UTC), product)["pending"] == 0
    assert backlog(product.store) == {}
