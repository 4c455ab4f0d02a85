"""The local SQS: the same cases against it and against moto's, then what only ours promises."""

import contextlib
import hashlib
import http.client
import itertools
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from moto.server import ThreadedMotoServer

from local import queue_file
from local.http_server import client_left
from local.queue_file import QueueFile
from local.sqs import QueueServer, SqsError

KEY, SECRET, REGION = "test-key", "test-secret", "eu-central-1"
ONE_MIB = 1 << 20
_numbers = itertools.count()


def client(url: str, key: str = KEY, secret: str = SECRET) -> Any:
    """An unmodified boto3 client that tells of a failure at once."""
    return boto3.client(
        "sqs",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}, max_pool_connections=20),
    )


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Our server and moto's."""
    ours = QueueServer(tmp_path_factory.mktemp("queue") / "queue.db", "127.0.0.1", 0, KEY, SECRET)
    ours.start()
    moto = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield {"ours": ours.url, "moto": f"http://{host}:{port}"}
    moto.stop()
    ours.stop()


@pytest.fixture(params=["ours", "moto"])
def sqs(request: pytest.FixtureRequest, addresses: dict[str, str]) -> Iterator[Any]:
    """A client of one of the two."""
    made = client(addresses[request.param])
    yield made
    made.close()


@dataclass
class Ours:
    """Our server on a clock that stands still until a test moves it."""

    server: QueueServer
    sqs: Any
    path: Path
    seconds: list[float]


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Ours]:
    """A server of its own."""
    seconds = [1_700_000_000.0]
    path = tmp_path / "queue.db"
    server = QueueServer(path, "127.0.0.1", 0, KEY, SECRET, clock=lambda: seconds[0])
    server.start()
    made = client(server.url)
    yield Ours(server, made, path, seconds)
    made.close()
    server.stop()


def new_queue(sqs: Any, **attributes: str) -> str:
    """The address of a queue that no other test uses."""
    name = f"queue-{next(_numbers)}"
    url: str = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url


def arn(sqs: Any, url: str) -> str:
    """The name of a queue as AWS writes it."""
    return attribute(sqs, url, "QueueArn")


def attribute(sqs: Any, url: str, name: str) -> str:
    """One attribute of a queue."""
    value: str = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name]
    return value


def counts(sqs: Any, url: str) -> tuple[int, int, int]:
    """How many messages are visible, in flight, delayed."""
    names = [f"ApproximateNumberOfMessages{which}" for which in ("", "NotVisible", "Delayed")]
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    visible, in_flight, delayed = (int(told[name]) for name in names)
    return visible, in_flight, delayed


def receive(sqs: Any, url: str, count: int = 10, **parameters: Any) -> list[dict[str, Any]]:
    """What can be received now."""
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=count, **parameters)
    messages: list[dict[str, Any]] = answer.get("Messages", [])
    return messages


def code_of(action: Callable[[], Any]) -> str:
    """The code with which a call is refused."""
    with pytest.raises(ClientError) as refused:
        action()
    code: str = refused.value.response["Error"]["Code"]
    return code


# The same on both


def test_a_queue_is_itself_again_when_it_is_created_with_the_same_attributes(sqs: Any) -> None:
    name = f"same-{next(_numbers)}"
    url = sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "60"})["QueueUrl"]

    again = sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "60"})["QueueUrl"]

    assert again == url
    assert sqs.get_queue_url(QueueName=name)["QueueUrl"] == url
    assert url in sqs.list_queues(QueueNamePrefix=name)["QueueUrls"]
    with pytest.raises(sqs.exceptions.QueueNameExists):
        sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "61"})


