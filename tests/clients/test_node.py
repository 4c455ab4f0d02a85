"""Segment's and RudderStack's SDKs for Node, unmodified, against a running stack: each event is stored once."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.clients.faulty import BUSY, LIMITED, LOST, Fault, Proxy, counts
from tests.clients.node import needs_node, run
from tests.flow.stack import Stack

EVENTS = 60
SIZE = 15
OTHERS = 4
"""Calls that are no tracks: identify, page, group, alias."""
Start = Callable[..., Proxy]


@needs_node
@pytest.mark.parametrize(
    ("script", "faults"),
    [
        ("segment.mjs", ()),
        ("segment.mjs", (BUSY, BUSY)),
        ("segment.mjs", (LIMITED,)),
        ("segment.mjs", (LOST,)),
        ("rudderstack.mjs", ()),
        ("rudderstack.mjs", (BUSY, BUSY)),
        ("rudderstack.mjs", (LIMITED,)),
        ("rudderstack.mjs", (LOST,)),
    ],
    ids=[
        f"{sdk} {way}"
        for sdk in ("segment", "rudderstack")
        for way in ("at once", "after 503, 503", "after 429", "when an answer is lost")
    ],
)
def test_an_sdk_for_node(
    stack: Stack, proxied: Start, script: str, faults: tuple[Fault, ...], request: Any
):
    proxy, name = proxied(*faults), request.node.name
    said = run(
        script,
        writeKey=stack.keys["write_key"],
        url=proxy.url,
        name=name,
        events=EVENTS,
        flushAt=SIZE,
    )

    assert said == {"errors": [], "delivered": EVENTS + OTHERS}
    assert counts(stack, name) == Counter(range(EVENTS))
    assert len(proxy.posts(200)) > EVENTS // SIZE
    assert len(proxy.posts()) == len(proxy.posts(200)) * (1 + len(faults))
