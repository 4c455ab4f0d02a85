"""The other side of the wire: a small HTTP server that speaks the contract and remembers what it was sent."""

import contextlib
import gzip
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

KEY = "ffa_" + "k" * 20 + "7f3c"
HEALTHY = {
    "status": "ok",
    "version": "0.1.0",
    "engines": {"queue": "ok", "counters": "ok", "store": "ok"},
    "waiting": 0,
    "rollups_pending": 0,
}


@dataclass(frozen=True)
class Received:
    """A request; `body` is the parsed JSON, None without one. `connection` is the client's port."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    connection: int


Reply = tuple[int, Any] | tuple[int, Any, dict[str, str]] | str
"""Status, JSON (or bytes) and headers; or "reset" for a connection that is cut without an answer."""


@dataclass
class Server:
    """What it has received, and what it answers: `replies[path]` first, one by one, then as the contract says."""

    received: list[Received] = field(default_factory=list)
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    refuse: Callable[[dict[str, Any]], tuple[str, str] | None] = lambda event: None
    """Code and message of an event that is refused."""
    intercept: Callable[[Received], Reply | None] = lambda request: None
    """An answer that comes before all others."""
    url: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def batches(self) -> list[list[dict[str, Any]]]:
        """The batches of all imports, failed ones too."""
        return [request.body["batch"] for request in self.received if request.path == "/import"]

    def events(self) -> list[dict[str, Any]]:
        """The events of all imports."""
        return [event for batch in self.batches() for event in batch]

    def ids(self) -> list[str]:
        """Their ids."""
        return [event["eventId"] for event in self.events()]

    def answer(self, request: Received) -> Reply:
        """Remember a request; the answer to it."""
        with self._lock:
            self.received.append(request)
            if (first := self.intercept(request)) is not None:
                return first
            waiting = self.replies.get(request.path)
            if waiting:
                return waiting.pop(0)
        if request.path == "/health":
            return 200, HEALTHY
        if request.headers.get("authorization") not in (None, f"Bearer {KEY}"):
            return 401, {"code": "wrong_key", "message": "This key is not known."}
        if request.path == "/import":
            return self._import(request.body["batch"])
        if request.method == "POST":
            return 200, {"eventId": request.body["eventId"]}
        return 404, {"code": "not_found", "message": "There is nothing here."}

    def _import(self, batch: list[dict[str, Any]]) -> Reply:
        refused = [
            (index, found) for index, event in enumerate(batch) if (found := self.refuse(event))
        ]
        rejected = [
            {"index": index, "code": code, "message": message} for index, (code, message) in refused
        ]
        accepted = len(batch) - len(rejected)
        receipt = {"accepted": accepted, "eventIds": [], "rejected": rejected}
        if batch and not accepted:
            return 400, {"code": "nothing_accepted", "message": "Nothing."} | receipt
        return 200, receipt


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """A server on a free port of this machine."""
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            if body.startswith(b"\x1f\x8b"):
                body = gzip.decompress(body)
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Received(
                self.command,
                parts.path,
                dict(parse_qsl(parts.query)),
                headers,
                json.loads(body) if body else None,
                self.client_address[1],
            )
            reply = server.answer(request)
            if reply == "reset":
                self._reset()
                return
            status, content, *more = reply
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            for name, value in more[0].items() if more else ():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_GET  # noqa: N815 - http.server asks for this name
        do_DELETE = do_GET  # noqa: N815
        do_PATCH = do_GET  # noqa: N815

        def _reset(self) -> None:
            # Lingering for 0 s makes closing a reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass

    with Quiet(("127.0.0.1", 0), Handler) as listener:
        server.url = f"http://127.0.0.1:{listener.server_address[1]}"
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown()
            thread.join()