def test_a_queue_that_nobody_made_does_not_exist(sqs: Any) -> None:
    url = new_queue(sqs)

    for action in (
        lambda: sqs.get_queue_url(QueueName="nobodys"),
        lambda: sqs.send_message(QueueUrl=f"{url}-not", MessageBody="x"),
        lambda: sqs.receive_message(QueueUrl=f"{url}-not"),
        lambda: sqs.get_queue_attributes(QueueUrl=f"{url}-not", AttributeNames=["All"]),
        lambda: sqs.purge_queue(QueueUrl=f"{url}-not"),
    ):
        with pytest.raises(sqs.exceptions.QueueDoesNotExist) as refused:
            action()
        assert refused.value.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"


def test_a_message_arrives_as_it_was_sent(sqs: Any) -> None:
    url = new_queue(sqs)
    body = 'tab\t newline\n "quotes" \\ ü € 🐦 \ufffd'

    sent = sqs.send_message(QueueUrl=url, MessageBody=body)
    [message] = receive(sqs, url, AttributeNames=["All"])

    digest = hashlib.md5(body.encode()).hexdigest()
    assert sent["MD5OfMessageBody"] == message["MD5OfBody"] == digest
    assert message["Body"] == body
    assert message["MessageId"] == sent["MessageId"]
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert int(message["Attributes"]["SentTimestamp"]) > 0
    assert int(message["Attributes"]["ApproximateFirstReceiveTimestamp"]) > 0


def test_only_the_attributes_asked_for_are_told(sqs: Any) -> None:
    url = new_queue(sqs)
    for _ in range(2):
        sqs.send_message(QueueUrl=url, MessageBody="x")

    [message] = receive(sqs, url, count=1)
    [other] = receive(sqs, url, count=1, MessageSystemAttributeNames=["SentTimestamp"])

    assert "Attributes" not in message
    assert list(other["Attributes"]) == ["SentTimestamp"]


def test_a_message_in_flight_is_hidden_until_it_is_given_back(sqs: Any) -> None:
    url = new_queue(sqs)
    sqs.send_message(QueueUrl=url, MessageBody="x")
    assert counts(sqs, url) == (1, 0, 0)

    [first] = receive(sqs, url)
    assert receive(sqs, url) == []
    assert counts(sqs, url) == (0, 1, 0)
    sqs.change_message_visibility(
        QueueUrl=url, ReceiptHandle=first["ReceiptHandle"], VisibilityTimeout=0
    )
    [second] = receive(sqs, url, AttributeNames=["ApproximateReceiveCount"])

    assert second["MessageId"] == first["MessageId"]
    assert second["ReceiptHandle"] != first["ReceiptHandle"]
    assert second["Attributes"] == {"ApproximateReceiveCount": "2"}


def test_a_deleted_message_is_gone_and_deleting_it_again_is_no_error(sqs: Any) -> None:
    url = new_queue(sqs)
    sqs.send_message(QueueUrl=url, MessageBody="x")
    [message] = receive(sqs, url)

    for _ in range(2):
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    assert counts(sqs, url) == (0, 0, 0)


def test_a_receipt_handle_that_nobody_gave_is_refused(sqs: Any) -> None:
    url = new_queue(sqs)

    with pytest.raises(sqs.exceptions.ReceiptHandleIsInvalid):
        sqs.delete_message(QueueUrl=url, ReceiptHandle="invented")
    with pytest.raises(sqs.exceptions.ReceiptHandleIsInvalid):
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle="no!", VisibilityTimeout=1)
    answer = sqs.delete_message_batch(
        QueueUrl=url, Entries=[{"Id": "a", "ReceiptHandle": "invented"}]
    )
    assert [(e["Id"], e["Code"]) for e in answer["Failed"]] == [("a", "ReceiptHandleIsInvalid")]


