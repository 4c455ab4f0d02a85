"""Events through a queue message and back."""

import json
import secrets
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.event import Event, to_columns
from footfall.event_queue import (
    MESSAGE_BYTES,
    EventQueue,
    LiveQueue,
    Undecodable,
    announced,
    pack,
    unpack,
)


def event(number: int = 0, **changes: object) -> Event:
    return Event(
        "default", f"e{number}", "pageview", 1, 2, number, "a:v1", anonymous_id="v1"
    )._replace(**changes)


@given(st.lists(st.text(), min_size=1, max_size=50))
def test_any_text_survives_packing(titles: list[str]):
    events = [event(at, title=title) for at, title in enumerate(titles)]
    bodies = list(pack(events))
    assert [e for body in bodies for e in unpack(body).events] == events
    assert all(body.isascii() for body in bodies)


def test_many_events_travel_deflated_in_one_message():
    events = [event(at, path=f"/{at}") for at in range(500)]
    (body,) = pack(events)
    assert body.startswith("z:")
    assert len(body) < 20_000


def test_a_message_is_never_over_the_limit_and_no_event_is_lost():
    events = [event(at, title=secrets.token_hex(15_000)) for at in range(100)]
    bodies = list(pack(events))
    assert len(bodies) > 1
    assert all(len(body) <= MESSAGE_BYTES for body in bodies)
    assert [e.event_id for body in bodies for e in unpack(body).events] == [
        e.event_id for e in events
    ]


def bomb() -> str:
    import base64
    import zlib

    return "z:" + base64.b64encode(zlib.compress(bytes(100 << 20), 9)).decode()


@pytest.mark.parametrize(
    "body",
    ["", "text", "z:", "z:!!!", "z:AAAA", "{}", "[]", '{"events": 1}', '{"events": [1]}', '{"events": [{}]}',
     json.dumps(to_columns([event()._replace(ts="x")])), "[" * 100_000, bomb()],
)  # fmt: skip
def test_what_is_no_message_of_events_is_undecodable(body: str):
    with pytest.raises(Undecodable):
        unpack(body)


def test_waiting_counts_messages_in_flight_too(event_queue: EventQueue, sqs):
    event_queue.send([event(1)])
    event_queue.send([event(2)])
    assert event_queue.waiting() == 2
    sqs.receive_message(QueueUrl=event_queue.url)
    assert event_queue.waiting() == 2


def test_dead_letters_are_counted_where_there_is_a_queue_of_them(event_queue: EventQueue, sqs):
    assert event_queue.dead_letters() == 0
    event_queue.bury("damaged")
    assert event_queue.dead_letters() == 1
    assert EventQueue(sqs, event_queue.url).dead_letters() is None


def test_sites_that_are_to_be_pushed_are_announced_once_each(sqs: Any, event_queue: EventQueue):
    live = LiveQueue(sqs, event_queue.url)
    for site_id in ("a", "b", "a"):
        live.announce(site_id, 0)

    found = sqs.receive_message(QueueUrl=event_queue.url, MaxNumberOfMessages=10)
    bodies = [message["Body"] for message in found["Messages"]]

    assert announced([*bodies, "", "null", "[1]", "{", '{"sites":"c"}']) == ["a", "b"]


def test_an_announcement_may_be_for_later(sqs: Any, event_queue: EventQueue):
    LiveQueue(sqs, event_queue.url).announce("a", 900)

    assert "Messages" not in sqs.receive_message(QueueUrl=event_queue.url)
    assert event_queue.waiting() == 1
