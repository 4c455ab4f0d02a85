"""An HTTP/1.1 server in threads that stops cleanly: what the local SQS and the ClickHouse front stand on.

It owns connections and request bodies; what a request means is its handler's business.
"""

import contextlib
import logging
import select
import socket
import threading
from http.server import BaseHTTPRequestHandler
from io import BufferedIOBase
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, Protocol

_logger = logging.getLogger(__name__)

_IDLE_SECONDS = 300
_STOP_SECONDS = 5
_CHUNK_LINE_BYTES = 1024


class _Headers(Protocol):
    def get(self, name: str) -> str | None: ...


class BodyRefused(ValueError):
    """A request body that is not read: `status` is what HTTP answers; the connection cannot be used again."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Handler(BaseHTTPRequestHandler):
    """A request handler that keeps connections open, sends each answer at once and logs nothing."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _IDLE_SECONDS
    wbufsize = -1  # buffered: headers and body leave in one packet

    def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        """Send a whole answer."""
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Nothing: what a request held is nobody's business."""

    def handle_expect_100(self) -> bool:
        """Ask for the body, at once although answers are buffered."""
        self.send_response_only(100)
        self.end_headers()
        self.wfile.flush()
        return True


class HttpServer(ThreadingMixIn, TCPServer):
    """Listens on (host, port) and handles each connection in a thread of its own; port 0 takes a free one."""

    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__((host, port), handler)
        self._connections: dict[Any, threading.Thread] = {}
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests, let those under way be answered, and close every connection."""
        self.shutdown()
        self._thread.join()
        self.server_close()
        with self._lock:
            connections = dict(self._connections)
        for how in (socket.SHUT_RD, socket.SHUT_RDWR):
            for connection, thread in connections.items():
                if thread.is_alive():
                    _shut(connection, how)
            for thread in connections.values():
                thread.join(_STOP_SECONDS)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Handle a connection in a thread that `stop` knows."""
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        with self._lock:
            self._connections[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection and close it."""
        with self._lock:
            self._connections.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no fault; anything else is logged, without the request."""
        _logger.debug("connection ended", exc_info=True)


def read_body(stream: BufferedIOBase, headers: _Headers, limit: int) -> bytes:
    """The body of a request, by its length or in chunks.

    Raises BodyRefused: 413 above `limit` bytes, 400 where the length cannot be told.
    """
    encoding, length = headers.get("Transfer-Encoding"), headers.get("Content-Length")
    if encoding is not None:
        if encoding.strip().lower() != "chunked" or length is not None:
            raise BodyRefused(400, "The length of the body cannot be told.")
        return _read_chunks(stream, limit)
    if length is None:
        return b""
    if not (length.isascii() and length.isdecimal()):
        raise BodyRefused(400, "Content-Length is no number.")
    return _read_exactly(stream, int(length), limit)


def client_left(connection: socket.socket) -> bool:
    """Whether the other side of an idle connection has closed it."""
    waiting = select.poll()
    try:
        waiting.register(connection, select.POLLIN)
        return bool(waiting.poll(0)) and connection.recv(1, socket.MSG_PEEK) == b""
    except (OSError, ValueError):
        return True


def _read_chunks(stream: BufferedIOBase, limit: int) -> bytes:
    chunks: list[bytes] = []
    left = limit
    while True:
        size_text = stream.readline(_CHUNK_LINE_BYTES).split(b";")[0].strip()
        try:
            size = int(size_text, 16) if size_text.isalnum() else -1
        except ValueError:
            size = -1
        if size < 0:
            raise BodyRefused(400, "A chunk's length is no number.")
        if size == 0:
            break
        chunks.append(_read_exactly(stream, size, left))
        left -= size
        stream.readline(_CHUNK_LINE_BYTES)
    while stream.readline(_CHUNK_LINE_BYTES).strip():
        pass  # trailers
    return b"".join(chunks)


def _read_exactly(stream: BufferedIOBase, size: int, limit: int) -> bytes:
    if size > limit:
        raise BodyRefused(413, "The body is too large.")
    data = stream.read(size)
    if len(data) < size:
        raise BodyRefused(400, "The body ended early.")
    return data


def _shut(connection: socket.socket, how: int) -> None:
    with contextlib.suppress(OSError):  # it was closed in the meantime
        connection.shutdown(how)