def test_a_message_received_too_often_goes_to_the_dead_letter_queue(sqs: Any) -> None:
    dead = new_queue(sqs)
    policy = {"deadLetterTargetArn": arn(sqs, dead), "maxReceiveCount": 2}
    url = new_queue(sqs, RedrivePolicy=json.dumps(policy))
    sent = sqs.send_message(QueueUrl=url, MessageBody="poison")
    for _ in range(2):
        [message] = receive(sqs, url)
        sqs.change_message_visibility(
            QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
        )

    assert receive(sqs, url) == []

    [buried] = receive(sqs, dead)
    assert (buried["MessageId"], buried["Body"]) == (sent["MessageId"], "poison")
    assert counts(sqs, url) == (0, 0, 0)
    assert json.loads(attribute(sqs, url, "RedrivePolicy")) == policy


def test_a_redrive_policy_must_name_a_queue_that_exists(sqs: Any) -> None:
    nowhere = arn(sqs, new_queue(sqs)) + "-not"
    policy = json.dumps({"deadLetterTargetArn": nowhere, "maxReceiveCount": 2})

    code = code_of(lambda: new_queue(sqs, RedrivePolicy=policy))

    assert code == "AWS.SimpleQueueService.NonExistentQueue"


def test_a_batch_is_sent_and_deleted_entry_by_entry(sqs: Any) -> None:
    url = new_queue(sqs)
    entries = [{"Id": f"e{n}", "MessageBody": f"body {n}"} for n in range(10)]

    sent = sqs.send_message_batch(QueueUrl=url, Entries=entries)
    messages = receive(sqs, url)
    gone = sqs.delete_message_batch(
        QueueUrl=url,
        Entries=[{"Id": m["MessageId"], "ReceiptHandle": m["ReceiptHandle"]} for m in messages],
    )

    assert [entry["Id"] for entry in sent["Successful"]] == [entry["Id"] for entry in entries]
    assert {m["Body"] for m in messages} == {entry["MessageBody"] for entry in entries}
    assert len(gone["Successful"]) == 10
    assert counts(sqs, url) == (0, 0, 0)


def test_one_entry_that_is_refused_does_not_hold_up_the_others(sqs: Any) -> None:
    url = new_queue(sqs)
    entries = [
        {"Id": "good", "MessageBody": "x"},
        {"Id": "late", "MessageBody": "y", "DelaySeconds": 901},
    ]

    answer = sqs.send_message_batch(QueueUrl=url, Entries=entries)

    assert [entry["Id"] for entry in answer["Successful"]] == ["good"]
    assert [(e["Id"], e["Code"], e["SenderFault"]) for e in answer["Failed"]] == [
        ("late", "InvalidParameterValue", True)
    ]
    assert counts(sqs, url) == (1, 0, 0)


