"""Segment's and RudderStack's SDKs for Python, unmodified, against a running stack: each event is stored once."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from rudderstack.analytics.client import Client as RudderClient
from segment.analytics.client import Client as SegmentClient

from tests.clients.faulty import BUSY, LIMITED, LOST, Fault, Proxy, counts
from tests.flow.stack import Stack

EVENTS = 60
SIZE = 20
Start = Callable[..., Proxy]

WAYS = [
    pytest.param((), id="at once"),
    pytest.param((BUSY, BUSY), id="after 503, 503"),
    pytest.param((LIMITED,), id="after 429"),
    pytest.param((LOST, LOST), id="when two answers are lost"),
]


def track_all(client: Any, name: str) -> None:
    """Track, and wait until the client has sent everything."""
    for n in range(EVENTS):
        client.track(f"user-{n % 7}", name, {"n": n})
    client.flush()
    client.join()


def once() -> Counter[int]:
    return Counter(range(EVENTS))


@pytest.mark.parametrize("faults", WAYS)
@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
def test_segments_python_sdk(
    stack: Stack, proxied: Start, faults: tuple[Fault, ...], gzip: bool, request: Any
):
    proxy, errors = proxied(*faults), []
    client = SegmentClient(
        stack.keys["write_key"],
        host=proxy.url,
        on_error=lambda *error: errors.append(error),
        gzip=gzip,
        upload_size=SIZE,
    )
    track_all(client, request.node.name)

    assert counts(stack, request.node.name) == once()
    assert errors == []
    assert len(proxy.posts(200)) == EVENTS // SIZE
    assert len(proxy.posts()) == EVENTS // SIZE * (1 + len(faults))
    assert all(seen.body.startswith(b"\x1f\x8b") == gzip for seen in proxy.posts())


@pytest.mark.parametrize("faults", WAYS)
def test_rudderstacks_python_sdk(
    stack: Stack, proxied: Start, faults: tuple[Fault, ...], request: Any
):
    proxy, errors = proxied(*faults), []
    client = RudderClient(
        stack.keys["write_key"],
        host=proxy.url,
        on_error=lambda *error: errors.append(error),
        upload_size=SIZE,
    )
    track_all(client, request.node.name)

    assert counts(stack, request.node.name) == once()
    assert errors == []
    assert len(proxy.posts(200)) == EVENTS // SIZE
    assert len(proxy.posts()) == EVENTS // SIZE * (1 + len(faults))


@pytest.mark.parametrize("made", [SegmentClient, RudderClient], ids=["segment", "rudderstack"])
def test_every_call_of_an_sdk_is_taken(stack: Stack, proxied: Start, made: Any):
    proxy, errors = proxied(), []
    client = made(
        stack.keys["write_key"], host=proxy.url, on_error=lambda *error: errors.append(error)
    )
    client.identify("user-1", {"plan": "pro"})
    client.page("user-1", "Docs", "Home", {"url": "https://shop.example/docs"})
    client.page("user-1", "Docs", "By name alone")
    client.screen("user-1", "App", "Start")
    client.group("user-1", "acme", {"name": "Acme"})
    client.alias("before", "user-1")
    client.track(anonymous_id="anon-1", event="Anonymous", properties={})
    client.flush()
    client.join()

    assert [seen.status for seen in proxy.posts()] == [200] * len(proxy.posts())
    assert errors == []


def test_an_event_nobody_can_take_is_said_to_the_sdk_once(stack: Stack, proxied: Start):
    proxy, errors = proxied(), []
    client = RudderClient(
        "ffw_default_unknown", host=proxy.url, on_error=lambda *error: errors.append(error)
    )
    client.track("user-1", "Refused")
    client.flush()
    client.join()

    assert [seen.status for seen in proxy.posts()] == [401]
    assert "wrong_key" in str(errors[0][0])
