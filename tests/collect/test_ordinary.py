"""Ordinary events by column are those that the steps make one by one."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.collect.accept import Sender, accept_batch
from footfall.collect.ordinary import KINDS, LEAST, make_events
from footfall.collect.steps import Delivery, make_event
from footfall.counters import Counters
from footfall.errors import FootfallError
from footfall.event import EVENT_TYPES, Event
from footfall.event_queue import unpack
from footfall.location import Location
from footfall.salts import Salts
from footfall.site import Site
from tests.builders import BROWSER, WRITE_KEY, Product, at, pageview

NOW = at("2026-03-10T12:00:00")
ODD: list[Any] = [None, "", 0, 7, 1.5, True, [], {}, ["a"], {"a": "b"}, "x" * 300, "null"]
URLS = [
    "https://www.example.com/a?utm_source=x&id=7&gclid=1", "https://example.com", "/p?ref=a+b#c", "?fbclid=1",
    "//u:p@host.example/x", "https://[::1", "mailto:a@b.example", "https://e.example/a%40b.example?utm_term=a@b.example",
]  # fmt: skip


def one_of(*values: Any) -> st.SearchStrategy[Any]:
    """One of these, now and then something that no client should send."""
    return st.sampled_from([*values * (1 + 200 // len(values)), *ODD])


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with some of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


PAGE = some(
    url=one_of(*URLS),
    path=one_of("/p", "/p?q=1#f", "/a@b.example"),
    title=one_of("T", "Hello a@b.example", "https://x.example/?token=1"),
    referrer=one_of(
        "https://www.google.com/?q=1", "https://www.example.com/p", " android-app://x "
    ),
    search=one_of("?utm_medium=m"),
)
SHORT_PAGE = some(
    url=one_of(*URLS),
    path=one_of("/p", "/p?q=1#f"),
    title=one_of("T", "Hello a@b.example"),
    referrer=one_of("https://r.example/?q"),
)
TIMES = one_of("2026-03-10T11:00:00Z", "2026-03-01T00:00:00Z", "2026-03-10", "yesterday")
SCREEN = some(width=one_of(1920, 390.0, -1), height=one_of(1080, 844, 1e9))
SHORT_CONTEXT = some(locale=one_of("de-DE", "en_US.UTF-8", "?"), screen=one_of({}) | SCREEN)
CONTEXT = some(
    locale=one_of("de-DE"),
    screen=SCREEN,
    consent=one_of("granted", "denied", "withheld", "maybe"),
    page=PAGE,
    campaign=some(source=one_of("newsletter"), name=one_of("a@b.example")),
    device=one_of({"type": "tv"}, {"type": 1}),
    browser=one_of({"name": "Brave", "version": "1"}),
    os=one_of({"name": "a?b=c"}),
    ip=one_of("198.51.100.7", "not one"),
    userAgent=one_of(BROWSER, "curl/8"),
    library=one_of({"name": "x"}),
)
IDS = {
    "eventId": one_of("e1", "e2", "e3"),
    "messageId": one_of("m1"),
    "anonymousId": st.sampled_from(["a1", "a2", "guest", "x" * 256, "x" * 257]),
    "userId": one_of("u1", "NULL"),
}
SHORT_ITEM = st.fixed_dictionaries(
    {"type": one_of("pageview"), "eventId": one_of("e1", "e2")},
    optional={
        "anonymousId": IDS["anonymousId"],
        "userId": IDS["userId"],
        "page": SHORT_PAGE,
        "context": SHORT_CONTEXT,
        "properties": one_of({"query.id": "own"}),
    },
)
ITEM = st.fixed_dictionaries(
    {"type": one_of(*sorted(KINDS), *EVENT_TYPES)},
    optional={
        **IDS,
        "page": PAGE,
        "context": CONTEXT,
        "timestamp": TIMES,
        "sentAt": TIMES,
        "event": some(
            name=one_of("signup"), properties=one_of({"a": 1, "secret": "x", "ip": "192.0.2.1"})
        ),
        "screen": some(name=one_of("Home")),
        "properties": one_of({"q": "a@b.example", "query.id": "own"}),
        "traits": one_of({"plan": "pro"}),
        "site": one_of("default", "other"),
        "writeKey": one_of(WRITE_KEY),
    },
)
ITEMS = st.lists(SHORT_ITEM, min_size=1, max_size=4) | st.lists(
    SHORT_ITEM | ITEM, min_size=1, max_size=4
)
SITES = st.builds(
    Site,
    id=st.just("default"),
    domains=st.sampled_from([(), ("example.com",)]),
    allowed_query=st.sampled_from([(), ("id", "ref")]),
    denied_properties=st.sampled_from([(), ("secret",)]),
    consent=st.sampled_from(["optional", "optional", "required"]),
    privacy_signals=st.sampled_from(["cookieless", "discard", "ignore"]),
    retention_days=st.sampled_from([0, 5]),
)
HEADERS = st.sampled_from(
    [
        {},
        {"accept-language": "fr-CH, fr;q=0.9"},
        {"dnt": "1"},
        {"sec-purpose": "prefetch"},
        {"sec-ch-ua": '"HeadlessChrome";v="140", "Brave";v="140"', "sec-ch-ua-mobile": "?1"},
    ]
)


def germany(ip: str) -> Location:
    """Where all addresses lie."""
    return Location("DE", "DE-BE", "Berlin") if ip else Location()


def one_by_one(item: Any, position: int, delivery: Delivery) -> Event | None:
    """What the steps make of an item; None where they drop or refuse it."""
    try:
        made = make_event(item, position, delivery)
    except FootfallError:
        return None
    return made if isinstance(made, Event) else None


@settings(
    max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    items=ITEMS,
    site=SITES,
    headers=HEADERS,
    user_agent=st.sampled_from(["", BROWSER, "curl/8", "analytics-node/2"]),
    is_trusted=st.booleans(),
    is_imported=st.booleans(),
    measure=st.booleans(),
    sent_at=st.sampled_from([None, NOW - 3_600_000]),
    dialect=st.sampled_from(["", "", "segment", "pixel"]),
)
def test_each_event_is_the_one_that_the_steps_make_or_left_to_them(
    counters: Counters, items: list[Any], site: Site, headers: dict[str, str], **told: Any
):
    delivery = Delivery(
        site=site,
        received_at=NOW,
        ip="203.0.113.7",
        headers=headers,
        salts=Salts(counters, None),
        locate=germany,
        **told,
    )
    made = make_events(items, delivery)
    assert len(made) == len(items)
    for position, (item, event) in enumerate(zip(items, made, strict=True)):
        if event is not None:
            assert event == one_by_one(item, position, delivery)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"timestamp": "2026-03-10T11:00:00Z", "sentAt": "2026-03-10T12:00:00Z"},
        {"type": "track", "event": {"name": "signup", "properties": {"plan": "pro"}}},
        {"page": {"path": "/p", "title": "T"}, "properties": {"a": 1}},
        {"context": {"page": {"url": "https://a.example/?utm_source=x"}, "library": {"name": "x"}}},
        {"anonymousId": None, "userId": None},
        {"eventId": None, "messageId": "m"},
    ],
)
def test_what_clients_send_many_of_is_ordinary(counters: Counters, more: dict[str, Any]):
    items = [pageview("v1", eventId=f"e{number}") | more for number in range(LEAST)]
    delivery = Delivery(
        site=Site(id="default"),
        received_at=NOW,
        ip="203.0.113.7",
        user_agent=BROWSER,
        is_trusted=False,
        is_imported=False,
        sent_at=None,
        salts=Salts(counters, None),
        locate=germany,
        measure=True,
    )
    expected = [one_by_one(item, position, delivery) for position, item in enumerate(items)]
    assert make_events(items, delivery) == expected
    assert None not in expected


@pytest.mark.parametrize("more", [{"site": "other"}, {"writeKey": "ffw_other_key"}])
def test_whose_an_event_is_is_judged_among_many_too(product: Product, more: dict[str, Any]):
    items = [pageview("v1", eventId=f"e{number}") for number in range(LEAST)]
    items[2] |= more
    receipt = accept_batch(
        {"batch": items}, Sender(WRITE_KEY, "203.0.113.7", BROWSER), NOW, product.collector
    )
    assert [refused["index"] for refused in receipt["rejected"]] == [2]


def test_one_odd_event_leaves_the_others_ordinary_and_keeps_their_order(product: Product):
    items = [pageview("v1", eventId=f"e{number}") for number in range(LEAST + 2)]
    items[3] = {"type": "identify", "eventId": "e3", "anonymousId": "v1", "userId": "u1"}
    items[5]["type"] = "nonsense"
    receipt = accept_batch(
        {"batch": items}, Sender(WRITE_KEY, "203.0.113.7", BROWSER), NOW, product.collector
    )
    assert [refused["index"] for refused in receipt["rejected"]] == [5]
    [message] = product.receive()
    events = unpack(message["Body"]).events
    assert [event.position for event in events] == [0, 1, 2, 3, 4, 6, 7, 8, 9]
    assert [event.event_id for event in events] == [e for e in receipt["eventIds"] if e]
    assert {event.type for event in events} - KINDS == {"identify"}