def test_the_visibility_of_a_batch_is_changed_entry_by_entry(sqs: Any) -> None:
    url = new_queue(sqs)
    sqs.send_message(QueueUrl=url, MessageBody="x")
    [message] = receive(sqs, url)

    answer = sqs.change_message_visibility_batch(
        QueueUrl=url,
        Entries=[
            {"Id": "a", "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0},
            {"Id": "b", "ReceiptHandle": "invented", "VisibilityTimeout": 0},
        ],
    )

    assert [entry["Id"] for entry in answer["Successful"]] == ["a"]
    assert [(e["Id"], e["Code"]) for e in answer["Failed"]] == [("b", "ReceiptHandleIsInvalid")]
    assert counts(sqs, url) == (1, 0, 0)


def test_batches_that_sqs_does_not_take_are_refused_whole(sqs: Any) -> None:
    url = new_queue(sqs)
    half = "x" * (ONE_MIB // 2 + 1)
    refused = {
        "EmptyBatchRequest": [],
        "TooManyEntriesInBatchRequest": [{"Id": str(n), "MessageBody": "x"} for n in range(11)],
        "BatchEntryIdsNotDistinct": [{"Id": "same", "MessageBody": "x"}] * 2,
        "InvalidBatchEntryId": [{"Id": "white space", "MessageBody": "x"}],
        "BatchRequestTooLong": [{"Id": str(n), "MessageBody": half} for n in range(2)],
    }

    for name, entries in refused.items():
        with pytest.raises(getattr(sqs.exceptions, name)):
            sqs.send_message_batch(QueueUrl=url, Entries=entries)
    assert counts(sqs, url) == (0, 0, 0)


def test_a_message_of_one_mib_is_taken_and_one_byte_more_is_not(sqs: Any) -> None:
    url = new_queue(sqs)

    sqs.send_message(QueueUrl=url, MessageBody="x" * ONE_MIB)
    code = code_of(lambda: sqs.send_message(QueueUrl=url, MessageBody="x" * (ONE_MIB + 1)))

    assert code == "InvalidParameterValue"
    assert counts(sqs, url) == (1, 0, 0)
    assert attribute(sqs, url, "MaximumMessageSize") == str(ONE_MIB)


def test_a_queue_may_allow_less_than_one_mib(sqs: Any) -> None:
    url = new_queue(sqs, MaximumMessageSize="1024")

    sqs.send_message(QueueUrl=url, MessageBody="x" * 1024)
    code = code_of(lambda: sqs.send_message(QueueUrl=url, MessageBody="x" * 1025))

    assert code == "InvalidParameterValue"


def test_a_delayed_message_is_counted_and_not_received(sqs: Any) -> None:
    url = new_queue(sqs, DelaySeconds="900")

    sqs.send_message(QueueUrl=url, MessageBody="by the queue")
    sqs.send_message(QueueUrl=url, MessageBody="at once", DelaySeconds=0)

    assert [message["Body"] for message in receive(sqs, url)] == ["at once"]
    assert counts(sqs, url)[2] == 1
    code = code_of(lambda: sqs.send_message(QueueUrl=url, MessageBody="x", DelaySeconds=901))
    assert code == "InvalidParameterValue"


@pytest.mark.parametrize(
    "parameters", [{"MaxNumberOfMessages": 0}, {"MaxNumberOfMessages": 11}, {"WaitTimeSeconds": 21}]
)
def test_numbers_out_of_range_are_refused(sqs: Any, parameters: dict[str, int]) -> None:
    url = new_queue(sqs)

    code = code_of(lambda: sqs.receive_message(QueueUrl=url, **parameters))

    assert code == "InvalidParameterValue"


def test_a_long_poll_ends_when_a_message_comes(sqs: Any, addresses: dict[str, str]) -> None:
    url = new_queue(sqs)
    timer = threading.Timer(
        0.2, lambda: sqs.send_message(QueueUrl=url, MessageBody="late but here")
    )
    began = time.monotonic()

    timer.start()
    [message] = receive(sqs, url, WaitTimeSeconds=20)
    timer.join()

    assert message["Body"] == "late but here"
    assert time.monotonic() - began < 10


def test_a_long_poll_of_an_empty_queue_lasts_as_long_as_it_was_asked_to(sqs: Any) -> None:
    url = new_queue(sqs)
    began = time.monotonic()

    messages = receive(sqs, url, WaitTimeSeconds=1)

    assert messages == []
    assert 0.9 < time.monotonic() - began < 5


def test_a_long_poll_gets_a_message_whose_flight_ends_meanwhile(sqs: Any) -> None:
    url = new_queue(sqs)
    sqs.send_message(QueueUrl=url, MessageBody="x")
    [first] = receive(sqs, url, VisibilityTimeout=1)

    [second] = receive(sqs, url, WaitTimeSeconds=20)

    assert second["MessageId"] == first["MessageId"]


def test_a_purged_queue_is_empty(sqs: Any) -> None:
    url = new_queue(sqs)
    for _ in range(3):
        sqs.send_message(QueueUrl=url, MessageBody="x")

    sqs.purge_queue(QueueUrl=url)

    assert counts(sqs, url) == (0, 0, 0)
    assert receive(sqs, url) == []


def test_attributes_can_be_changed_and_read(sqs: Any) -> None:
    url = new_queue(sqs, VisibilityTimeout="60", ReceiveMessageWaitTimeSeconds="2")

    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "360"})
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]

    assert told["VisibilityTimeout"] == "360"
    assert told["ReceiveMessageWaitTimeSeconds"] == "2"
    assert told["DelaySeconds"] == "0"
    assert told["MessageRetentionPeriod"] == "345600"
    assert told["QueueArn"] == f"arn:aws:sqs:{REGION}:{url.split('/')[-2]}:{url.split('/')[-1]}"
    with pytest.raises(sqs.exceptions.InvalidAttributeName):
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Colour"])


