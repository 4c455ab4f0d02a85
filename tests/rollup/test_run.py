"""The scheduled run: the second net for copies, and how fresh the numbers are."""

from datetime import UTC, datetime, timedelta

from footfall.ingest.batch import ingest
from footfall.rollup.run import mark, run
from footfall.store import Store
from tests.builders import API_KEY, Product, at, pageview

NOW = at("2026-03-10T12:00:00")


class Blind(Store):
    """A store in which ingest finds no copies: what happens when it is stopped between insert and check."""

    def __init__(self, store: Store) -> None:
        self.insert = store.insert

    def run(self, name: str, parameters: object) -> None:
        assert name == "ingest/settle_copies"


def left_behind(product: Product) -> None:
    for day in ("2019-01-01", "2015-05-17", "2022-01-01"):
        body = pageview(eventId="e", timestamp=f"{day}T00:00:00Z")
        product.post("/import", {"batch": [body]}, NOW, key=API_KEY)
    messages = {m["MessageId"]: m["Body"] for m in product.receive()}
    ingest(messages, Blind(product.store), product.queue)
    assert product.metrics(NOW, "pageviews", start="2010-01-01") == {"pageviews": 3}


def test_copies_that_ingest_left_are_settled_by_the_next_run(product: Product):
    left_behind(product)
    run(datetime.now(UTC), product.store, product.queue)
    assert product.metrics(NOW, "pageviews", start="2010-01-01") == {"pageviews": 1}
    assert product.metrics(NOW, "pageviews", period="2015-05-17") == {"pageviews": 1}


def test_runs_that_repeat_or_overlap_change_nothing(product: Product):
    left_behind(product)
    now = datetime.now(UTC)
    for minutes in (0, 0, 1, 2, 60):
        run(now + timedelta(minutes=minutes), product.store, product.queue)
    assert product.metrics(NOW, "pageviews", start="2010-01-01") == {"pageviews": 1}
    first = product.store.select("queries/first_event", {"site": "default"}).rows
    assert first[0][1] == 1


def test_a_run_notes_how_far_it_has_come_and_whether_the_queue_was_empty(product: Product):
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    assert run(now, product.store, product.queue)["drained"] is True
    assert mark("copies", product.store) == mark("drained", product.store) == now
    product.post("/pageview", pageview(), NOW)
    assert run(now + timedelta(minutes=1), product.store, product.queue)["drained"] is False
    assert mark("drained", product.store) == now
    assert mark("copies", product.store) == now + timedelta(minutes=1)


def test_arrivals_are_forgotten_once_a_week_has_passed(product: Product):
    product.post("/pageview", pageview(), NOW)
    product.drain()
    arrived = {"since": datetime(2000, 1, 1, tzinfo=UTC)}
    run(datetime.now(UTC), product.store, product.queue)
    assert product.store.select("queries/arrived", arrived).rows == [(1,)]
    run(datetime.now(UTC) + timedelta(days=8), product.store, product.queue)
    assert product.store.select("queries/arrived", arrived).rows == [(0,)]
