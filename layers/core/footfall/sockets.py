"""API Gateway's open WebSockets: messages to them, many at a time. Nothing else speaks to them.

A message is a signed POST to `<stage>/@connections/<connection>`; 410 says that its client is gone.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from footfall.aws import Aws, AwsError, Credentials, Service

ANSWER_SECONDS = 1.0
"""How long one message may take: the gateway keeps it for a client that is slow."""
ALL_SECONDS = 4.0
"""How long all messages of a push may take."""
THREADS = 16
_EXECUTE_API = Service("execute-api", "", "application/json", "API Gateway")
_GONE = 410


class Posted(NamedTuple):
    """What became of messages to sockets."""

    reached: int
    """Sockets that got all of theirs."""
    gone: frozenset[str]
    """Connections that are no more."""
    missed: int
    """Sockets that got less: they are slow, the gateway refused, or the time was over."""


class Sockets:
    """The sockets of an API's stage at its address (`https://<api>.execute-api.<region>.amazonaws.com/<stage>`)."""

    def __init__(
        self,
        endpoint: str,
        region: str,
        credentials: Callable[[], Credentials],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is opened yet."""
        self._path = urlsplit(endpoint).path.rstrip("/")
        self._aws = Aws(
            _EXECUTE_API,
            endpoint,
            region,
            credentials,
            now,
            seconds=ANSWER_SECONDS,
            connect_seconds=ANSWER_SECONDS,
        )
        self._monotonic = monotonic

    def post(self, connection: str, message: str) -> bool:
        """Send a message; False where its client is gone. Raises AwsError."""
        path = f"{self._path}/@connections/{quote(connection, safe='~')}"
        status = self._aws.post(path, message.encode())
        if status == _GONE:
            return False
        if status != 200:
            raise AwsError(f"API Gateway answered {status}")
        return True

    def post_all(
        self, messages: Mapping[str, Sequence[str]], seconds: float = ALL_SECONDS
    ) -> Posted:
        """Send each connection its messages, in their order. A socket that does not answer holds up no other, and all
        of it ends after `seconds`, give or take one answer.
        """
        ends = self._monotonic() + seconds

        def send(connection: str, own: Sequence[str]) -> bool | None:
            for message in own:
                if self._monotonic() >= ends:
                    return None
                try:
                    if not self.post(connection, message):
                        return False
                except AwsError:
                    return None
            return True

        # What is left of the invocation is known by context, and each thread has its own.
        under_way = {
            connection: self._threads.submit(copy_context().run, send, connection, own)
            for connection, own in messages.items()
        }
        done, late = wait(under_way.values(), timeout=seconds)
        for future in late:
            future.cancel()
        told = {name: future.result() for name, future in under_way.items() if future in done}
        reached = sum(answer is True for answer in told.values())
        gone = frozenset(name for name, answer in told.items() if answer is False)
        return Posted(reached, gone, len(messages) - reached - len(gone))

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        """Kept, and with each thread its connection."""
        return ThreadPoolExecutor(THREADS, "sockets")