# Ours alone


@pytest.mark.parametrize("body", ["\x00", "a\x0bb", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_characters_that_sqs_refuses_are_refused(ours: Ours, body: str) -> None:
    url = new_queue(ours.sqs)

    with pytest.raises(SqsError) as refused:
        ours.server.call("SendMessage", {"QueueUrl": url, "MessageBody": body}, REGION)

    assert refused.value.shape == "InvalidMessageContents"


def test_a_refused_character_is_an_exception_of_boto3(ours: Ours) -> None:
    url = new_queue(ours.sqs)

    with pytest.raises(ours.sqs.exceptions.InvalidMessageContents):
        ours.sqs.send_message(QueueUrl=url, MessageBody="\x00")


@pytest.mark.parametrize("policy", ["no json", "[]", "{}", '{"maxReceiveCount": 2}'])
def test_a_redrive_policy_that_is_none_is_refused(ours: Ours, policy: str) -> None:
    assert code_of(lambda: new_queue(ours.sqs, RedrivePolicy=policy)) == "InvalidParameterValue"


def test_an_entry_that_is_too_long_fails_alone(ours: Ours) -> None:
    url = new_queue(ours.sqs, MaximumMessageSize="1024")
    entries = [{"Id": "a", "MessageBody": "x" * 1025}, {"Id": "b", "MessageBody": "x"}]

    answer = ours.sqs.send_message_batch(QueueUrl=url, Entries=entries)

    assert [entry["Id"] for entry in answer["Successful"]] == ["b"]
    assert [(e["Id"], e["Code"]) for e in answer["Failed"]] == [("a", "InvalidParameterValue")]


def test_a_message_comes_again_when_its_time_is_over(ours: Ours) -> None:
    url = new_queue(ours.sqs, VisibilityTimeout="30")
    ours.sqs.send_message(QueueUrl=url, MessageBody="x")
    [first] = receive(ours.sqs, url)

    ours.seconds[0] += 29.9
    early = receive(ours.sqs, url)
    ours.seconds[0] += 0.2
    [second] = receive(ours.sqs, url)

    assert early == []
    assert second["MessageId"] == first["MessageId"]


def test_a_receipt_of_an_earlier_flight_deletes_nothing(ours: Ours) -> None:
    url = new_queue(ours.sqs)
    ours.sqs.send_message(QueueUrl=url, MessageBody="x")
    [first] = receive(ours.sqs, url)
    ours.seconds[0] += 31
    [second] = receive(ours.sqs, url)

    ours.sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    assert counts(ours.sqs, url) == (0, 1, 0)
    ours.sqs.delete_message(QueueUrl=url, ReceiptHandle=second["ReceiptHandle"])
    assert counts(ours.sqs, url) == (0, 0, 0)


def test_a_flight_that_is_over_can_be_ended_by_deleting_but_not_be_prolonged(ours: Ours) -> None:
    url = new_queue(ours.sqs)
    ours.sqs.send_message(QueueUrl=url, MessageBody="x")
    [message] = receive(ours.sqs, url)
    handle = {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]}
    ours.seconds[0] += 31

    with pytest.raises(ours.sqs.exceptions.MessageNotInflight):
        ours.sqs.change_message_visibility(**handle, VisibilityTimeout=60)
    ours.sqs.delete_message(**handle)
    code = code_of(lambda: ours.sqs.change_message_visibility(**handle, VisibilityTimeout=60))

    assert code == "InvalidParameterValue"
    assert ours.server.depth(url.rpartition("/")[2]).waiting == 0


def test_a_receipt_of_one_queue_is_none_of_another(ours: Ours) -> None:
    url, other = new_queue(ours.sqs), new_queue(ours.sqs)
    ours.sqs.send_message(QueueUrl=url, MessageBody="x")
    [message] = receive(ours.sqs, url)

    with pytest.raises(ours.sqs.exceptions.ReceiptHandleIsInvalid):
        ours.sqs.delete_message(QueueUrl=other, ReceiptHandle=message["ReceiptHandle"])


def test_dead_letters_go_back_to_where_they_came_from(ours: Ours) -> None:
    dead = new_queue(ours.sqs)
    policy = {"deadLetterTargetArn": arn(ours.sqs, dead), "maxReceiveCount": 1}
    url = new_queue(ours.sqs, RedrivePolicy=json.dumps(policy))
    sent = ours.sqs.send_message(QueueUrl=url, MessageBody="came from the queue")
    ours.sqs.send_message(QueueUrl=dead, MessageBody="was put here")
    receive(ours.sqs, url)
    ours.seconds[0] += 31
    receive(ours.sqs, url)
    letters = receive(ours.sqs, dead, AttributeNames=["DeadLetterQueueSourceArn"])
    ours.seconds[0] += 31

    ours.sqs.start_message_move_task(SourceArn=arn(ours.sqs, dead))
    [back] = receive(ours.sqs, url, AttributeNames=["ApproximateReceiveCount"])
    ours.sqs.start_message_move_task(
        SourceArn=arn(ours.sqs, dead), DestinationArn=arn(ours.sqs, url)
    )
    [moved] = receive(ours.sqs, url)

    origins = [message.get("Attributes", {}).get("DeadLetterQueueSourceArn") for message in letters]
    assert sorted(origins, key=str) == sorted([None, arn(ours.sqs, url)], key=str)
    assert back["Body"] == "came from the queue"
    assert back["Attributes"]["ApproximateReceiveCount"] == "1"
    assert back["MessageId"] != sent["MessageId"]
    assert moved["Body"] == "was put here"
    assert counts(ours.sqs, dead) == (0, 0, 0)


def test_a_removed_redrive_policy_holds_no_longer(ours: Ours) -> None:
    policy = {"deadLetterTargetArn": arn(ours.sqs, new_queue(ours.sqs)), "maxReceiveCount": 1}
    url = new_queue(ours.sqs, RedrivePolicy=json.dumps(policy))
    ours.sqs.send_message(QueueUrl=url, MessageBody="x")
    receive(ours.sqs, url)
    ours.seconds[0] += 31

    ours.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": ""})

    assert len(receive(ours.sqs, url)) == 1


@pytest.mark.parametrize(
    "parameters",
    [
        {"MessageAttributes": {"a": {"DataType": "String", "StringValue": "b"}}},
        {"MessageGroupId": "g"},
    ],
)
def test_what_would_be_lost_is_refused(ours: Ours, parameters: dict[str, Any]) -> None:
    url = new_queue(ours.sqs)

    with pytest.raises(ours.sqs.exceptions.UnsupportedOperation):
        ours.sqs.send_message(QueueUrl=url, MessageBody="x", **parameters)
    with pytest.raises(ours.sqs.exceptions.UnsupportedOperation):
        ours.sqs.tag_queue(QueueUrl=url, Tags={"a": "b"})
    with pytest.raises(ours.sqs.exceptions.InvalidAttributeName):
        new_queue(ours.sqs, FifoQueue="true")


@pytest.mark.parametrize(
    ("key", "secret", "code"),
    [
        ("another-key", SECRET, "InvalidClientTokenId"),
        (KEY, "another-secret", "SignatureDoesNotMatch"),
    ],
)
def test_a_wrong_key_is_refused(ours: Ours, key: str, secret: str, code: str) -> None:
    stranger = client(ours.server.url, key, secret)

    with pytest.raises(ClientError) as refused:
        stranger.list_queues()
    stranger.close()

    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_request_without_a_signature_is_refused(ours: Ours) -> None:
    for headers in ({}, {"Authorization": f"AWS4-HMAC-SHA256 Credential={KEY}"}):
        status, answer = post(ours.server.port, b"{}", headers)

        assert (status, answer["__type"].partition("#")[2]) == (403, "MissingAuthenticationToken")


def test_a_signature_holds_for_no_other_body(ours: Ours) -> None:
    seen: list[tuple[bytes, dict[str, str]]] = []

    def keep(request: Any, **_: Any) -> None:
        headers = {
            name: str(value, "latin-1") if isinstance(value, bytes) else value
            for name, value in request.headers.items()
        }
        seen.append((request.body, headers))

    ours.sqs.meta.events.register("before-send.sqs.ListQueues", keep)
    ours.sqs.list_queues(QueueNamePrefix="a")
    body, headers = seen[0]

    assert post(ours.server.port, body, headers)[0] == 200
    assert post(ours.server.port, body.replace(b"a", b"b"), headers)[0] == 403


def test_a_body_that_is_larger_than_any_message_is_not_read(ours: Ours) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", ours.server.port, timeout=5)
    connection.putrequest("POST", "/")
    connection.putheader("Content-Length", str(1 << 40))
    connection.endheaders()

    status = connection.getresponse().status
    connection.close()

    assert status == 413


def test_what_is_stored_is_there_after_a_restart(ours: Ours) -> None:
    url = new_queue(ours.sqs, VisibilityTimeout="60")
    ours.sqs.send_message(QueueUrl=url, MessageBody="visible")
    ours.sqs.send_message(QueueUrl=url, MessageBody="in flight")
    receive(ours.sqs, url, count=1)

    port = ours.server.port
    ours.server.stop()
    ours.server.start()

    assert ours.server.port == port
    assert attribute(ours.sqs, url, "VisibilityTimeout") == "60"
    assert counts(ours.sqs, url) == (1, 1, 0)


def test_what_was_in_flight_is_visible_at_once_when_its_receivers_are_gone(ours: Ours) -> None:
    url = new_queue(ours.sqs, VisibilityTimeout="360")
    ours.sqs.send_message(QueueUrl=url, MessageBody="in flight")
    ours.sqs.send_message(QueueUrl=url, MessageBody="delayed", DelaySeconds=60)
    receive(ours.sqs, url)

    ours.server.release()

    assert counts(ours.sqs, url) == (1, 0, 1)


def test_a_long_poll_is_given_up_when_its_client_is_gone(ours: Ours) -> None:
    request = {"QueueUrl": new_queue(ours.sqs), "WaitTimeSeconds": 20}
    began = time.monotonic()

    answer = ours.server.call("ReceiveMessage", request, REGION, lambda: True)

    assert answer == {}
    assert time.monotonic() - began < 10


def test_a_connection_tells_when_its_other_side_is_gone() -> None:
    here, there = socket.socketpair()
    here.settimeout(60)
    assert not client_left(here)
    there.sendall(b"x")
    assert not client_left(here)
    here.recv(1)

    there.close()

    assert client_left(here)
    here.close()
    assert client_left(here)


def test_a_long_poll_ends_when_the_server_stops(ours: Ours) -> None:
    url = new_queue(ours.sqs)
    answers: list[Any] = []
    poll = threading.Thread(
        target=lambda: answers.append(ours.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20))
    )
    poll.start()
    while not ours.server._server._connections:
        time.sleep(0.01)

    began = time.monotonic()
    ours.server.stop()
    poll.join()

    assert time.monotonic() - began < 5
    assert "Messages" not in answers[0]


