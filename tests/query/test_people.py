"""Who is one person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.people import resolve
from tests.builders import Product, at, pageview

NOW = at("2026-03-10T12:00:00")


@pytest.mark.parametrize(
    ("entries", "people"),
    [
        ([], {}),
        ([("a", "b")], {"a": "b"}),
        ([("a", "b"), ("b", "c")], {"a": "c", "b": "c"}),
        ([("b", "c"), ("a", "b")], {"a": "c", "b": "c"}),
        ([("a", "b"), ("a", "c")], {"a": "b"}),
        ([("a", "b"), ("b", "a")], {"a": "b"}),
        ([("a", "b"), ("b", "a"), ("b", "c")], {"a": "c", "b": "c"}),
        ([("a", "a")], {}),
    ],
)
def test_the_first_entry_of_an_id_stands_and_a_circle_is_void(entries, people):
    assert resolve(entries) == people


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde"))))
def test_every_chain_ends(entries: list[tuple[str, str]]):
    people = resolve(entries)
    assert not set(people) & set(people.values())


def visitors(product: Product) -> object:
    return product.metrics(NOW, "visitors", period="today")["visitors"]


def test_a_link_applies_to_history_and_joins_two_devices(product: Product):
    for device in ("phone", "laptop", "stranger"):
        product.post("/pageview", pageview(device), NOW)
    product.drain()
    assert visitors(product) == 3
    product.post("/identify", {"anonymousId": "phone", "userId": "u1"}, NOW + 1)
    product.post(
        "/track", {"anonymousId": "laptop", "userId": "u1", "event": {"name": "login"}}, NOW + 2
    )
    product.drain()
    assert visitors(product) == 2
    assert product.metrics(NOW, "sessions", period="today") == {"sessions": 3}


def test_the_link_received_first_stands_also_when_it_is_stored_last(product: Product):
    product.post("/pageview", pageview("v1"), NOW)
    product.post("/pageview", pageview("", userId="u1"), NOW)
    product.drain()
    product.post("/identify", {"anonymousId": "v1", "userId": "u1"}, NOW + 1)
    (early,) = product.receive()
    product.post("/identify", {"anonymousId": "v1", "userId": "u2"}, NOW + 2)
    product.drain()
    assert visitors(product) == 2
    from footfall.ingest.batch import ingest

    ingest({early["MessageId"]: early["Body"]}, product.store, product.queue, product.zone_of)
    assert visitors(product) == 1


def test_an_id_as_anonymous_id_and_as_user_id_is_two(product: Product):
    product.post("/pageview", pageview("same"), NOW)
    product.post("/pageview", pageview("", userId="same"), NOW)
    product.drain()
    assert visitors(product) == 2


def test_an_alias_joins_users_and_an_anonymous_id_that_was_ever_seen(product: Product):
    product.post("/pageview", pageview("", userId="old"), NOW)
    product.post("/pageview", pageview("", userId="new"), NOW)
    product.post(
        "/batch", {"batch": [{"type": "alias", "previousId": "old", "userId": "new"}]}, NOW + 1
    )
    product.drain()
    assert visitors(product) == 1
    product.post("/pageview", pageview("old"), NOW + 2)
    product.drain()
    # `old` means the anonymousId from now on: it is one person with `new`, and the user `old` another.
    assert visitors(product) == 2


def test_a_link_made_by_a_copy_that_does_not_stand_counts(product: Product):
    product.post("/pageview", pageview("v1"), NOW)
    product.post("/pageview", pageview("v2", eventId="e"), NOW)
    product.post("/pageview", pageview("v2", eventId="e", userId="u"), NOW + 1)
    product.post("/identify", {"anonymousId": "v1", "userId": "u"}, NOW + 2)
    product.drain()
    assert visitors(product) == 1
