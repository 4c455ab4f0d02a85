"""The answer of /health, remembered for a while."""

import pytest

from footfall.collect.health import STORE_KEY, STORE_SECONDS, Remembered, health, note_store
from footfall.counters import Counters
from footfall.errors import Unavailable
from footfall.store import Store
from footfall.valkey import Valkey
from tests.builders import Product, at, pageview


def test_an_answer_is_remembered_for_its_time():
    answers = iter([{"waiting": 1}, {"waiting": 2}])
    remembered = Remembered(5)
    read = [remembered.read(now, lambda: next(answers)) for now in (100.0, 104.9, 105.0)]
    assert [answer["waiting"] for answer in read] == [1, 1, 2]


def test_a_failure_is_not_remembered():
    def fail() -> dict[str, object]:
        raise ConnectionError

    remembered = Remembered(5)
    with pytest.raises(ConnectionError):
        remembered.read(100.0, fail)
    assert remembered.read(100.1, lambda: {"waiting": 0}) == {"waiting": 0}


def test_days_that_are_not_rolled_up_are_pending(product: Product):
    product.post("/pageview", pageview(), at("2026-03-10T12:00:00"))
    product.drain()
    assert health(product.queue, product.counters, product.store)["rollups_pending"] == 1
    product.roll_up()
    assert health(product.queue, product.counters, product.store)["rollups_pending"] == 0


def test_a_store_that_is_away_makes_pending_unknown(product: Product):
    away = Store("http://127.0.0.1:1/nowhere")
    answer = health(product.queue, product.counters, away)
    assert (answer["status"], answer["rollups_pending"]) == ("degraded", None)
    assert answer["engines"] == {"queue": "ok", "counters": "ok", "store": "down"}


def test_a_collector_without_a_way_to_the_store_knows_of_it_for_three_minutes(product: Product):
    product.post("/pageview", pageview(), at("2026-03-10T12:00:00"))
    product.drain()
    before = health(product.queue, product.counters, None)
    assert (before["engines"]["store"], before["rollups_pending"]) == ("down", None)

    note_store(product.store, product.counters)
    after = health(product.queue, product.counters, None)
    assert (after["status"], after["rollups_pending"]) == ("ok", 1)
    [left] = product.counters._valkey.ask([("TTL", STORE_KEY)])
    assert 0 < left <= STORE_SECONDS


def test_who_cannot_tell_of_the_store_says_so(product: Product):
    with pytest.raises(Unavailable, match="counters"):
        note_store(product.store, Counters(Valkey("redis://127.0.0.1:1")))