def test_threads_that_send_at_the_same_time_lose_nothing(ours: Ours) -> None:
    url = new_queue(ours.sqs)
    ids: list[str] = []

    def send() -> None:
        request = {"QueueUrl": url, "MessageBody": "x"}
        ids.extend(ours.server.call("SendMessage", request, REGION)["MessageId"] for _ in range(50))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(ids)) == 400
    assert ours.server.depth(url.rpartition("/")[2]).visible == 400


def test_an_action_that_fails_changes_nothing_and_harms_no_other(tmp_path: Path) -> None:
    file = QueueFile(tmp_path / "queue.db")

    def fail(db: Any) -> None:
        queue_file.send(db, "q", "lost", 1, 1)
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        file.run(fail)
    file.run(lambda db: queue_file.send(db, "q", "kept", 1, 1))

    assert file.run(lambda db: queue_file.depth(db, "q", 2)).waiting == 1
    file.close()


def test_a_backlog_does_not_make_a_queue_slow(ours: Ours) -> None:
    url = new_queue(ours.sqs)
    name = url.rpartition("/")[2]
    empty = medians(ours, url)

    def fill(db: Any) -> None:
        for _ in range(50_000):
            queue_file.send(db, name, "x" * 500, 1, 1)

    ours.server._file.run(fill)
    full = medians(ours, url)

    assert ours.server.depth(name).waiting > 50_000
    assert full["send"] < 3 * empty["send"] + 0.02
    assert full["receive"] < 3 * empty["receive"] + 0.02


