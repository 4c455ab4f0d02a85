"""What stands between a client and the stack: a proxy that fails on purpose, and a server of pages for browsers."""

import gzip
import http.client
import re
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from local.http_server import Handler, HttpServer, read_body

BODY_BYTES = 16 << 20
_ID = re.compile(rb'"messageId":\s*"([^"]+)"')


class Fault(NamedTuple):
    """An answer instead of the stack's; with `is_taken` the stack gets the request and only its answer is lost."""

    status: int
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed
    is_taken: bool = False


BUSY = Fault(503)
LOST = Fault(503, is_taken=True)
LIMITED = Fault(429, {"Retry-After": "1", "X-RateLimit-Reset": "1"})


class Seen(NamedTuple):
    """A request as the proxy saw it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    status: int


@dataclass
class Proxy:
    """Passes requests on to a port of this machine; the first tries of every distinct POST meet the faults in turn.

    A POST is known again by the first message id in it, without one by its path: then the faults are met once.
    """

    target: int
    faults: Sequence[Fault] = ()
    seen: list[Seen] = field(default_factory=list)
    _tries: Counter[bytes] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> "Proxy":
        """Begin to pass on."""
        proxy = self

        class Passing(Handler):
            def answer_any(self) -> None:
                body = read_body(self.rfile, self.headers, BODY_BYTES)
                status, headers, answer = proxy.ask(
                    self.command, self.path, dict(self.headers.items()), body
                )
                self.answer(status, answer, headers)

            do_GET = do_POST = do_OPTIONS = answer_any  # noqa: N815 - the names are http.server's

        self._server = HttpServer("127.0.0.1", 0, Passing)
        self._server.start()
        return self

    def stop(self) -> None:
        """Pass nothing on any more."""
        self._server.stop()

    @property
    def url(self) -> str:
        """Where clients send."""
        return f"http://127.0.0.1:{self._server.port}"

    def ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """The answer to a request: a fault, or the stack's."""
        fault = self._fault(path, body) if method == "POST" else None
        if fault is None or fault.is_taken:
            status, answered, answer = self._pass_on(method, path, headers, body)
        if fault is not None:
            origin = next((v for n, v in headers.items() if n.lower() == "origin"), "*")
            answered = {
                "Access-Control-Allow-Origin": origin,
                "Access-Control-Allow-Credentials": "true",
            }
            answered |= {"Access-Control-Expose-Headers": "Retry-After, X-RateLimit-Reset"}
            status, answer = fault.status, b'{"code":"busy","message":"Come again."}'
            answered |= fault.headers | {"Content-Type": "application/json"}
        with self._lock:
            self.seen.append(Seen(method, path, headers, body, status))
        return status, answered, answer

    def posts(self, status: int | None = None) -> list[Seen]:
        """The POSTs that were answered, with this status or any."""
        return [one for one in self.seen if one.method == "POST" and status in (None, one.status)]

    def _fault(self, path: str, body: bytes) -> Fault | None:
        plain = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
        found = _ID.search(plain)
        with self._lock:
            name = found[1] if found else path.encode()
            attempt = self._tries[name]
            self._tries[name] += 1
        return self.faults[attempt] if attempt < len(self.faults) else None

    def _pass_on(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        # The host stays the proxy's, as behind a CDN that passes it on.
        kept = {
            n: v
            for n, v in headers.items()
            if n.lower() not in ("connection", "content-length", "transfer-encoding")
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.target, timeout=30)
        try:
            connection.request(method, path, body or None, kept)
            response = connection.getresponse()
            answered = {
                n: v
                for n, v in response.getheaders()
                if n.lower() not in ("content-length", "connection")
            }
            return response.status, answered, response.read()
        finally:
            connection.close()


@dataclass
class Pages:
    """Pages and scripts at their paths, on an origin of its own."""

    files: dict[str, tuple[str, bytes]]

    def start(self) -> "Pages":
        """Begin to serve."""
        pages = self

        class Serving(Handler):
            def do_GET(self) -> None:  # noqa: N802 - the name is http.server's
                kind, content = pages.files.get(self.path.partition("?")[0], ("", b""))
                self.answer(200 if kind else 404, content, {"Content-Type": kind or "text/plain"})

        self._server = HttpServer("127.0.0.1", 0, Serving)
        self._server.start()
        return self

    def stop(self) -> None:
        """Serve nothing any more."""
        self._server.stop()

    @property
    def url(self) -> str:
        """Where the pages lie."""
        return f"http://127.0.0.1:{self._server.port}"


def counts(stack: Any, name: str) -> Counter[int]:
    """How often each number `n` of the tracks of a name is stored, once nothing waits any more."""
    import json

    stack.wait_until_stored()
    filters = json.dumps(["is", "event", [name]])
    _, answer = stack.get(
        "/breakdown", dimension="props:n", period="7d", limit=1000, filters=filters, bots="include"
    )
    return Counter({int(row["dimension"]): row["value"] for row in answer["data"]})
