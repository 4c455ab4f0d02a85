"""Calls to AWS over one kept connection: what boto3 does of it, for a fraction of its CPU and without its import.

A call is one signed POST: the AWS JSON protocol (`X-Amz-Target: <Service>.<Action>`), an invocation of Lambda, or a
message to a WebSocket, and Signature Version 4, as Amazon documents them. A request that broke is sent once more, so
only calls are made here that may arrive twice.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import quote, urlsplit

from footfall.connection import Kept

CONNECT_SECONDS = 2.0
TRIES = 2
_PASSING = frozenset({429, 500, 502, 503, 504})
_LINE_BYTES = 16_384
_encode = json.JSONEncoder(separators=(",", ":")).encode


class Credentials(NamedTuple):
    """What requests are signed with; `token` is "" for a user's own key."""

    key_id: str
    secret: str
    token: str = ""


class AwsError(Exception):
    """A service refused a request, or did not answer; `kind` is the service's own word for it, "" for none."""

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.kind = kind


class Service(NamedTuple):
    """What one of AWS's services is called where it is asked."""

    name: str
    """In signatures."""
    target: str
    """Before an action; "" for those that are asked by path."""
    content_type: str
    said: str
    """To people."""


class Aws:
    """A client of one service at one address."""

    def __init__(
        self,
        service: Service,
        endpoint: str,
        region: str,
        credentials: Callable[[], Credentials],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        seconds: float,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        """Nothing is opened yet; `seconds` is how long an answer may take."""
        parts = urlsplit(endpoint)
        is_secure = parts.scheme == "https"
        self._service = service
        self._host = parts.netloc
        self._kept = Kept(
            parts.hostname or "",
            parts.port or (443 if is_secure else 80),
            is_secure=is_secure,
            connect_seconds=connect_seconds,
            seconds=seconds,
        )
        self._region = region
        self._credentials = credentials
        self._now = now
        self._signing_key: tuple[tuple[str, str], bytes] | None = None

    def call(self, action: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """The answer of an action. Raises AwsError."""
        target = f"{self._service.target}.{action}"
        told: dict[str, Any] = json.loads(self._post("/", _encode(parameters).encode(), target))
        return told

    def invoke(self, function: str, payload: bytes) -> bytes:
        """What a function of Lambda answers to a payload (JSON). Raises AwsError, also when it fails."""
        answer = self._post(f"/2015-03-31/functions/{function}/invocations", payload)
        if b'"errorMessage"' in answer[:100_000] and "errorMessage" in json.loads(answer):
            raise AwsError(f"{function} failed")
        return answer

    def post(self, path: str, body: bytes) -> int:
        """The status with which a POST to a path, as it is sent, is answered. It is for what is worth nothing a second
        later: sent again only where the connection turns out to have ended. Raises AwsError.
        """
        for left in reversed(range(TRIES)):
            try:
                return self._request(path, body, "")[0]
            except (OSError, ValueError, KeyError) as error:
                self._kept.close()
                if not left or isinstance(error, TimeoutError):
                    raise AwsError(f"{self._service.said} did not answer: {error}") from error
        raise AssertionError("unreachable")

    def _post(self, path: str, body: bytes, target: str = "") -> bytes:
        status, answer = 0, b""
        for left in reversed(range(TRIES)):
            try:
                status, answer = self._request(path, body, target)
            except (OSError, ValueError, KeyError) as error:
                self._kept.close()
                if not left:
                    raise AwsError(f"{self._service.said} did not answer: {error}") from error
                continue
            if status not in _PASSING:
                break
        if status != 200:
            text = answer[:200].decode("utf-8", "replace")
            raise AwsError(f"{self._service.said} answered {status}: {text}", _kind(answer))
        return answer

    def _request(self, path: str, body: bytes, target: str) -> tuple[int, bytes]:
        headers = self._signed(path, body, target) | {"content-length": str(len(body))}
        lines = [
            f"POST {path} HTTP/1.1",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        head = "\r\n".join(lines)
        opened = self._kept.open()
        opened.socket.sendall(head.encode("ascii") + b"\r\n\r\n" + body)
        status, answer, is_last = _answer(opened.stream)
        if is_last:
            self._kept.close()
        return status, answer

    def _signed(self, path: str, body: bytes, target: str) -> dict[str, str]:
        """The headers of a request, signed. Source: "Create a signed AWS API request", AWS IAM's user guide."""
        moment = self._now().strftime("%Y%m%dT%H%M%SZ")
        credentials, service = self._credentials(), self._service
        scope = f"{moment[:8]}/{self._region}/{service.name}/aws4_request"
        signed = {"content-type": service.content_type, "host": self._host, "x-amz-date": moment}
        if credentials.token:
            signed["x-amz-security-token"] = credentials.token
        if target:
            signed["x-amz-target"] = target
        headers = "".join(f"{name}:{value}\n" for name, value in signed.items())
        names = ";".join(signed)
        # What is encoded in the path as it is sent is encoded once more in what is signed.
        signed_path = quote(path, safe="/~")
        digest = hashlib.sha256(body).hexdigest()
        canonical = f"POST\n{signed_path}\n\n{headers}\n{names}\n{digest}"
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
            for part in (day, self._region, self._service.name, "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._signing_key = ((secret, day), key)
        return self._signing_key[1]


def _kind(answer: bytes) -> str:
    """The name of an error: `{"__type": "com.amazonaws…#ResourceNotFoundException"}`."""
    try:
        return str(json.loads(answer)["__type"]).rpartition("#")[2]
    except (ValueError, KeyError, TypeError):
        return ""


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
