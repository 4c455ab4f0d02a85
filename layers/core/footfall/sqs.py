"""SQS over one kept connection: what boto3 does of it for us, for a fraction of its CPU and without its import.

A message is one signed POST: the AWS JSON 1.0 protocol (`X-Amz-Target: AmazonSQS.<Action>`) and Signature Version 4,
both as Amazon documents them. A request that broke is sent once more: a message that arrives twice holds events that
count once.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import urlsplit

from footfall.connection import Kept

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
TRIES = 2
_PASSING = frozenset({429, 500, 502, 503, 504})
_LINE_BYTES = 16_384
_TYPE = "application/x-amz-json-1.0"
_encode = json.JSONEncoder(separators=(",", ":")).encode


class Credentials(NamedTuple):
    """What requests are signed with; `token` is "" for a user's own key."""

    key_id: str
    secret: str
    token: str = ""


class SqsError(Exception):
    """SQS refused a request, or did not answer."""


class Sqs:
    """A client for the few actions that Footfall needs, with boto3's names and shapes."""

    def __init__(
        self,
        endpoint: str,
        region: str,
        credentials: Callable[[], Credentials],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        parts = urlsplit(endpoint)
        is_secure = parts.scheme == "https"
        self._host = parts.netloc
        self._kept = Kept(
            parts.hostname or "",
            parts.port or (443 if is_secure else 80),
            is_secure=is_secure,
            connect_seconds=CONNECT_SECONDS,
            seconds=READ_SECONDS,
        )
        self._region = region
        self._credentials = credentials
        self._now = now
        self._signing_key: tuple[tuple[str, str], bytes] | None = None

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """Put one message on a queue. Raises SqsError."""
        told = self._call("SendMessage", {"QueueUrl": QueueUrl, "MessageBody": MessageBody})
        if told.get("MD5OfMessageBody") != _md5(MessageBody):
            raise SqsError("SQS received another message than was sent")
        return told

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:  # noqa: N803
        """Attributes of a queue. Raises SqsError."""
        return self._call(
            "GetQueueAttributes", {"QueueUrl": QueueUrl, "AttributeNames": AttributeNames}
        )

    def _call(self, action: str, parameters: dict[str, Any]) -> dict[str, Any]:
        body = _encode(parameters).encode()
        status, answer = 0, b""
        for left in reversed(range(TRIES)):
            try:
                status, answer = self._request(action, body)
            except (OSError, ValueError, KeyError) as error:
                self._kept.close()
                if not left:
                    raise SqsError(f"SQS did not answer: {error}") from error
                continue
            if status not in _PASSING:
                break
        if status != 200:
            raise SqsError(f"SQS answered {status}: {answer[:200].decode('utf-8', 'replace')}")
        told: dict[str, Any] = json.loads(answer)
        return told

    def _request(self, action: str, body: bytes) -> tuple[int, bytes]:
        headers = self._signed(f"AmazonSQS.{action}", body) | {"content-length": str(len(body))}
        lines = ["POST / HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        head = "\r\n".join(lines)
        opened = self._kept.open()
        opened.socket.sendall(head.encode("ascii") + b"\r\n\r\n" + body)
        status, answer, is_last = _answer(opened.stream)
        if is_last:
            self._kept.close()
        return status, answer

    def _signed(self, target: str, body: bytes) -> dict[str, str]:
        """The headers of a request, signed. Source: "Create a signed AWS API request", AWS IAM's user guide."""
        moment = self._now().strftime("%Y%m%dT%H%M%SZ")
        credentials = self._credentials()
        scope = f"{moment[:8]}/{self._region}/sqs/aws4_request"
        signed = {"content-type": _TYPE, "host": self._host, "x-amz-date": moment}
        if credentials.token:
            signed["x-amz-security-token"] = credentials.token
        signed["x-amz-target"] = target
        headers = "".join(f"{name}:{value}\n" for name, value in signed.items())
        names = ";".join(signed)
        canonical = f"POST\n/\n\n{headers}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        hashed = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashed}"
        signature = hmac.digest(
            self._key(credentials.secret, moment[:8]), to_sign.encode(), "sha256"
        ).hex()
        authorization = (
            f"AWS4-HMAC-SHA256 Credential={credentials.key_id}/{scope}, "
            f"SignedHeaders={names}, Signature={signature}"
        )
        return signed | {"authorization": authorization}

    def _key(self, secret: str, day: str) -> bytes:
        """The signing key of a day, made once."""
        if self._signing_key is None or self._signing_key[0] != (secret, day):
            key = f"AWS4{secret}".encode()
            for part in (day, self._region, "sqs", "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._signing_key = ((secret, day), key)
        return self._signing_key[1]


def _answer(stream: BinaryIO) -> tuple[int, bytes, bool]:
    """Status and body of an HTTP/1.1 response, and whether the connection ends with it.

    Raises ValueError for what is no such response, OSError when it breaks off.
    """
    version, status, *_ = _line(stream).split(b" ", 2)
    if not version.startswith(b"HTTP/1."):
        raise ValueError("no HTTP")
    headers: dict[bytes, bytes] = {}
    while line := _line(stream):
        name, _, value = line.partition(b":")
        headers[name.lower()] = value.strip()
    if headers.get(b"transfer-encoding", b"").lower() == b"chunked":
        body = b""
        while size := int(_line(stream).partition(b";")[0], 16):
            body += _exactly(stream, size)
            _line(stream)
        while _line(stream):  # trailers
            pass
    else:
        body = _exactly(stream, int(headers[b"content-length"]))
    return int(status), body, headers.get(b"connection", b"").lower() == b"close"


def _line(stream: BinaryIO) -> bytes:
    line = stream.readline(_LINE_BYTES)
    if not line.endswith(b"\r\n"):
        raise ConnectionError("the response was cut off")
    return line[:-2]


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise ConnectionError("the response was cut off")
    return data


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
