"""Privacy at the door: signals, consent, what a site does not store, and what a visitor's headers tell."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.collect.accept import Sender, accept_batch, accept_event
from footfall.errors import Unavailable
from footfall.event import Event
from footfall.event_queue import unpack
from footfall.location import Location
from footfall.site import Site
from tests.builders import API_KEY, BROWSER, WRITE_KEY, Product, at, pageview, track

NOW = at("2026-03-10T12:00:00")
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def taken(
    product: Product,
    item: dict[str, Any],
    headers: dict[str, str] | None = None,
    *,
    key: str = WRITE_KEY,
    user_agent: str = BROWSER,
    site: Site | None = None,
    **more: Any,
) -> Event | None:
    """The event that a request puts on the queue; None when it is answered and not stored."""
    if site is not None:
        product.site = site
        product.forget()
    sender = Sender(key, "203.0.113.7", user_agent, headers=headers or {}, **more)
    assert accept_event(item["type"], item, sender, NOW, product.collector)["eventId"]
    events = [event for message in product.receive() for event in unpack(message["Body"]).events]
    for event in events:
        assert event.site_id == product.site.id
    return events[0] if events else None


def identify(**changes: Any) -> dict[str, Any]:
    return {"type": "identify", "anonymousId": "v1", "userId": "u1"} | changes


@pytest.mark.parametrize("signal", [{"dnt": "1"}, {"sec-gpc": "1"}])
def test_a_signal_makes_an_event_cookieless_unless_the_site_says_otherwise(
    product: Product, signal: dict[str, str]
):
    item = pageview("v1", userId="u1")
    event = taken(product, item, signal)
    assert event is not None
    assert (event.actor[:2], event.anonymous_id, event.user_id) == ("c:", "", "")
    assert taken(product, identify(), signal) is None
    ignoring = Site(id="default", privacy_signals="ignore")
    event = taken(product, item, signal, site=ignoring)
    assert event is not None
    assert event.actor == "a:v1"
    discarding = Site(id="default", privacy_signals="discard")
    assert taken(product, item, signal, site=discarding) is None
    assert taken(product, item, {"dnt": "0"}, site=discarding) is not None


def test_who_agreed_to_this_site_has_answered_the_signal(product: Product):
    site = Site(id="default", privacy_signals="discard")
    event = taken(
        product, pageview("v1", context={"consent": "granted"}), {"sec-gpc": "1"}, site=site
    )
    assert event is not None
    assert event.actor == "a:v1"
    denied = pageview("v1", context={"consent": "denied"})
    assert taken(product, denied, {"sec-gpc": "1"}) is None


def test_a_signal_on_a_servers_connection_is_no_visitors(product: Product):
    site = Site(id="default", privacy_signals="discard")
    assert taken(product, pageview("v1"), {"dnt": "1"}, key=API_KEY, site=site) is not None
    assert taken(product, pageview("v1"), {"dnt": "1"}, user_agent="curl/8") is not None


def test_where_consent_is_required_silence_is_denial(product: Product):
    site = Site(id="default", consent="required")
    event = taken(product, pageview("v1", userId="u1"), site=site)
    assert event is not None
    assert (event.actor[:2], event.anonymous_id, event.user_id) == ("c:", "", "")
    assert taken(product, identify()) is None
    event = taken(product, pageview("v1", context={"consent": "granted"}))
    assert event is not None
    assert event.actor == "a:v1"
    assert taken(product, pageview("v1", context={"consent": "withheld"})) is None


def test_a_page_that_is_loaded_ahead_is_no_view(product: Product):
    ahead = {"sec-purpose": "prefetch;prerender"}
    assert taken(product, pageview(), ahead) is None
    assert taken(product, track(), ahead) is not None
    assert taken(product, pageview(), ahead, key=API_KEY) is not None
    with pytest.raises(Exception, match="page"):
        taken(product, {"type": "pageview", "anonymousId": "v"}, ahead)


def test_what_the_site_denies_is_not_stored(product: Product):
    site = Site(id="default", denied_properties=("card*", "query.id"), allowed_query=("id", "ref"))
    page = {"url": "https://a.example/p?id=1&ref=2&token=3"}
    event = taken(
        product,
        track(event={"name": "buy", "properties": {"card_no": "4", "plan": "pro"}}, page=page),
        site=site,
    )
    assert event is not None
    assert event.properties == {"plan": "pro", "query.ref": "2"}
    traits = identify(traits={"Card": "4", "email": "bob@x.example"})
    event = taken(product, traits)
    assert event is not None
    assert event.properties == {"email": "bob@x.example"}


def test_a_property_of_the_client_comes_before_the_urls_parameter(product: Product):
    site = Site(id="default", allowed_query=("ref",))
    item = track(
        event={"name": "e", "properties": {"query.ref": "own"}},
        page={"url": "https://a.example/?ref=url"},
    )
    event = taken(product, item, site=site)
    assert event is not None
    assert event.properties == {"query.ref": "own"}


def test_the_visitors_headers_tell_language_browser_and_system(product: Product):
    headers = {
        "accept-language": "de-AT,de;q=0.9",
        "sec-ch-ua": '"Chromium";v="140", "Brave";v="140"',
        "sec-ch-ua-platform": '"Windows"',
        "sec-ch-ua-platform-version": '"15.0.0"',
    }
    event = taken(product, pageview(), headers)
    assert event is not None
    assert (event.language, event.browser, event.browser_version, event.os, event.os_version) == (
        "de-AT", "Brave", "140", "Windows", "11",
    )  # fmt: skip
    said = {"locale": "fr_FR", "browser": {"name": "Mine"}, "os": {"name": "Own", "version": "1"}}
    event = taken(product, pageview(context=said), headers)
    assert event is not None
    assert (event.language, event.browser, event.browser_version, event.os, event.os_version) == (
        "fr-FR", "Mine", "", "Own", "1",
    )  # fmt: skip
    for others in ({"key": API_KEY}, {"user_agent": "python-requests/2"}):
        event = taken(product, pageview(), headers, **others)
        assert event is not None
        assert (event.language, event.browser, event.os) == ("", "", "")


def test_a_headless_browser_is_marked_and_not_counted_live(product: Product):
    headers = {"sec-ch-ua": '"HeadlessChrome";v="140", "Chromium";v="140"'}
    event = taken(product, pageview(eventId="h"), headers)
    assert event is not None
    assert event.bot_hint == "headless"
    assert product.counters.live("default", NOW).active_users == 0
    item = pageview(eventId="h")
    accept_event(
        "pageview", item, Sender(WRITE_KEY, "", BROWSER, headers=headers), NOW, product.collector
    )
    product.drain()
    assert product.metrics(NOW, "pageviews", period="today") == {"pageviews": 0}
    assert product.metrics(NOW, "pageviews", period="today", bots="only") == {"pageviews": 1}


def test_a_browser_in_a_datacentre_that_accepts_no_language_is_marked(product: Product):
    product._collector = replace(product.collector, is_hosted=lambda ip: ip == "203.0.113.7")
    chrome = {"sec-ch-ua": '"Chromium";v="140", "Google Chrome";v="140"'}
    event = taken(product, pageview(), chrome)
    assert event is not None
    assert event.bot_hint == "datacentre"
    # People use VPNs; their browsers say a language. A server's own address tells nothing of its visitors.
    for headers, key, agent in (
        (chrome | {"accept-language": "de"}, WRITE_KEY, BROWSER),
        (chrome, API_KEY, BROWSER),
        (chrome, WRITE_KEY, "python-requests/2"),
    ):
        event = taken(product, pageview(), headers, key=key, user_agent=agent)
        assert event is not None
        assert event.bot_hint == ""
    product.forget()
    event = taken(product, pageview(), chrome)
    assert event is not None
    assert event.bot_hint == ""


def test_the_place_is_the_trusted_fronts_before_a_databases(product: Product):
    product.locate = lambda ip: Location("US", "", "") if ip else Location()
    front = Location("AT", "AT-9", "Vienna")
    event = taken(product, pageview(), place=front)
    assert event is not None
    assert (event.country, event.region, event.city) == front
    event = taken(product, pageview())
    assert event is not None
    assert (event.country, event.region) == ("US", "")
    # What a server says of its visitor is somewhere else than the server.
    trusted = pageview(context={"ip": "198.51.100.9"})
    event = taken(product, trusted, key=API_KEY, place=front)
    assert event is not None
    assert event.country == "US"


def test_without_a_salt_the_request_comes_again_and_nothing_of_it_is_taken(product: Product):
    class NoSalts:
        def cookieless_id(self, *arguments: object) -> str:
            raise Unavailable("salts_unavailable", "None is there.")

    collector = replace(product.collector, salts=NoSalts())
    sender = Sender(WRITE_KEY, "203.0.113.7", BROWSER)
    batch = {"batch": [pageview("v1"), pageview("")]}
    with pytest.raises(Unavailable):
        accept_batch(batch, sender, NOW, collector)
    assert product.receive() == []
    batch = {"batch": [pageview("v1"), pageview("", userId="u1")]}
    assert accept_batch(batch, sender, NOW, collector)["accepted"] == 2


TOKENS = st.text("abcdef0123456789", min_size=8, max_size=16).map(lambda text: f"TOK{text}")
NAMES = st.text("abcdefghijklmnop_.-", min_size=1, max_size=12).filter(
    lambda name: not name.startswith("utm_")
)
URLS = st.builds(
    lambda form, name, token: form.format(name=name, token=token),
    st.sampled_from(
        [
            "https://a.example/b?{name}={token}&c=d", "https://a.example/b#{name}={token}",
            "https://a.example/u/{token}@x.example?e={token}%40x.example", "https://u:{token}@a.example/b",
            "/b?{name}={token}", "a.example/b?{name}={token}#{token}",
        ]
    ),
    NAMES,
    TOKENS,
)  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from(["pageview", "screen", "track", "identify", "group"]),
    url=URLS,
    key=st.sampled_from(["url", "href", "referrer", "path", "search", "title", "note"]),
)
def test_no_token_or_address_of_a_url_reaches_the_queue(
    product: Product, kind: str, url: str, key: str
):
    page = {"path": url, "url": url, "referrer": url, "title": f"At {url}", "search": url}
    properties = {key: url, "list": [{key: url}], url: 1}
    item = {
        "type": kind,
        "anonymousId": "v1",
        "userId": "u1",
        "groupId": "g",
        "page": page,
        "properties": properties,
        "traits": properties,
        "event": {"name": f"open {url}", "properties": properties},
        "screen": {"name": url, "properties": properties},
        "context": {"page": page, "campaign": {"source": url, "name": f"x {url}"}, "locale": url},
    }
    for changes in ({}, {"page": {"url": url}}, {"page": {}}):
        sender = Sender(WRITE_KEY, "203.0.113.7", BROWSER)
        accept_batch({"batch": [item | changes]}, sender, NOW, product.collector)
    for message in product.receive():
        for event in unpack(message["Body"]).events:
            assert "TOK" not in json.dumps(event, ensure_ascii=False)
