"""A small SQS: the queue of the local stack. It speaks AWS's JSON protocol, so that boto3 needs only another address.

Standard queues, long polling, visibility timeouts, delays, batches and redrive to a dead-letter queue, with SQS's own
errors. What was answered is on disk. Requests must be signed with the key it was given. Left out, and refused rather
than ignored: FIFO queues, message attributes, encryption keys, policies. Not enforced: the retention period, since a
laptop may be closed for longer than that.
"""

import hashlib
import json
import logging
import re
import sqlite3
import threading
import time
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from local import queue_file, signature
from local.http_server import BodyRefused, Handler, HttpServer, client_left, read_body
from local.queue_file import Depth, Message, Queue, QueueFile, Redrive

ACCOUNT = "000000000000"
MESSAGE_BYTES = 1 << 20
"""The largest message, and the largest sum of the messages of a batch."""
BATCH_ENTRIES = 10
# A message of 1 MiB is at most six times as long in JSON, if all of it has to be escaped.
_BODY_BYTES = 8 << 20
_LONGEST_VISIBILITY = 43_200
_LONGEST_DELAY = 900
_LONGEST_WAIT = 20
_MOST_RECEIVES = 1_000
_LOOK_UP_SECONDS = 1.0

_logger = logging.getLogger(__name__)
_QUEUE_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_ENTRY_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_REFUSED_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_NUMBERS: Mapping[str, tuple[int, int, int]] = {
    "VisibilityTimeout": (30, 0, _LONGEST_VISIBILITY),
    "DelaySeconds": (0, 0, _LONGEST_DELAY),
    "MaximumMessageSize": (MESSAGE_BYTES, 1024, MESSAGE_BYTES),
    "MessageRetentionPeriod": (345_600, 60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 0, _LONGEST_WAIT),
}
"""Attributes that are numbers: default, least, most."""
_SETTABLE = frozenset({*_NUMBERS, "RedrivePolicy", "SqsManagedSseEnabled"})
_READABLE = _SETTABLE | {
    "All",
    "QueueArn",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
}

T = TypeVar("T")
Request = Mapping[str, Any]
Answer = dict[str, Any]


class SqsError(Exception):
    """An error as SQS names it: `shape` is boto3's exception, `code` the older name in its `Error.Code`."""

    def __init__(self, shape: str, message: str, *, code: str = "", status: int = 400) -> None:
        super().__init__(message)
        self.shape = shape
        self.code = code or shape
        self.status = status


@dataclass(frozen=True, slots=True)
class Call:
    """One request, at its turn in a transaction."""

    request: Request
    db: sqlite3.Connection
    now: int
    address: str
    region: str

    def queue(self) -> Queue:
        """The queue the request is about."""
        return self.queue_of(_text(self.request, "QueueUrl").rstrip("/").rpartition("/")[2])

    def queue_of(self, name: str) -> Queue:
        """The queue of a name. Raises SqsError."""
        found = queue_file.queue(self.db, name)
        if found is None:
            raise SqsError(
                "QueueDoesNotExist",
                "The specified queue does not exist.",
                code="AWS.SimpleQueueService.NonExistentQueue",
            )
        return found

    def url(self, name: str) -> str:
        """The address of a queue."""
        return f"{self.address}/{ACCOUNT}/{name}"

    def arn(self, name: str) -> str:
        """The name of a queue as AWS writes it."""
        return f"arn:aws:sqs:{self.region}:{ACCOUNT}:{name}"


