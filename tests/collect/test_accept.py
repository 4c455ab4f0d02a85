"""Events are accepted, refused by name, and handed to the queue before anything is counted."""

import pytest

from footfall.collect.accept import NothingAccepted
from footfall.counters import Counters
from footfall.errors import (
    BadRequest,
    FootfallError,
    Forbidden,
    TooLarge,
    Unauthorized,
    Unavailable,
    Unprocessable,
)
from footfall.event import Event
from footfall.event_queue import EventQueue, unpack
from footfall.valkey import Valkey
from tests.builders import API_KEY, BROWSER, Product, at, pageview, track

NOW = at("2026-03-10T12:00:00")


def queued(product: Product) -> list[Event]:
    """The events on the queue, in order."""
    return [event for message in product.receive() for event in unpack(message["Body"]).events]


def code(product: Product, path: str, body: dict[str, object], **options: str) -> tuple[type, str]:
    """What a request is refused with."""
    with pytest.raises(FootfallError) as refused:
        product.post(path, body, NOW, **options)
    return type(refused.value), refused.value.code


def test_a_pageview_is_queued_as_it_was_sent(product: Product):
    body = {"anonymousId": "v1", "eventId": "e1", "page": {"path": "/a"}, "unknown": [1]}
    assert product.post("/pageview", body, NOW) == {"eventId": "e1"}
    (event,) = queued(product)
    assert (event.event_id, event.type, event.actor, event.path, event.ts, event.received_at) == (
        "e1", "pageview", "a:v1", "/a", NOW, NOW,
    )  # fmt: skip
    assert event.user_agent == BROWSER


def test_an_event_without_an_id_gets_one_that_sorts_by_time(product: Product):
    first = product.post("/pageview", pageview(), NOW)["eventId"]
    second = product.post("/pageview", pageview(), NOW + 1)["eventId"]
    assert first < second
    assert first[14] == "7"


@pytest.mark.parametrize(
    ("changes", "event_id"),
    [({"messageId": "m"}, "m"), ({"eventId": "", "messageId": 12}, "12"), ({"eventId": 1.0}, "1")],
)
def test_the_event_id_is_the_clients(product: Product, changes: dict[str, object], event_id: str):
    assert product.post("/pageview", pageview(**changes), NOW)["eventId"] == event_id


def test_the_actor_is_the_anonymous_id_else_the_user_id_else_cookieless(product: Product):
    product.post("/pageview", pageview("v1", userId="u1"), NOW)
    product.post("/pageview", pageview("null", userId="u1"), NOW)
    product.post("/pageview", pageview("", userId="Guest"), NOW)
    actors = [event.actor for event in queued(product)]
    assert actors[:2] == ["a:v1", "u:u1"]
    assert actors[2].startswith("c:")


def test_no_address_reaches_the_queue(product: Product):
    body = pageview("", context={"ip": "198.51.100.99", "userAgent": BROWSER})
    product.post("/pageview", body, NOW, ip="203.0.113.7")
    product.post("/import", {"batch": [body]}, NOW, key=API_KEY)
    bodies = "".join(repr(event) for event in queued(product))
    assert "203.0.113" not in bodies
    assert "198.51.100" not in bodies


def test_a_library_without_ids_is_no_visitor(product: Product):
    for agent in ("curl/8.5.0", "python-requests/2.32", "Python-urllib/3.11", ""):
        assert code(product, "/pageview", pageview(""), user_agent=agent) == (
            Unprocessable,
            "no_actor",
        )
        assert code(product, "/pageview", pageview(""), key=API_KEY, user_agent=agent) == (
            Unprocessable,
            "no_actor",
        )


def test_a_browser_with_a_secret_key_is_the_visitor_where_context_names_none(product: Product):
    product.post("/pageview", pageview(""), NOW)
    product.post("/pageview", pageview(""), NOW, key=API_KEY)
    product.post("/pageview", pageview("", context={"ip": "198.51.100.9"}), NOW, key=API_KEY)
    public, secret, other = queued(product)
    assert public.actor == secret.actor != other.actor
    assert {event.user_agent for event in (public, secret, other)} == {BROWSER}


def test_context_ip_and_agent_count_only_with_a_secret_key(product: Product):
    context = {"ip": "198.51.100.9", "userAgent": "Mozilla/5.0 other"}
    product.post("/pageview", pageview("", context=context), NOW)
    product.post("/pageview", pageview(""), NOW)
    product.post("/pageview", pageview("", context=context), NOW, key=API_KEY)
    public, plain, secret = queued(product)
    assert public.actor == plain.actor != secret.actor
    assert (public.user_agent, secret.user_agent) == (BROWSER, "Mozilla/5.0 other")


def test_consent_denied_takes_every_id_and_withheld_is_not_stored(product: Product):
    assert product.post(
        "/pageview", pageview("v1", userId="u1", eventId="e", context={"consent": "denied"}), NOW
    )
    withheld = pageview("v1", eventId="w", context={"consent": "withheld"})
    assert product.post("/pageview", withheld, NOW) == {"eventId": "w"}
    identify = {"anonymousId": "v1", "userId": "u1", "context": {"consent": "denied"}}
    assert product.post("/identify", identify, NOW)["eventId"]
    (event,) = queued(product)
    assert (event.actor[:2], event.anonymous_id, event.user_id) == ("c:", "", "")


