"""The local stack pushes what happens: API -> collect -> Valkey -> queue -> push -> socket, as it is on AWS."""

import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.flow.stack import Stack
from tests.socket_client import SocketClient

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
MOST_SECONDS = 2.0
"""How long an event may take to be seen; on a machine that does nothing else it is a tenth of a second, or one."""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("live") / "data")
    try:
        yield stack.start()
    finally:
        stack.stop()


def watch(stack: Stack) -> SocketClient:
    """A socket that has heard the numbers once."""
    key = f"Bearer {stack.keys['api_key']}"
    status, told = stack.post("/realtime/ticket", {"site": "default"}, Authorization=key)
    assert status == 200, told
    client = SocketClient(f"{told['url']}?ticket={told['ticket']}")
    assert client.status == 101
    client.say("ping")
    assert client.hear()["type"] == "realtime"
    return client


def view(stack: Stack, path: str) -> None:
    status, told = stack.post(
        "/pageview", {"anonymousId": "somebody", "page": {"path": path}}, **{"User-Agent": PHONE}
    )
    assert status == 200, told


def event_of(client: SocketClient, path: str) -> dict[str, Any]:
    """The event of a page, whatever else is heard before it."""
    while True:
        told: dict[str, Any] = client.hear()
        if told["type"] == "event" and told["page"] == path:
            return told


def test_an_event_is_seen_by_all_who_watch_within_two_seconds(stack: Stack):
    # Libraries are loaded by the first push.
    with watch(stack) as first:
        view(stack, "/warm")
        event_of(first, "/warm")
        with watch(stack) as second:
            began = time.monotonic()
            view(stack, "/seen")
            told = event_of(first, "/seen"), event_of(second, "/seen")
            took = time.monotonic() - began

    assert took < MOST_SECONDS
    assert told[0] == told[1]
    assert (told[0]["event"], told[0]["device"], told[0]["country"]) == ("pageview", "mobile", "")
    assert "somebody" not in str(told)


def test_who_was_cut_off_watches_on_with_another_ticket(stack: Stack):
    cut = watch(stack)
    with watch(stack) as other:
        cut.cut()
        view(stack, "/meanwhile")
        event_of(other, "/meanwhile")

        with watch(stack) as again:
            view(stack, "/after")
            assert event_of(again, "/after")
            assert event_of(other, "/after")


def test_numbers_are_pushed_once_a_second_however_much_happens(stack: Stack):
    heard: list[float] = []
    stop = threading.Event()

    def happen() -> None:
        number = 0
        while not stop.is_set():
            view(stack, f"/much/{number}")
            number += 1

    busy = threading.Thread(target=happen)
    with watch(stack) as client:
        busy.start()
        try:
            while len(heard) < 4:
                if client.hear()["type"] == "realtime":
                    heard.append(time.monotonic())
        finally:
            stop.set()
            busy.join()

    # The first may wait for what was begun before.
    apart = [after - before for before, after in pairwise(heard[1:])]
    assert min(apart) > 0.8


def test_a_stack_that_ends_tells_its_sockets_and_leaves_no_error(tmp_path: Path):
    stack = Stack(tmp_path / "data").start()
    with watch(stack) as client:
        assert stack.stop() == 0
        assert client.wait_until_closed() == 1012

    stack.start()
    with watch(stack) as client:
        view(stack, "/again")
        assert event_of(client, "/again")
    assert stack.stop() == 0
    assert (stack.data.parent / "stack.log").read_text() == ""
