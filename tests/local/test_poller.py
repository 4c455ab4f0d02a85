"""The queue trigger, on the local SQS through boto3."""

import itertools
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from local.poller import Poller, failures, sqs_event
from local.template import QueueSource

_numbers = itertools.count()
Answer = Callable[[dict[str, Any]], Any]


class Trigger:
    """A queue, its dead-letter queue, and a function that records what it is invoked with."""

    def __init__(
        self, sqs: Any, *, max_receives: int = 100, batch_size: int = 100, reports: bool = True
    ) -> None:
        name = f"poller-{next(_numbers)}"
        self.sqs = sqs
        self.dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=self.dead, AttributeNames=["QueueArn"])[
            "Attributes"
        ]["QueueArn"]
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": max_receives})
        attributes = {"RedrivePolicy": policy, "VisibilityTimeout": "300"}
        self.url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.events: list[dict[str, Any]] = []
        self.answer: Answer = lambda event: None
        self.poller = Poller(
            QueueSource(name, "F", batch_size, 0, reports), sqs, self.url, self._invoke
        )

    def _invoke(self, name: str, event: dict[str, Any]) -> Any:
        self.events.append(event)
        return self.answer(event)

    def send(self, *bodies: str) -> None:
        """Put messages on the queue."""
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.url, MessageBody=body)

    def poll(self) -> int:
        """Poll until there was a batch; how long to wait after it."""
        seen = len(self.events)
        while True:
            delay = self.poller.poll()
            if len(self.events) > seen:
                return delay

    def bodies(self) -> list[list[str]]:
        """What the function was given, batch by batch."""
        return [[record["body"] for record in event["Records"]] for event in self.events]

    def left(self, url: str = "") -> int:
        """How many messages a queue holds, those in flight included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = self.sqs.get_queue_attributes(QueueUrl=url or self.url, AttributeNames=names)[
            "Attributes"
        ]
        return sum(int(number) for number in told.values())


def fail(*bodies: str) -> Answer:
    """A handler's answer that names the messages of these bodies."""
    return lambda event: {
        "batchItemFailures": [
            {"itemIdentifier": record["messageId"]}
            for record in event["Records"]
            if record["body"] in bodies
        ]
    }


def boom(event: dict[str, Any]) -> Any:
    """A handler that raises."""
    raise RuntimeError("the store does not answer")


def test_what_waits_is_one_batch_of_at_most_the_templates_size(sqs: Any):
    trigger = Trigger(sqs, batch_size=12)
    trigger.send(*map(str, range(15)))

    trigger.poller.poll()
    trigger.poller.poll()

    assert trigger.bodies() == [[str(number) for number in range(12)], ["12", "13", "14"]]
    assert trigger.left() == 0


def test_an_event_holds_what_lambda_puts_into_it(sqs: Any):
    trigger = Trigger(sqs)
    trigger.send("hello")

    trigger.poller.poll()

    (record,) = trigger.events[0]["Records"]
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"].endswith(":poller-" + trigger.url.rpartition("-")[2])
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["attributes"]["SentTimestamp"].isdigit()
    assert record["md5OfBody"] == "5d41402abc4b2a76b9719d911017c592"


def test_only_what_failed_comes_again(sqs: Any):
    trigger = Trigger(sqs)
    trigger.send("good", "bad", "fine")
    trigger.answer = fail("bad")

    delay = trigger.poll()
    trigger.answer = fail()
    trigger.poll()

    assert delay == 0
    assert trigger.bodies() == [["good", "bad", "fine"], ["bad"]]
    assert trigger.left() == 0


def test_a_handler_that_raises_keeps_its_whole_batch_and_is_left_alone_longer_each_time(
    sqs: Any, capsys: pytest.CaptureFixture[str]
):
    trigger = Trigger(sqs)
    trigger.send("a", "b")
    trigger.answer = boom

    delays = [trigger.poll() for _ in range(2)]
    trigger.answer = fail()
    trigger.poll()
    trigger.send("c")
    trigger.answer = boom
    delays.append(trigger.poll())

    assert delays == [1, 2, 1]
    assert trigger.bodies()[2] == ["a", "b"]
    assert trigger.left() == 1
    assert "the store does not answer" in capsys.readouterr().err


def test_a_message_that_fails_too_often_ends_in_the_dead_letter_queue(sqs: Any):
    trigger = Trigger(sqs, max_receives=1)
    trigger.send("poison")
    trigger.answer = fail("poison")

    trigger.poll()
    while not trigger.left(trigger.dead):
        trigger.poller.poll()

    assert (trigger.left(), trigger.left(trigger.dead)) == (0, 1)


def test_failures_named_by_a_function_that_does_not_report_them_are_not_heard(sqs: Any):
    trigger = Trigger(sqs, reports=False)
    trigger.send("bad")
    trigger.answer = fail("bad")

    trigger.poller.poll()

    assert trigger.left() == 0


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        (None, set()),
        ({}, set()),
        ({"batchItemFailures": []}, set()),
        ({"batchItemFailures": None}, set()),
        ({"batchItemFailures": [{"itemIdentifier": "a"}]}, {"a"}),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, {"a", "b"}),
        ({"batchItemFailures": [{"itemIdentifier": "other"}]}, {"a", "b"}),
        ({"batchItemFailures": [{"id": "a"}]}, {"a", "b"}),
        ({"batchItemFailures": "a"}, {"a", "b"}),
        ("a", {"a", "b"}),
    ],
)
def test_an_answer_is_read_as_lambda_reads_it(answer: Any, failed: set[str]):
    assert failures(answer, {"a", "b"}) == failed


def test_polling_goes_on_after_the_queue_did_not_answer_and_ends_when_told(
    capsys: pytest.CaptureFixture[str],
):
    class Broken:
        calls = 0

        def receive_message(self, **_: Any) -> Any:
            self.calls += 1
            if self.calls == 2:
                stop.set()
            raise ConnectionError("refused")

    class Impatient(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            return self.is_set()

    stop, sqs = Impatient(), Broken()
    Poller(QueueSource("q", "F", 10, 0, True), sqs, "url", lambda name, event: None).run(stop)

    assert sqs.calls == 2
    assert "the queue does not answer" in capsys.readouterr().err


def test_messages_become_records_in_their_order():
    messages = [
        {"MessageId": str(number), "ReceiptHandle": "r", "Body": "b", "MD5OfBody": "m"}
        for number in range(3)
    ]

    assert [record["messageId"] for record in sqs_event(messages, "Q")["Records"]] == [
        "0",
        "1",
        "2",
    ]