def test_the_good_events_of_a_bad_batch_are_kept(product: Product):
    batch = [
        pageview(eventId="a"),
        {"type": "nonsense"},
        "text",
        track(eventId="b"),
        track(name=""),
        pageview(eventId="x" * 129),
    ]
    receipt = product.post("/batch", {"batch": batch}, NOW)
    assert receipt["accepted"] == 2
    assert receipt["eventIds"] == ["a", None, None, "b", None, None]
    assert [(r["index"], r["code"]) for r in receipt["rejected"]] == [
        (1, "unknown_type"), (2, "invalid_event"), (4, "missing_field"), (5, "too_long"),
    ]  # fmt: skip
    assert [event.event_id for event in queued(product)] == ["a", "b"]


def test_a_batch_of_nothing_good_is_a_400_and_an_empty_one_a_200(product: Product):
    with pytest.raises(NothingAccepted) as refused:
        product.post("/batch", {"batch": [{}]}, NOW)
    assert refused.value.status == 400
    assert refused.value.body()["rejected"][0]["index"] == 0
    assert product.post("/batch", {"batch": []}, NOW) == {
        "accepted": 0,
        "eventIds": [],
        "rejected": [],
    }


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/pageview", {"anonymousId": "v"}, (BadRequest, "missing_field")),
        ("/pageview", {"anonymousId": [], "page": {"path": "/"}}, (BadRequest, "invalid_field")),
        ("/pageview", {"anonymousId": "v", "page": {"path": "/"}, "context": 1}, (BadRequest, "invalid_field")),
        ("/track", {"anonymousId": "v", "event": "signup"}, (BadRequest, "invalid_field")),
        ("/track", {"anonymousId": "v", "event": {"name": "a", "properties": []}}, (BadRequest, "invalid_field")),
        ("/screen", {"anonymousId": "v"}, (BadRequest, "missing_field")),
        ("/identify", {"anonymousId": "v", "userId": "null"}, (BadRequest, "missing_field")),
        ("/batch", {"batch": {}}, (BadRequest, "invalid_field")),
        ("/batch", {"batch": [{}] * 2_501}, (TooLarge, "too_many_events")),
        ("/pageview", {"anonymousId": "v", "page": {"path": "x" * 33_000}}, (TooLarge, "event_too_large")),
        ("/pageview", {"anonymousId": "v", "page": {"path": "/"}, "site": "other"}, (Forbidden, "wrong_site")),
        ("/pageview", {"anonymousId": "v", "page": {"path": "/"}, "context": {"consent": "?"}},
         (Unprocessable, "unknown_consent")),
    ],
)  # fmt: skip
def test_bad_input_is_refused_by_name(
    product: Product, path: str, body: dict[str, object], expected: tuple[type, str]
):
    assert code(product, path, body) == expected


def test_deep_properties_are_refused(product: Product):
    deep: object = 1
    for _ in range(40):
        deep = [deep]
    body = {"anonymousId": "v", "event": {"name": "a", "properties": {"deep": deep}}}
    assert code(product, "/track", body) == (Unprocessable, "too_deep")


def test_properties_are_texts_as_they_are_compared(product: Product):
    properties = {
        "text": "a", "yes": True, "whole": 1.0, "half": 0.5, "large": 1e21, "tiny": 1e-7, "none": None,
        "list": [1, "é"], "object": {"a": None}, "name": "not the event's",
    }  # fmt: skip
    product.post("/track", track(event={"name": "e", "properties": properties}), NOW)
    (event,) = queued(product)
    assert event.name == "e"
    assert event.properties == {
        "text": "a", "yes": "true", "whole": "1", "half": "0.5", "large": "1e+21", "tiny": "1e-7",
        "list": '[1,"é"]', "object": '{"a":null}', "name": "not the event's",
    }  # fmt: skip


def test_import_needs_an_admin_key(product: Product):
    assert code(product, "/import", {"batch": []}, key="") == (Unauthorized, "no_key")
    assert code(product, "/import", {"batch": []}, key="ffa_wrong") == (Unauthorized, "wrong_key")
    assert code(product, "/import", {"batch": []}) == (Forbidden, "wrong_scope")
    old = pageview(timestamp="2015-05-17T10:00:00Z")
    assert product.post("/import", {"batch": [old]}, NOW, key=API_KEY)["accepted"] == 1


def test_a_wrong_key_is_a_401_wherever_it_stands(product: Product):
    assert code(product, "/pageview", pageview(), key="ffw_default_wrong") == (
        Unauthorized,
        "wrong_key",
    )
    assert code(product, "/pageview", pageview(writeKey="wrong"), key="") == (
        Unauthorized,
        "wrong_key",
    )
    batch = {"batch": [pageview(writeKey="wrong"), pageview()]}
    assert product.post("/batch", batch, NOW)["rejected"][0]["code"] == "wrong_key"


def test_a_dead_queue_is_a_503_and_counts_nothing(product: Product):
    product.queue = EventQueue(product.sqs, product.queue.url + "-gone")
    with pytest.raises(Unavailable) as refused:
        product.post("/pageview", pageview(), NOW)
    assert refused.value.retry_after > 0
    assert product.counters.live("default", NOW).pageviews_last_5_min == 0


def test_a_dead_valkey_refuses_no_event(product: Product):
    product.counters = Counters(Valkey("redis://127.0.0.1:1"))
    assert product.post("/pageview", pageview(), NOW)["eventId"]
    assert len(queued(product)) == 1


def test_bots_and_imports_are_not_counted_live(product: Product):
    bot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    product.post("/pageview", pageview("b"), NOW, user_agent=bot)
    product.post("/import", {"batch": [pageview("i")]}, NOW, key=API_KEY)
    product.post("/pageview", pageview("v"), NOW)
    assert product.counters.live("default", NOW).active_users == 1
