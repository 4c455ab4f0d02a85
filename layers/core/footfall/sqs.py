"""SQS: the two actions that Footfall needs of it. A message that arrives twice holds events that count once."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from footfall.aws import CONNECT_SECONDS, Aws, AwsError, Credentials, Service

READ_SECONDS = 3.0
"""SQS answers within some ms; two tries and what goes with them end well before a function's 15 s."""
_SQS = Service("sqs", "AmazonSQS", "application/x-amz-json-1.0", "SQS")


class Sqs:
    """A client with boto3's names and shapes. Every method raises AwsError."""

    def __init__(
        self,
        endpoint: str,
        region: str,
        credentials: Callable[[], Credentials],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        seconds: float | None = None,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        """Nothing is opened yet; `seconds` is how long an answer may take (READ_SECONDS)."""
        self._aws = Aws(
            _SQS,
            endpoint,
            region,
            credentials,
            now,
            seconds=READ_SECONDS if seconds is None else seconds,
            connect_seconds=connect_seconds,
        )

    def send_message(
        self,
        *,
        QueueUrl: str,  # noqa: N803 - boto3's names
        MessageBody: str,  # noqa: N803
        DelaySeconds: int | None = None,  # noqa: N803
    ) -> dict[str, Any]:
        """Put one message on a queue, to be received after `DelaySeconds` (None: as the queue says)."""
        delay = {} if DelaySeconds is None else {"DelaySeconds": DelaySeconds}
        told = self._aws.call(
            "SendMessage", {"QueueUrl": QueueUrl, "MessageBody": MessageBody, **delay}
        )
        if told.get("MD5OfMessageBody") != _md5(MessageBody):
            raise AwsError("SQS received another message than was sent")
        return told

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:  # noqa: N803
        """Attributes of a queue."""
        return self._aws.call(
            "GetQueueAttributes", {"QueueUrl": QueueUrl, "AttributeNames": AttributeNames}
        )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
