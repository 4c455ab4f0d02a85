"""The client of SQS, against the local SQS, which checks signatures, and against boto3's own way of signing."""

import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from footfall.aws import AwsError, Credentials
from footfall.sqs import Sqs
from local.sqs import QueueServer
from tests.boto_signature import EXAMPLE, signed_headers
from tests.builders import Product
from tests.conftest import KEY, SECRET

NOW = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def client(queue_server: QueueServer) -> Sqs:
    return Sqs(queue_server.url, "us-east-1", lambda: Credentials(KEY, SECRET))


def test_a_message_that_is_sent_is_received(client: Sqs, product: Product):
    body = json.dumps({"events": ["smörgås", "\n", "x" * 200_000]}, ensure_ascii=False)
    client.send_message(QueueUrl=product.queue.url, MessageBody=body)
    assert [message["Body"] for message in product.receive()] == [body]


def test_what_waits_is_counted(client: Sqs, product: Product):
    client.send_message(QueueUrl=product.queue.url, MessageBody="x")
    told = client.get_queue_attributes(
        QueueUrl=product.queue.url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert told["Attributes"]["ApproximateNumberOfMessages"] == "1"


def test_a_wrong_key_and_an_unknown_queue_are_errors(queue_server: QueueServer, product: Product):
    wrong = Sqs(queue_server.url, "us-east-1", lambda: Credentials(KEY, "other"))
    with pytest.raises(AwsError, match="40"):
        wrong.send_message(QueueUrl=product.queue.url, MessageBody="x")
    right = Sqs(queue_server.url, "us-east-1", lambda: Credentials(KEY, SECRET))
    with pytest.raises(AwsError, match="DoesNotExist"):
        right.send_message(QueueUrl=product.queue.url + "-none", MessageBody="x")


@pytest.mark.parametrize("token", ["", "session/token+=="])
def test_a_request_is_signed_as_boto3_signs_it(token: str):
    credentials = EXAMPLE._replace(token=token)
    client = Sqs(
        "https://sqs.eu-central-1.amazonaws.com", "eu-central-1",
        lambda: credentials, lambda: NOW,
    )  # fmt: skip
    body = b'{"QueueUrl":"https://sqs.eu-central-1.amazonaws.com/1/q","MessageBody":"x"}'
    ours = client._aws._signed("/", body, "AmazonSQS.SendMessage")

    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "AmazonSQS.SendMessage",
    }
    url = "https://sqs.eu-central-1.amazonaws.com/"
    theirs = signed_headers(url, headers, body, credentials, "sqs", NOW)
    assert ours["authorization"] == theirs["Authorization"]
    assert ours.get("x-amz-security-token") == theirs.get("X-Amz-Security-Token")


def test_the_signing_key_follows_day_and_credentials():
    moments = iter([NOW, NOW.replace(day=3), NOW.replace(day=3)])
    secrets = iter(["one", "one", "two"])
    client = Sqs("http://x", "r", lambda: Credentials("k", next(secrets)), lambda: next(moments))
    keys = set()
    for _ in range(3):
        client._aws._signed("/", b"", "t")
        assert client._aws._signing_key is not None
        keys.add(client._aws._signing_key[1])
    assert len(keys) == 3


class Scripted:
    """An HTTP server that says what it was told to, a connection each."""

    def __init__(self, *answers: bytes) -> None:
        self.requests: list[bytes] = []
        self._answers = answers
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.client = Sqs(
            f"http://127.0.0.1:{self._listening.getsockname()[1]}",
            "r",
            lambda: Credentials("k", "s"),
        )
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        for said in self._answers:
            connection, _ = self._listening.accept()
            self.requests.append(connection.recv(65_536))
            connection.sendall(said)
            connection.close()

    def close(self) -> None:
        self._listening.close()
        self._thread.join()


@pytest.fixture
def scripted() -> Iterator:
    made = []

    def make(*answers: bytes) -> Scripted:
        made.append(Scripted(*answers))
        return made[-1]

    yield make
    for each in made:
        each.close()


def ok(body: bytes, more: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (more, len(body), body)


# The MD5 of "x".
ANSWER = b'{"MessageId":"1","MD5OfMessageBody":"9dd4e461268c8034f5c8564e155c67a6"}'


def send(server: Scripted) -> dict:
    return server.client.send_message(QueueUrl="http://q", MessageBody="x")


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{",
        b"no http\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
    ],
)
def test_a_request_that_broke_is_sent_once_more(scripted, first: bytes):
    server = scripted(first, ok(ANSWER))
    assert send(server)["MessageId"] == "1"
    assert len(server.requests) == 2


def test_one_that_breaks_twice_is_an_error(scripted):
    with pytest.raises(AwsError, match="did not answer"):
        send(scripted(b"", b""))
    busy = b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with pytest.raises(AwsError, match="503"):
        send(scripted(busy, busy))


def test_a_refusal_is_not_repeated(scripted):
    server = scripted(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
    with pytest.raises(AwsError, match="403"):
        send(server)
    assert len(server.requests) == 1


def test_a_chunked_answer_is_read(scripted):
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
    assert send(scripted(chunked % (len(ANSWER), ANSWER)))["MessageId"] == "1"


def test_another_message_than_was_sent_is_an_error(scripted):
    with pytest.raises(AwsError, match="another message"):
        send(scripted(ok(ANSWER.replace(b"9dd4", b"0000"))))


def test_nobody_there_is_an_error():
    client = Sqs("http://127.0.0.1:1", "r", lambda: Credentials("k", "s"))
    with pytest.raises(AwsError):
        client.send_message(QueueUrl="http://q", MessageBody="x")
