"""API Gateway's WebSocket API on a laptop: its events, its refusals and limits, and `@connections` for boto3."""

import asyncio
import base64
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local import gateway, websocket
from local.template import Template, parse
from local.websocket import Connection, ConnectionsServer, WebSockets
from tests.socket_client import SocketClient

KEY, SECRET = "test-key", "test-secret"
TEMPLATE = """
Globals: {Function: {Timeout: 5, Handler: app.lambda_handler}}
Resources:
  Front:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/front, Events: {Default: {Type: HttpApi}}}
  Sockets:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/sockets}
  Api:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      StageName: now
      Routes:
        $connect: {FunctionArn: !GetAtt Sockets.Arn}
        $disconnect: {FunctionArn: !GetAtt Sockets.Arn}
        $default: {FunctionArn: !GetAtt Sockets.Arn, RouteResponseSelectionExpression: $default}
  Answer:
    Type: AWS::ApiGatewayV2::RouteResponse
    Properties: {ApiId: !Ref Api, RouteId: !Ref ApiDefaultRoute, RouteResponseKey: $default}
"""


class Api:
    """A gateway whose functions record their events and answer what the test says, and its `@connections`."""

    def __init__(self, template: Template) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.answer: Callable[[dict[str, Any]], Any] = lambda event: {
            "statusCode": 200,
            "body": f"heard {event.get('body')}",
        }
        self.is_ended = threading.Event()
        self.now = 0.0
        self.sockets = WebSockets(lambda: self.now)
        self.connections = ConnectionsServer(self.sockets, "127.0.0.1", 0, KEY, SECRET)
        app = gateway.make_app(template, self._invoke, sockets=self.sockets)
        self._server = gateway.make_server(app)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._server.serve(sockets=[self._socket])), daemon=True
        )

    def _invoke(self, name: str, event: dict[str, Any]) -> Any:
        self.events.append((name, event))
        if event["requestContext"]["routeKey"] == "$disconnect":
            self.is_ended.set()
        return self.answer(event)

    @property
    def contexts(self) -> list[dict[str, Any]]:
        """The contexts of the events."""
        return [event["requestContext"] for _, event in self.events]

    def open(self, query: str = "ticket=t") -> SocketClient:
        """A client of the API's stage."""
        return SocketClient(f"ws://{self.host}/now?{query}")

    def client(self, secret: str = SECRET) -> Any:
        """An unmodified boto3 client for sending to sockets."""
        return boto3.client(
            "apigatewaymanagementapi",
            endpoint_url=f"{self.connections.url}/now",
            region_name="eu-central-1",
            aws_access_key_id=KEY,
            aws_secret_access_key=secret,
            config=Config(retries={"total_max_attempts": 1}),
        )

    def __enter__(self) -> "Api":
        self.connections.start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self.connections.stop()


@pytest.fixture(scope="module")
def template() -> Template:
    return parse(TEMPLATE, Path())


@pytest.fixture
def api(template: Template) -> Iterator[Api]:
    with Api(template) as api:
        yield api


def test_a_socket_becomes_the_events_of_api_gateway(api: Api):
    with api.open("ticket=a%2Bb&x=1&x=2") as client:
        client.say("ping")
        client.hear()
        client.say(b"\x00\xff")
        client.hear()
    assert api.is_ended.wait(10)

    connect, said, bytes_said, disconnect = (event for _, event in api.events)
    assert {name for name, _ in api.events} == {"Sockets"}
    assert connect["queryStringParameters"] == {"ticket": "a+b", "x": "2"}
    assert connect["multiValueQueryStringParameters"] == {"ticket": ["a+b"], "x": ["1", "2"]}
    assert connect["headers"]["Host"] == api.host
    assert (said["body"], said["isBase64Encoded"]) == ("ping", False)
    assert base64.b64decode(bytes_said["body"]) == b"\x00\xff"
    assert bytes_said["isBase64Encoded"]
    kinds = [(each["routeKey"], each["eventType"]) for each in api.contexts]
    assert kinds == [
        ("$connect", "CONNECT"),
        ("$default", "MESSAGE"),
        ("$default", "MESSAGE"),
        ("$disconnect", "DISCONNECT"),
    ]
    assert disconnect["requestContext"]["disconnectStatusCode"] == 1000
    assert len({each["connectionId"] for each in api.contexts}) == 1
    assert len({each["requestId"] for each in api.contexts}) == 4
    for each in api.contexts:
        assert (each["stage"], each["domainName"]) == ("now", api.host)
        assert each["identity"]["sourceIp"] == "127.0.0.1"


def test_what_the_function_returns_is_said_to_who_asked(api: Api):
    with api.open() as client:
        client.say("ping")

        assert client.hear() == "heard ping"


def test_without_a_response_in_the_template_nobody_is_answered():
    with Api(
        parse(TEMPLATE.replace("RouteId: !Ref ApiDefaultRoute", "RouteId: !Ref Other"), Path())
    ) as api:
        with api.open() as client:
            client.say("ping")
            client.say("again")
        assert api.is_ended.wait(10)

        assert len(api.events) == 4


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"statusCode": 401, "body": '{"code":"x"}'}, 401),
        ({"statusCode": "429"}, 429),
        ({"statusCode": 9_999}, 500),
        ({"no": "status"}, 500),
        ("nonsense", 500),
        (RuntimeError("secret"), 500),
    ],
)
def test_a_handshake_is_refused_with_the_functions_status(
    api: Api, answer: Any, status: int, capsys: pytest.CaptureFixture[str]
):
    def respond(event: dict[str, Any]) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    api.answer = respond
    client = api.open()

    assert client.status == status
    assert b"secret" not in client.refusal
    assert [each["routeKey"] for each in api.contexts] == ["$connect"]