def test_the_file_is_its_owners_alone(ours: Ours) -> None:
    new_queue(ours.sqs)

    files = list(ours.path.parent.glob("queue.db*"))

    assert len(files) == 3
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)


SERVER = """
import sys, time
from local.sqs import QueueServer
server = QueueServer(sys.argv[1], "127.0.0.1", 0, sys.argv[2], sys.argv[3])
server.start()
print(server.url, flush=True)
time.sleep(600)
"""


def test_what_was_answered_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    acknowledged: set[str] = set()

    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(path), KEY, SECRET],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        before = len(acknowledged)
        senders = [
            threading.Thread(target=send_until_it_fails, args=(address, acknowledged))
            for _ in range(4)
        ]
        for sender in senders:
            sender.start()
        while len(acknowledged) < before + 100:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        for sender in senders:
            sender.join()

    file = QueueFile(path)
    stored = file.run(lambda db: [row[0] for row in db.execute("SELECT message_id FROM messages")])
    file.close()
    assert len(acknowledged) >= 300
    assert acknowledged <= set(stored)
    assert len(stored) == len(set(stored))


def send_until_it_fails(address: str, acknowledged: set[str]) -> None:
    """Send messages, noting the id of each that was answered."""
    sqs = client(address)
    with contextlib.suppress(BotoCoreError, ClientError):
        url = sqs.create_queue(QueueName="events")["QueueUrl"]
        while True:
            acknowledged.add(sqs.send_message(QueueUrl=url, MessageBody="x" * 200)["MessageId"])
    sqs.close()


def medians(ours: Ours, url: str) -> dict[str, float]:
    """The usual seconds of a call."""
    actions = {
        "send": lambda: ours.sqs.send_message(QueueUrl=url, MessageBody="x" * 500),
        "receive": lambda: receive(ours.sqs, url),
    }
    return {
        name: statistics.median(seconds(action) for _ in range(15))
        for name, action in actions.items()
    }


def seconds(action: Callable[[], Any]) -> float:
    """How long something takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def post(port: int, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """A request as it is written here, and its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    given = {name: value for name, value in headers.items() if name.lower() != "content-length"}
    connection.request("POST", "/", body, given | {"Host": f"127.0.0.1:{port}"})
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, answer
