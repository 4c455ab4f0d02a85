"""The queue trigger on a laptop: messages are received, handed to the function as an SQS event, and deleted when done.

What the handler names in `batchItemFailures` comes again, and everything of a batch does when it raises. On AWS that
takes the queue's visibility timeout; here a failed message is visible again after a second (later up to 15), so that a
short outage heals as soon as it is over. A batch is what waits at the moment, up to the template's size: an idle queue
is answered at once, a busy one fills the batches by itself, so the window never has to be waited for.
"""

import sys
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from local.functions import REGION, Invoke, arn
from local.template import QueueSource

_AT_A_TIME = 10
"""Messages of one call of SQS."""
_EVENT_BYTES = 6_000_000
"""About what Lambda hands a function at most."""
_LONG_POLL_SECONDS = 1
_LONGEST_DELAY_SECONDS = 15

Message = Mapping[str, Any]


class Poller:
    """Polls one queue for one function, through a boto3 SQS client."""

    def __init__(self, source: QueueSource, sqs: Any, url: str, invoke: Invoke) -> None:
        self._source = source
        self._sqs = sqs
        self._url = url
        self._invoke = invoke
        self._failures_in_a_row = 0

    def run(self, stop: threading.Event) -> None:
        """Poll until `stop` is set; the batch at hand is finished first."""
        while not stop.is_set():
            try:
                delay = self.poll()
            except Exception as error:  # noqa: BLE001 - whatever the queue says, the messages are safe in it
                print(f"the queue does not answer: {error}", file=sys.stderr, flush=True)
                delay = 1
            if delay:
                stop.wait(delay)

    def poll(self) -> int:
        """Receive one batch and hand it over; how many seconds to wait before the next (0: none)."""
        messages = self._receive()
        if not messages:
            return 0
        failed = self._failed(messages)
        self._delete([message for message in messages if message["MessageId"] not in failed])
        if not failed:
            self._failures_in_a_row = 0
            return 0
        delay = min(2**self._failures_in_a_row, _LONGEST_DELAY_SECONDS)
        self._failures_in_a_row = min(self._failures_in_a_row + 1, 10)
        self._delay([message for message in messages if message["MessageId"] in failed], delay)
        # When nothing of a batch went well the trouble is not the messages': the rest of the queue is left alone too.
        return delay if len(failed) == len(messages) else 0

    def _receive(self) -> list[Message]:
        messages: list[Message] = []
        size = 0
        while len(messages) < self._source.batch_size and size < _EVENT_BYTES:
            asked = min(_AT_A_TIME, self._source.batch_size - len(messages))
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=asked,
                WaitTimeSeconds=0 if messages else _LONG_POLL_SECONDS,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            received = answer.get("Messages", [])
            messages += received
            size += sum(len(message["Body"]) for message in received)
            # Unlike SQS, the local queue gives all that it has.
            if len(received) < asked:
                break
        return messages

    def _failed(self, messages: Sequence[Message]) -> set[str]:
        """The ids of the messages that have to come again."""
        every = {message["MessageId"] for message in messages}
        try:
            answer = self._invoke(self._source.function, sqs_event(messages, self._source.queue))
        except Exception:  # noqa: BLE001 - as on AWS, a handler that raises has failed its whole batch
            print(
                f"{self._source.function} failed\n{traceback.format_exc()}",
                file=sys.stderr,
                flush=True,
            )
            return every
        return failures(answer, every) if self._source.reports_failures else set()

    def _delete(self, messages: Sequence[Message]) -> None:
        for entries in _entries(messages):
            self._sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)

    def _delay(self, messages: Sequence[Message], seconds: int) -> None:
        for entries in _entries(messages):
            visible = [entry | {"VisibilityTimeout": seconds} for entry in entries]
            self._sqs.change_message_visibility_batch(QueueUrl=self._url, Entries=visible)


def sqs_event(messages: Sequence[Message], queue: str) -> dict[str, Any]:
    """The event with which Lambda hands messages (as ReceiveMessage answers them) to a function."""
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": dict(message.get("Attributes", {})),
                "messageAttributes": {},
                "md5OfBody": message["MD5OfBody"],
                "eventSource": "aws:sqs",
                "eventSourceARN": arn("sqs", queue),
                "awsRegion": REGION,
            }
            for message in messages
        ]
    }


def failures(answer: Any, every: set[str]) -> set[str]:
    """The messages a handler's answer says have failed, as Lambda reads it.

    No answer, none named: all went well. An identifier that is empty or no message's: all failed.
    """
    if not answer:
        return set()
    try:
        named = {item["itemIdentifier"] for item in answer.get("batchItemFailures") or []}
    except (AttributeError, KeyError, TypeError):
        return set(every)
    return named if named <= every else set(every)


def _entries(messages: Sequence[Message]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(messages), _AT_A_TIME):
        yield [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
            for number, message in enumerate(messages[start : start + _AT_A_TIME])
        ]