class QueueServer:
    """SQS on one SQLite file, for holders of (`access_key`, `secret_key`); port 0 takes a free one.

    `clock` tells the seconds since 1970 by which messages become visible; long polls wait in real time.
    """

    def __init__(
        self,
        path: str | Path,
        host: str,
        port: int,
        access_key: str,
        secret_key: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = Path(path)
        self._host = host
        self._port = port
        self._access_key = access_key
        self._secret_key = secret_key
        self._clock = clock
        self._changes = 0
        self._changed = threading.Condition()
        self._is_stopping = False
        self._file: QueueFile | None = None
        self._server: HttpServer | None = None

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self._port if self._server is None else self._server.port

    @property
    def url(self) -> str:
        """What boto3 takes as `endpoint_url`."""
        host = "127.0.0.1" if self._host == "0.0.0.0" else self._host  # noqa: S104 - it is compared
        return f"http://{host}:{self.port}"

    def start(self) -> None:
        """Open the file and listen. Raises OSError when the port is taken."""
        server = self

        class QueueHandler(_QueueHandler):
            queues = server

        self._is_stopping = False
        self._file = QueueFile(self._path)
        try:
            self._server = HttpServer(self._host, self._port, QueueHandler)
        except OSError:
            self.stop()
            raise
        self._server.start()

    def stop(self) -> None:
        """Answer what is under way and close the file."""
        self._is_stopping = True
        self._wake()
        if self._server is not None:
            self._port = self._server.port
            self._server.stop()
            self._server = None
        if self._file is not None:
            self._file.close()
            self._file = None

    def depth(self, name: str) -> Depth:
        """Exactly how many messages a queue holds. Raises SqsError for an unknown queue."""
        return self._run(
            {}, "", lambda call: queue_file.depth(call.db, call.queue_of(name).name, call.now)
        )

    def release(self) -> None:
        """Make everything that is in flight visible at once: whoever received it is gone."""
        self._run({}, "", lambda call: queue_file.show_all(call.db, call.now))
        self._wake()

    def call(
        self,
        action: str,
        request: Request,
        region: str,
        has_left: Callable[[], bool] = lambda: False,
    ) -> Answer:
        """Answer one request of the protocol. Raises SqsError.

        `has_left` tells whether the client of a long poll is gone: then no message is received for it.
        """
        if action == "ReceiveMessage":
            return self._receive(request, region, has_left)
        known = _ACTIONS.get(action)
        if known is None:
            raise SqsError("UnsupportedOperation", f"This queue does not know the action {action}.")
        answer = self._run(request, region, known)
        if action in _MAKE_VISIBLE:
            self._wake()
        return answer

    def check(self, headers: Mapping[str, str], path: str, body: bytes) -> signature.Signed:
        """Check that a request is signed with our key. Raises SignatureRefused."""
        return signature.check(
            "POST", path, headers, body, access_key=self._access_key, secret_key=self._secret_key
        )

    def _run(self, request: Request, region: str, action: Callable[[Call], T]) -> T:
        if self._file is None:
            raise SqsError("InternalFailure", "The queue is stopping.", status=503)
        now = int(self._clock() * 1000)
        return self._file.run(lambda db: action(Call(request, db, now, self.url, region)))

    def _receive(self, request: Request, region: str, has_left: Callable[[], bool]) -> Answer:
        end: float | None = None
        while True:
            with self._changed:
                seen = self._changes
            attempt = self._run(request, region, _receive)
            if attempt.buried:
                self._wake()
            if end is None:
                end = time.monotonic() + attempt.wait_seconds
            left = end - time.monotonic()
            if attempt.messages or left <= 0 or self._is_stopping:
                return {"Messages": attempt.messages} if attempt.messages else {}
            with self._changed:
                if self._changes == seen:
                    self._changed.wait(min(left, attempt.next_seconds, _LOOK_UP_SECONDS))
            if has_left():
                return {}

    def _wake(self) -> None:
        with self._changed:
            self._changes += 1
            self._changed.notify_all()


class _QueueHandler(Handler):
    queues: QueueServer

    def do_POST(self) -> None:  # noqa: N802 - the name is the base class's
        request_id = str(uuid.uuid4())
        try:
            status, answer, code = 200, self._answer(), ""
        except BodyRefused as error:
            self.close_connection = True
            status, code = error.status, "InvalidRequest"
            answer = _fault(code, str(error))
        except signature.SignatureRefused as error:
            status, answer, code = 403, _fault(error.code, str(error)), error.code
        except SqsError as error:
            status, answer, code = error.status, _fault(error.shape, str(error)), error.code
        except Exception:  # the client hears that nothing was stored, and tries again
            _logger.exception("the queue failed")
            status, code = 500, "InternalFailure"
            answer = _fault(code, "The queue failed; nothing was changed.")
        headers = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": request_id}
        if code:
            headers["x-amzn-query-error"] = f"{code};{'Sender' if status < 500 else 'Receiver'}"
        self.answer(status, json.dumps(answer, separators=(",", ":")).encode(), headers)

    def _answer(self) -> Answer:
        body = read_body(self.rfile, self.headers, _BODY_BYTES)
        headers = {name.lower(): value for name, value in self.headers.items()}
        signed = self.queues.check(headers, self.path.partition("?")[0], body)
        service, _, action = headers.get("x-amz-target", "").partition(".")
        if service != "AmazonSQS":
            raise SqsError("InvalidAction", "Only the JSON protocol of SQS is spoken here.")
        try:
            request = json.loads(body or b"{}")
        except (ValueError, RecursionError):
            request = None
        if not isinstance(request, dict):
            raise SqsError("SerializationException", "The body is no JSON object.")
        return self.queues.call(
            action, request, signed.region, lambda: client_left(self.connection)
        )


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One look into a queue: what was received, and how long to wait for more."""

    messages: list[Answer]
    wait_seconds: int
    next_seconds: float
    buried: bool


def _receive(call: Call) -> _Attempt:
    queue = call.queue()
    attributes = _attributes(queue)
    count = _number(call.request, "MaxNumberOfMessages", 1, 10, 1)
    default_wait = int(attributes["ReceiveMessageWaitTimeSeconds"])
    default_visibility = int(attributes["VisibilityTimeout"])
    wait = _number(call.request, "WaitTimeSeconds", 0, _LONGEST_WAIT, default_wait)
    visibility = _number(
        call.request, "VisibilityTimeout", 0, _LONGEST_VISIBILITY, default_visibility
    )
    redrive = _redrive(call.db, attributes)
    changes = call.db.total_changes
    received = queue_file.receive(
        call.db, queue.name, count, call.now, call.now + visibility * 1000, redrive
    )
    names = {
        *(call.request.get("AttributeNames") or ()),
        *(call.request.get("MessageSystemAttributeNames") or ()),
    }
    upcoming = None if received else queue_file.next_visible_at(call.db, queue.name)
    return _Attempt(
        messages=[_received(call, queue.name, message, names) for message in received],
        wait_seconds=wait,
        next_seconds=_LONGEST_WAIT if upcoming is None else max(0, upcoming - call.now) / 1000,
        buried=call.db.total_changes - changes > len(received),
    )


def _received(call: Call, queue: str, message: Message, names: set[str]) -> Answer:
    told = {
        "SenderId": ACCOUNT,
        "SentTimestamp": str(message.sent_at),
        "ApproximateReceiveCount": str(message.receives),
        "ApproximateFirstReceiveTimestamp": str(message.first_received_at),
    }
    if message.source:
        told["DeadLetterQueueSourceArn"] = call.arn(message.source)
    answer: Answer = {
        "MessageId": message.message_id,
        "ReceiptHandle": _handle(queue, message.id, message.receipt),
        "MD5OfBody": _md5(message.body),
        "Body": message.body,
    }
    asked = {name: value for name, value in told.items() if name in names or "All" in names}
    return answer | ({"Attributes": asked} if asked else {})


def _create_queue(call: Call) -> Answer:
    name = _text(call.request, "QueueName")
    if not _QUEUE_NAME.fullmatch(name):
        raise _invalid(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
        )
    given = _given_attributes(call)
    found = queue_file.queue(call.db, name)
    if found is None:
        queue_file.save_queue(call.db, name, json.dumps(given), call.now)
    elif any(_attributes(found).get(key) != value for key, value in given.items()):
        raise SqsError(
            "QueueNameExists",
            "A queue already exists with the same name and a different value for an attribute.",
            code="QueueAlreadyExists",
        )
    return {"QueueUrl": call.url(name)}


def _get_queue_url(call: Call) -> Answer:
    return {"QueueUrl": call.url(call.queue_of(_text(call.request, "QueueName")).name)}


def _list_queues(call: Call) -> Answer:
    prefix = str(call.request.get("QueueNamePrefix") or "")
    names = [queue.name for queue in queue_file.queues(call.db) if queue.name.startswith(prefix)]
    return {"QueueUrls": [call.url(name) for name in names]} if names else {}


def _get_queue_attributes(call: Call) -> Answer:
    queue = call.queue()
    names = set(call.request.get("AttributeNames") or ())
    for name in names - _READABLE:
        raise SqsError("InvalidAttributeName", f"Unknown Attribute {name}.")
    told = _attributes(queue) | {
        "QueueArn": call.arn(queue.name),
        "CreatedTimestamp": str(queue.created_at // 1000),
        "LastModifiedTimestamp": str(queue.modified_at // 1000),
    }
    if any(name == "All" or name.startswith("Approximate") for name in names):
        depth = queue_file.depth(call.db, queue.name, call.now)
        told |= {
            "ApproximateNumberOfMessages": str(depth.visible),
            "ApproximateNumberOfMessagesNotVisible": str(depth.in_flight),
            "ApproximateNumberOfMessagesDelayed": str(depth.delayed),
        }
    asked = {name: value for name, value in told.items() if name in names or "All" in names}
    return {"Attributes": asked} if asked else {}


def _set_queue_attributes(call: Call) -> Answer:
    queue = call.queue()
    changed = json.loads(queue.attributes) | _given_attributes(call)
    kept = {name: value for name, value in changed.items() if value}
    queue_file.save_queue(call.db, queue.name, json.dumps(kept), call.now)
    return {}


def _send_message(call: Call) -> Answer:
    queue = call.queue()
    return _send(call, queue, _attributes(queue), call.request)


def _send_message_batch(call: Call) -> Answer:
    queue = call.queue()
    entries = _entries(call.request)
    bodies = (str(entry.get("MessageBody", "")) for entry in entries)
    size = sum(len(body.encode("utf-8", "replace")) for body in bodies)
    if size > MESSAGE_BYTES:
        raise SqsError(
            "BatchRequestTooLong",
            f"Batch requests cannot be longer than {MESSAGE_BYTES} bytes. You have sent {size} bytes.",
            code="AWS.SimpleQueueService.BatchRequestTooLong",
        )
    attributes = _attributes(queue)
    return _each(entries, lambda entry: _send(call, queue, attributes, entry))


def _delete_message(call: Call) -> Answer:
    name = call.queue().name
    queue_file.delete(call.db, name, *_receipt(call.request, name))
    return {}


def _delete_message_batch(call: Call) -> Answer:
    name = call.queue().name

    def delete(entry: Request) -> Answer:
        queue_file.delete(call.db, name, *_receipt(entry, name))
        return {}

    return _each(_entries(call.request), delete)


def _change_message_visibility(call: Call) -> Answer:
    return _change_visibility(call, call.queue().name, call.request)


def _change_message_visibility_batch(call: Call) -> Answer:
    name = call.queue().name
    return _each(_entries(call.request), lambda entry: _change_visibility(call, name, entry))


def _purge_queue(call: Call) -> Answer:
    queue_file.purge(call.db, call.queue().name)
    return {}


def _start_message_move_task(call: Call) -> Answer:
    source = call.queue_of(_text(call.request, "SourceArn").rpartition(":")[2])
    arn = call.request.get("DestinationArn")
    destination = None if arn is None else call.queue_of(str(arn).rpartition(":")[2]).name
    moved = queue_file.move(call.db, source.name, destination, call.now)
    task = {"moved": moved, "from": source.name, "task": str(uuid.uuid4())}
    return {"TaskHandle": urlsafe_b64encode(json.dumps(task).encode()).decode()}


_ACTIONS: Mapping[str, Callable[[Call], Answer]] = {
    "CreateQueue": _create_queue,
    "GetQueueUrl": _get_queue_url,
    "ListQueues": _list_queues,
    "GetQueueAttributes": _get_queue_attributes,
    "SetQueueAttributes": _set_queue_attributes,
    "SendMessage": _send_message,
    "SendMessageBatch": _send_message_batch,
    "DeleteMessage": _delete_message,
    "DeleteMessageBatch": _delete_message_batch,
    "ChangeMessageVisibility": _change_message_visibility,
    "ChangeMessageVisibilityBatch": _change_message_visibility_batch,
    "PurgeQueue": _purge_queue,
    "StartMessageMoveTask": _start_message_move_task,
}
"""Every action but ReceiveMessage, which may have to wait."""
_MAKE_VISIBLE = frozenset(
    {
        "SendMessage",
        "SendMessageBatch",
        "ChangeMessageVisibility",
        "ChangeMessageVisibilityBatch",
        "StartMessageMoveTask",
    }
)


def _send(call: Call, queue: Queue, attributes: Mapping[str, str], entry: Request) -> Answer:
    body = _text(entry, "MessageBody")
    if entry.get("MessageAttributes") or entry.get("MessageGroupId"):
        raise SqsError(
            "UnsupportedOperation", "Message attributes and groups are not supported here."
        )
    if _REFUSED_CHARACTER.search(body):
        raise SqsError(
            "InvalidMessageContents",
            "Invalid binary character was found in the message body, the set of allowed characters is"
            " #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
        )
    most = int(attributes["MaximumMessageSize"])
    if len(body) > most or len(body.encode()) > most:
        raise _invalid(
            f"One or more parameters are invalid. Reason: Message must be shorter than {most} bytes."
        )
    delay = _number(entry, "DelaySeconds", 0, _LONGEST_DELAY, int(attributes["DelaySeconds"]))
    message_id = queue_file.send(call.db, queue.name, body, call.now, call.now + delay * 1000)
    return {"MessageId": message_id, "MD5OfMessageBody": _md5(body)}


def _change_visibility(call: Call, name: str, entry: Request) -> Answer:
    id_, receipt = _receipt(entry, name)
    if "VisibilityTimeout" not in entry:
        raise _missing("VisibilityTimeout")
    seconds = _number(entry, "VisibilityTimeout", 0, _LONGEST_VISIBILITY, 0)
    until = queue_file.visible_again_at(call.db, name, id_, receipt)
    if until is None:
        raise _invalid(
            "Value for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not"
            " available for visibility timeout change."
        )
    if until <= call.now:
        raise SqsError(
            "MessageNotInflight",
            "The message is not in flight.",
            code="AWS.SimpleQueueService.MessageNotInflight",
        )
    queue_file.show_at(call.db, id_, call.now + seconds * 1000)
    return {}


def _each(entries: Sequence[Request], action: Callable[[Request], Answer]) -> Answer:
    """Do something for each entry of a batch; one that is refused does not hold up the others."""
    successful: list[Answer] = []
    failed: list[Answer] = []
    for entry in entries:
        try:
            successful.append({"Id": entry["Id"]} | action(entry))
        except SqsError as error:
            failed.append(
                {"Id": entry["Id"], "SenderFault": True, "Code": error.code, "Message": str(error)}
            )
    return {"Successful": successful, "Failed": failed}


def _entries(request: Request) -> list[Request]:
    entries = request.get("Entries")
    if not isinstance(entries, list) or not entries:
        raise SqsError(
            "EmptyBatchRequest",
            "There should be at least one entry in the request.",
            code="AWS.SimpleQueueService.EmptyBatchRequest",
        )
    if len(entries) > BATCH_ENTRIES:
        raise SqsError(
            "TooManyEntriesInBatchRequest",
            f"Maximum number of entries per request are {BATCH_ENTRIES}. You have sent {len(entries)}.",
            code="AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        )
    seen: set[str] = set()
    for entry in entries:
        if not isinstance(entry, dict) or not _ENTRY_ID.fullmatch(_text(entry, "Id")):
            raise SqsError(
                "InvalidBatchEntryId",
                "A batch entry id can only contain alphanumeric characters, hyphens and"
                " underscores. It can be at most 80 letters long.",
                code="AWS.SimpleQueueService.InvalidBatchEntryId",
            )
        if entry["Id"] in seen:
            raise SqsError(
                "BatchEntryIdsNotDistinct",
                f"Id {entry['Id']} repeated.",
                code="AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
            )
        seen.add(entry["Id"])
    return entries


def _given_attributes(call: Call) -> dict[str, str]:
    """The attributes of a request, each checked. Raises SqsError."""
    given = call.request.get("Attributes") or {}
    checked: dict[str, str] = {}
    for name, value in given.items():
        if name not in _SETTABLE:
            raise SqsError("InvalidAttributeName", f"Unknown Attribute {name}.")
        if name == "RedrivePolicy":
            checked[name] = _redrive_policy(call, str(value)) if value else ""
        elif name in _NUMBERS:
            _, least, most = _NUMBERS[name]
            text = str(value)
            if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
                raise SqsError("InvalidAttributeValue", f"Invalid value for the parameter {name}.")
            checked[name] = str(int(text))
        else:
            checked[name] = str(value)
    return checked


def _redrive_policy(call: Call, text: str) -> str:
    try:
        policy = json.loads(text)
        target, most = str(policy["deadLetterTargetArn"]), int(policy["maxReceiveCount"])
    except (ValueError, TypeError, KeyError):
        raise _invalid(
            f"Value {text} for parameter RedrivePolicy is invalid. Reason: it needs"
            " deadLetterTargetArn and maxReceiveCount."
        ) from None
    if not 1 <= most <= _MOST_RECEIVES:
        raise _invalid(
            f"Value {text} for parameter RedrivePolicy is invalid. Reason: Invalid value for"
            f" maxReceiveCount: {most}, valid values are from 1 to {_MOST_RECEIVES} both inclusive."
        )
    call.queue_of(target.rpartition(":")[2])
    return json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": most})


def _redrive(db: sqlite3.Connection, attributes: Mapping[str, str]) -> Redrive | None:
    if not attributes.get("RedrivePolicy"):
        return None
    policy = json.loads(attributes["RedrivePolicy"])
    target = policy["deadLetterTargetArn"].rpartition(":")[2]
    return Redrive(target, policy["maxReceiveCount"]) if queue_file.queue(db, target) else None


def _attributes(queue: Queue) -> dict[str, str]:
    defaults = {name: str(default) for name, (default, _, _) in _NUMBERS.items()}
    given: dict[str, str] = json.loads(queue.attributes)
    return defaults | {"SqsManagedSseEnabled": "false"} | given


def _handle(queue: str, id_: int, receipt: str) -> str:
    return urlsafe_b64encode(f"{queue}:{id_}:{receipt}".encode()).decode()


def _receipt(entry: Request, queue: str) -> tuple[int, str]:
    """The message and the receipt that a handle stands for."""
    handle = _text(entry, "ReceiptHandle")
    try:
        name, id_, receipt = urlsafe_b64decode(handle.encode()).decode().split(":")
        if name == queue:
            return int(id_), receipt
    except ValueError:
        pass
    raise SqsError(
        "ReceiptHandleIsInvalid",
        f'The input receipt handle "{handle}" is not a valid receipt handle.',
    )


def _text(request: Request, name: str) -> str:
    value = request.get(name)
    if not isinstance(value, str) or not value:
        raise _missing(name)
    return value


def _number(request: Request, name: str, least: int, most: int, default: int) -> int:
    value = request.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise _invalid(
            f"Value {value} for parameter {name} is invalid. Reason: Must be >= {least} and <= {most}."
        )
    return value


def _missing(name: str) -> SqsError:
    return SqsError("MissingParameter", f"The request must contain the parameter {name}.")


def _invalid(message: str) -> SqsError:
    return SqsError("InvalidParameterValue", message)


def _fault(shape: str, message: str) -> Answer:
    return {"__type": f"com.amazonaws.sqs#{shape}", "message": message}


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
