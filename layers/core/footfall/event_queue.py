"""SQS: how events travel from collect to ingest, and how push learns of what to push. Nothing else speaks to queues.

A message carries the events of one request, and what was refused of it: JSON (`event.to_columns`, and
`"rejects":[…]`), or the same deflated and in base64 behind `z:` when that is smaller. One request is one call while its
packed body is at most 1 MiB, SQS's limit.
"""

import base64
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from footfall.errors import Unavailable
from footfall.event import Event, check, from_columns, to_columns, unchecked
from footfall.reject import Reject

MESSAGE_BYTES = 1 << 20
_WORTH_DEFLATING = 1_000
_UNPACKED_BYTES = 64 << 20


_encoded = json.JSONEncoder(separators=(",", ":")).encode


class Message(NamedTuple):
    """What a queue message carries."""

    events: list[Event]
    rejects: list[Reject]


class Undecodable(ValueError):
    """A queue message that is none of ours, or damaged: reading it again would not help."""


class EventQueue:
    """The events queue and its dead-letter queue, through a client of SQS (footfall.sqs, or boto3's)."""

    def __init__(self, sqs: Any, url: str, dead_letter_url: str = "") -> None:
        self._sqs = sqs
        self.url = url
        self.dead_letter_url = dead_letter_url

    def send(self, events: Sequence[Event], rejects: Sequence[Reject] = ()) -> None:
        """Put accepted events, and what was refused beside them, on the queue; when this returns they are durable.

        Raises Unavailable when the queue does not answer; then the whole request has to come again.
        """
        try:
            for body in pack(events, rejects):
                self._sqs.send_message(QueueUrl=self.url, MessageBody=body)
        except Exception as error:
            raise Unavailable(
                "queue_unavailable", "The event cannot be accepted at the moment; send it again."
            ) from error

    def bury(self, body: str) -> None:
        """Put a message that cannot be read on the dead-letter queue, from where it can be replayed.

        Raises Unavailable when that queue does not answer.
        """
        try:
            self._sqs.send_message(QueueUrl=self.dead_letter_url, MessageBody=body)
        except Exception as error:
            raise Unavailable(
                "queue_unavailable", "The dead-letter queue does not answer."
            ) from error

    def waiting(self) -> int:
        """How many messages are not stored yet, those in flight included (SQS's estimate on AWS).

        Raises Unavailable when the queue does not answer.
        """
        return self._count(self.url)

    def dead_letters(self) -> int | None:
        """How many messages lie on the dead-letter queue (SQS's estimate on AWS); None where none is known.

        Raises Unavailable when the queue does not answer.
        """
        return self._count(self.dead_letter_url) if self.dead_letter_url else None

    def _count(self, url: str) -> int:
        names = (
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        )
        try:
            answer = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(names))
        except Exception as error:
            raise Unavailable("queue_unavailable", "The queue does not answer.") from error
        return sum(int(answer["Attributes"].get(name, 0)) for name in names)


class LiveQueue:
    """The queue of sites that are to be pushed to who watches them, through a client of SQS as above.

    A message is `{"site"}`: what there is to push lies in Valkey, so one that comes late or twice does no harm.
    """

    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs = sqs
        self._url = url

    def announce(self, site_id: str, seconds: int) -> None:
        """Have a site pushed in so many seconds. Raises what the client raises."""
        body = _encoded({"site": site_id})
        self._sqs.send_message(QueueUrl=self._url, MessageBody=body, DelaySeconds=seconds)


def announced(bodies: Iterable[str]) -> list[str]:
    """The sites that messages of the live queue name, each once; what is none of ours names none."""
    found: dict[str, None] = {}
    for body in bodies:
        with suppress(ValueError, TypeError, KeyError):
            found[str(json.loads(body)["site"])] = None
    return list(found)


def pack(events: Sequence[Event], rejects: Sequence[Reject] = ()) -> Iterator[str]:
    """Message bodies for the events and rejects, in order: one, or more where one would be over SQS's limit.

    Raises ValueError when a single event is too large for a message.
    """
    content: dict[str, Any] = to_columns(events)
    if rejects:
        content["rejects"] = [reject.to_wire() for reject in rejects]
    body = _encoded(content)
    if len(body) > _WORTH_DEFLATING:
        deflated = "z:" + base64.b64encode(zlib.compress(body.encode("ascii"), 3)).decode("ascii")
        body = min(body, deflated, key=len)
    if len(body) <= MESSAGE_BYTES:
        yield body
    elif len(events) + len(rejects) > 1:
        half, half_rejects = len(events) // 2, (len(rejects) + 1) // 2
        yield from pack(events[:half], rejects[:half_rejects])
        yield from pack(events[half:], rejects[half_rejects:])
    else:
        raise ValueError("one event does not fit into a message")


def unpack(body: str) -> Message:
    """What a message body carries. Raises Undecodable when it is none of ours."""
    [message] = unpack_all([body])
    if message is None:
        raise Undecodable("not a message of events")
    return message


def unpack_all(bodies: Iterable[str]) -> list[Message | None]:
    """What each of these bodies carries, None where one is none of ours.

    The events of small messages are checked together: one by one that would cost more than reading them.
    """
    found: list[Message | None] = []
    small: dict[int, list[Event]] = {}
    for at, body in enumerate(bodies):
        try:
            content = _content(body)
            is_small = content["count"] < _FEW
            events = (unchecked if is_small else from_columns)(content)
            rejects = [Reject.from_wire(fields) for fields in content.get("rejects", ())]
        except _DAMAGED:
            found.append(None)
            continue
        found.append(Message(events, rejects))
        if is_small:
            small[at] = events
    if not _are_events([event for events in small.values() for event in events]):
        for at, events in small.items():
            if not _are_events(events):
                found[at] = None
    return found


_FEW = 5
_DAMAGED = (
    ValueError, TypeError, KeyError, AttributeError, zlib.error, RecursionError, StopIteration
)  # fmt: skip
_parse = json.JSONDecoder().raw_decode


def _content(body: str) -> dict[str, Any]:
    """The JSON of a body. Raises one of _DAMAGED where it is none."""
    text = _inflated(body[2:]).decode() if body.startswith("z:") else body
    content, end = _parse(text)
    if end != len(text):
        content = json.loads(text)
    if not isinstance(content, dict):
        raise TypeError("not an object")
    return content


def _are_events(events: Sequence[Event]) -> bool:
    try:
        check(events)
    except (TypeError, ValueError):
        return False
    return True


def _inflated(text: str) -> bytes:
    inflate = zlib.decompressobj()
    data = inflate.decompress(base64.b64decode(text, validate=True), _UNPACKED_BYTES)
    if inflate.unconsumed_tail or not inflate.eof:
        raise ValueError("damaged or larger than any request")
    return data
