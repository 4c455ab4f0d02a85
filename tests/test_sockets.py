"""Messages to API Gateway's sockets: signed as boto3 signs them, many at a time, none held up by a slow one."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import unquote

import pytest

from footfall import sockets
from footfall.aws import AwsError, Credentials
from footfall.sockets import Posted, Sockets
from local.http_server import Handler, HttpServer
from tests.boto_signature import EXAMPLE, signed_headers

NOW = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)
HOST = "a1b2c3.execute-api.eu-central-1.amazonaws.com"


class Gateway:
    """What API Gateway answers for each connection, and what it was sent; one of status 0 is not answered."""

    def __init__(self) -> None:
        self.statuses: dict[str, list[int]] = {}
        self.heard: dict[str, list[str]] = defaultdict(list)
        self.released = threading.Event()
        gateway = self

        class Answering(Handler):
            def do_POST(self) -> None:  # noqa: N802 - the name is the base class's
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                name = unquote(self.path.rpartition("/")[2])
                gateway.heard[name].append(body)
                given = gateway.statuses.get(name, [200])
                status = given.pop(0) if len(given) > 1 else given[0]
                if not status:
                    gateway.released.wait(10)
                self.answer(status or 200, b"{}", {})

        self.server = HttpServer("127.0.0.1", 0, Answering)

    @property
    def sockets(self) -> Sockets:
        """A client of it."""
        url = f"http://127.0.0.1:{self.server.port}/live"
        return Sockets(url, "eu-central-1", lambda: Credentials("key", "secret"))


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    gateway = Gateway()
    gateway.server.start()
    yield gateway
    gateway.released.set()
    gateway.server.stop()


@pytest.mark.parametrize("token", ["", "session/token+=="])
def test_a_message_is_signed_as_boto3_signs_it(token: str):
    credentials = EXAMPLE._replace(token=token)
    client = Sockets(
        f"https://{HOST}/live", "eu-central-1",
        lambda: credentials, lambda: NOW,
    )  # fmt: skip
    path = "/live/@connections/JKJaXm%2FPLvHcES10%3D"
    ours = client._aws._signed(path, b"{}", "")

    headers = {"Content-Type": "application/json"}
    theirs = signed_headers(
        f"https://{HOST}{path}", headers, b"{}", credentials, "execute-api", NOW
    )
    assert ours["authorization"] == theirs["Authorization"]


def test_each_socket_gets_its_messages_in_their_order(gateway: Gateway):
    messages = {f"c{number}/=": [f"{number}-{n}" for n in range(5)] for number in range(40)}

    posted = gateway.sockets.post_all(messages)

    assert posted == Posted(40, frozenset(), 0)
    assert gateway.heard == messages


def test_nothing_to_send_is_nothing_sent(gateway: Gateway):
    assert gateway.sockets.post_all({}) == Posted(0, frozenset(), 0)


def test_a_client_that_is_gone_gets_nothing_more_and_is_named(gateway: Gateway):
    gateway.statuses["gone="] = [200, 410]

    posted = gateway.sockets.post_all({"gone=": ["1", "2", "3"], "there=": ["1"]})

    assert posted == Posted(1, frozenset({"gone="}), 0)
    assert gateway.heard["gone="] == ["1", "2"]


@pytest.mark.parametrize("status", [403, 413, 429, 500, 503])
def test_what_the_gateway_refuses_is_not_sent_again(gateway: Gateway, status: int):
    gateway.statuses["refused="] = [status]

    posted = gateway.sockets.post_all({"refused=": ["1", "2"], "there=": ["1"]})

    assert posted == Posted(1, frozenset(), 1)
    assert gateway.heard["refused="] == ["1"]
    with pytest.raises(AwsError, match=str(status)):
        gateway.sockets.post("refused=", "1")


def test_a_socket_that_is_not_answered_holds_no_other_up(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sockets, "ANSWER_SECONDS", 0.3)
    gateway.statuses["slow="] = [0]
    messages = {"slow=": ["1", "2"]} | {f"c{n}=": ["1", "2"] for n in range(30)}

    posted = gateway.sockets.post_all(messages)

    assert posted == Posted(30, frozenset(), 1)
    assert gateway.heard["slow="] == ["1"]


def test_all_of_it_ends_in_time_however_many_are_slow(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sockets, "THREADS", 2)
    for number in range(10):
        gateway.statuses[f"slow{number}="] = [0]
    client = gateway.sockets

    posted = client.post_all({f"slow{n}=": ["1"] for n in range(10)}, seconds=0.2)

    assert posted == Posted(0, frozenset(), 10)
    assert len(gateway.heard) <= 2


def test_a_gateway_that_is_not_there_is_an_error_and_no_exception_of_many():
    client = Sockets("http://127.0.0.1:1/live", "eu-central-1", lambda: Credentials("k", "s"))

    assert client.post_all({"a=": ["1"], "b=": ["1"]}) == Posted(0, frozenset(), 2)
    with pytest.raises(AwsError):
        client.post("a=", "1")