def test_there_is_no_socket_elsewhere_and_no_page_at_the_stage(api: Api):
    assert SocketClient(f"ws://{api.host}/other?ticket=t").status == 403
    assert SocketClient(f"ws://{api.host}/now/?ticket=t").status == 403
    assert httpx.get(f"http://{api.host}/now").status_code == 200

    assert [name for name, _ in api.events] == ["Front"]


def test_a_handler_that_fails_is_said_so_without_its_text_and_the_socket_stays(
    api: Api, capsys: pytest.CaptureFixture[str]
):
    with api.open() as client:

        def fail(event: dict[str, Any]) -> Any:
            raise RuntimeError("secret")

        api.answer = fail
        client.say("ping")
        told = client.hear()
        api.answer = lambda event: {"statusCode": 200, "body": "well"}
        client.say("ping")

        assert told["message"] == "Internal server error"
        assert told["connectionId"] == api.contexts[0]["connectionId"]
        assert client.hear() == "well"
    assert "secret" not in json.dumps(told)
    assert "Sockets failed on $default" in capsys.readouterr().err


def test_a_message_above_the_cap_ends_the_socket(api: Api):
    with api.open() as client:
        client.say("x" * websocket.MESSAGE_BYTES)
        assert client.hear().startswith("heard x")

        client.say("x" * (websocket.MESSAGE_BYTES + 1))

        assert client.wait_until_closed() == 1009
    assert api.is_ended.wait(10)


def test_a_client_that_vanishes_is_a_disconnect(api: Api):
    client = api.open()
    client.say("ping")
    client.hear()

    client.cut()

    assert api.is_ended.wait(10)
    assert api.client().exceptions.GoneException


@pytest.mark.parametrize(
    ("opened", "active", "now", "left"),
    [
        (0, 0, 0, 600),
        (0, 0, 599, 1),
        (0, 500, 600, 500),
        (0, 7_000, 7_100, 100),
        (0, 7_199, 7_200, 0),
        (100, 100, 700, 0),
    ],
)
def test_a_socket_is_closed_after_ten_idle_minutes_and_after_two_hours(
    opened: float, active: float, now: float, left: float
):
    connection = Connection("c", opened, active, None, None, {})  # type: ignore[arg-type]

    assert connection.seconds_left(now) == left


def test_a_socket_whose_time_is_over_is_closed_as_going_away(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    with api.open() as client:
        client.say("ping")
        client.hear()
        # What is awaited next is awaited for no time at all.
        monkeypatch.setattr(websocket, "IDLE_SECONDS", 0.0)
        client.say("ping")

        assert client.wait_until_closed() == 1001
    assert api.is_ended.wait(10)
    assert api.contexts[-1]["disconnectStatusCode"] == 1001


def test_boto3_sends_asks_and_closes(api: Api):
    with api.open() as client:
        name = api.contexts[0]["connectionId"]
        sender = api.client()

        sender.post_to_connection(ConnectionId=name, Data='{"n": "ä"}'.encode())
        told = sender.get_connection(ConnectionId=name)

        assert client.hear() == {"n": "ä"}
        assert told["Identity"]["SourceIp"] == "127.0.0.1"
        assert told["ConnectedAt"] <= told["LastActiveAt"]
        sender.delete_connection(ConnectionId=name)
        assert client.wait_until_closed() == 1000
    assert api.is_ended.wait(10)
    for act in (
        lambda: sender.post_to_connection(ConnectionId=name, Data=b"x"),
        lambda: sender.get_connection(ConnectionId=name),
        lambda: sender.delete_connection(ConnectionId=name),
    ):
        with pytest.raises(sender.exceptions.GoneException):
            act()


def test_nobody_sends_without_the_stacks_key(api: Api):
    with api.open() as client:
        name = api.contexts[0]["connectionId"]
        url = f"{api.connections.url}/now/%40connections/{name}"

        unsigned = httpx.post(url, content=b"x")
        with pytest.raises(ClientError) as wrong:
            api.client("another").post_to_connection(ConnectionId=name, Data=b"x")

        assert unsigned.status_code == 403
        assert wrong.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
        # The public port knows none of it.
        at_the_api = httpx.post(f"http://{api.host}/now/@connections/{name}", content=b"x")
        assert at_the_api.text == "heard x" or api.events[-1][0] == "Front"
        client.say("ping")
        assert client.hear() == "heard ping"


def test_a_message_that_is_too_large_to_send_is_refused(api: Api):
    with api.open():
        name = api.contexts[0]["connectionId"]
        with pytest.raises(ClientError) as error:
            api.client().post_to_connection(
                ConnectionId=name, Data=b"x" * (websocket.MESSAGE_BYTES + 1)
            )
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


def test_a_client_that_does_not_read_holds_no_other_up(api: Api, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(websocket, "SEND_SECONDS", 0.2)
    with api.open() as deaf, api.open() as other:
        first, second = (each["connectionId"] for each in api.contexts[:2])
        sender, refused = api.client(), 0
        for _ in range(200):
            try:
                sender.post_to_connection(ConnectionId=first, Data=b"x" * 100_000)
            except sender.exceptions.LimitExceededException:
                refused += 1
                break
        sender.post_to_connection(ConnectionId=second, Data=b"hello")

        assert refused == 1
        assert other.hear() == "hello"
        deaf.cut()
