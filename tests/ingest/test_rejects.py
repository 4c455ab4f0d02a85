"""Deliveries that were not taken are kept by reason, so many an hour, and leave with the person they are of."""

import pytest

from footfall.event import Event, from_columns
from footfall.event_queue import pack
from footfall.ingest.batch import ingest
from footfall.reject import REJECTS_AN_HOUR, Reject, not_stored
from footfall.rejects.by_code import by_code
from footfall.rejects.replay import Selection, replay
from tests.builders import Product, at

NOW = at("2026-03-02T12:00:00")
DAY = (NOW - 86_400_000, NOW + 86_400_000)


def reject(number: int = 0, code: str = "too_old", site: str = "default", **more) -> Reject:
    item = {"type": "pageview", "anonymousId": "v1", "page": {"path": "/"}}
    return Reject(site, code, NOW + number, number, f"r{number}", "Too old.", item=item, **more)


def deliver(product: Product, *rejects: Reject, events: tuple[Event, ...] = ()):
    [body] = pack(list(events), list(rejects))
    assert not ingest({"m": body}, product.store, product.queue, product.zone_of)


def listed(product: Product, code: str = "", site: str = "default"):
    return by_code(site, *DAY, code, product.store)


def remake(reject: Reject) -> Event:
    [made] = from_columns(reject.made)
    return made


def event(number: int = 0) -> Event:
    return Event("default", f"e{number}", "pageview", NOW, NOW, number, "a:v1", "v1", path="/")


def test_rejects_are_counted_by_reason_with_the_last_as_an_example(product: Product):
    deliver(product, reject(1), reject(2), reject(3, "no_actor"))
    assert [(row["code"], row["count"]) for row in listed(product)] == [
        ("too_old", 2),
        ("no_actor", 1),
    ]
    [only] = listed(product, "too_old")
    assert only["last"] == "2026-03-02T12:00:00.002+00:00"
    assert only["example"]["message"] == "Too old."
    assert only["example"]["event"]["page"] == {"path": "/"}


def test_a_message_that_comes_twice_is_kept_once(product: Product):
    for _ in range(2):
        deliver(product, reject(1), reject(2))
    assert listed(product)[0]["count"] == 2


def test_a_site_sees_its_own_only(product: Product):
    deliver(product, reject(1, site="other"))
    assert listed(product) == []
    assert listed(product, site="other")[0]["count"] == 1


def test_of_an_hour_the_first_thousand_are_kept_and_all_that_were_answered_as_accepted(
    product: Product,
):
    many = [reject(n) for n in range(REJECTS_AN_HOUR + 5)]
    deliver(product, *many[:600])
    deliver(product, *many[600:], *(not_stored(event(n), "over_quota", "") for n in range(1_200)))
    assert {row["code"]: row["count"] for row in listed(product)} == {
        "too_old": REJECTS_AN_HOUR,
        "over_quota": 1_200,
    }
    next_hour = reject(3_600_000)
    deliver(product, next_hour)
    assert listed(product, "too_old")[0]["count"] == REJECTS_AN_HOUR + 1


def test_what_was_made_and_not_stored_is_stored_by_a_replay_once(product: Product):
    deliver(product, not_stored(event(), "over_quota", "Over the quota."))
    assert product.metrics(NOW, "pageviews", period="7d")["pageviews"] == 0
    chosen = Selection("default", *DAY, "over_quota")
    for expected in (1, 0):
        told = replay(chosen, remake, product.store, product.queue)
        assert told == {"accepted": expected, "rejected": 0, "complete": True}
        product.drain()
        assert product.metrics(NOW, "pageviews", period="7d")["pageviews"] == 1
    assert listed(product) == []


def test_a_replay_that_was_cut_off_counts_nothing_twice(product: Product):
    deliver(product, not_stored(event(), "over_quota", ""))
    product.queue.send([event()])  # sent, and the reject not yet withdrawn
    replay(Selection("default", *DAY), remake, product.store, product.queue)
    product.drain()
    assert product.metrics(NOW, "pageviews", period="7d")["pageviews"] == 1


def test_a_redelivered_message_does_not_bring_a_replayed_reject_back(product: Product):
    over = not_stored(event(), "over_quota", "")
    deliver(product, over)
    replay(Selection("default", *DAY), remake, product.store, product.queue)
    deliver(product, over)
    assert listed(product) == []


@pytest.mark.parametrize("visitor", ["v1", "u1"])
def test_an_erased_visitor_leaves_the_rejects_and_does_not_come_back(
    product: Product, visitor: str
):
    from footfall.privacy.erase import erase

    item = {"type": "pageview", "anonymousId": "v1", "userId": "u1"}
    theirs = Reject("default", "too_old", NOW, 0, "r", item=item)
    deliver(product, theirs, reject(1)._replace(item={"anonymousId": "v2"}))
    erase(visitor, product.site, NOW + 10, bytes(10), product.store, product.counters)
    assert listed(product)[0]["count"] == 1
    deliver(product, theirs)
    assert listed(product)[0]["count"] == 1
