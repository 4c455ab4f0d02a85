"""A WebSocket client of the tests, on wsproto: opens, says, hears, and knows why it was refused or closed."""

import json
import socket
from typing import Any
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Message,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)

_READ_BYTES = 1 << 16


class SocketClient:
    """One socket. `status` is that of the handshake (101: open), `closed` the code with which it was closed."""

    def __init__(self, url: str, seconds: float = 10) -> None:
        """Open it; every wait ends after `seconds`."""
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname, parts.port), seconds)
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self.status = 0
        self.refusal = b""
        self.closed: int | None = None
        self._heard: list[str] = []
        self._is_ended = False
        self._send(Request(host=parts.netloc, target=f"{parts.path}?{parts.query}"))
        while not self.status or (self.status != 101 and not self._is_ended):
            self._read()
        if self.status != 101:
            self.cut()

    def __enter__(self) -> "SocketClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def say(self, said: str | bytes) -> None:
        """Send a message."""
        self._send(Message(data=said))

    def hear(self) -> Any:
        """The next message, as JSON where it is that. Raises TimeoutError when none comes, EOFError after its end."""
        while not self._heard:
            if self.closed is not None:
                raise EOFError(f"closed with {self.closed}")
            self._read()
        text = self._heard.pop(0)
        try:
            return json.loads(text)
        except ValueError:
            return text

    def wait_until_closed(self) -> int:
        """The code with which the other end closes it."""
        while self.closed is None:
            self._read()
        return self.closed

    def close(self) -> None:
        """Close it properly."""
        if self.status == 101 and self.closed is None:
            self._send(CloseConnection(code=1000))
        self.cut()

    def cut(self) -> None:
        """End the connection without a word."""
        self.closed = self.closed or 1006
        self._socket.close()

    def _send(self, event: Any) -> None:
        self._socket.sendall(self._protocol.send(event))

    def _read(self) -> None:
        data = self._socket.recv(_READ_BYTES)
        self._is_ended = not data
        if not data and self.closed is None:
            self.closed = 1006
        self._protocol.receive_data(data or None)
        for event in self._protocol.events():
            match event:
                case AcceptConnection():
                    self.status = 101
                case RejectConnection():
                    self.status = event.status_code
                    self._is_ended = not event.has_body
                case RejectData():
                    self.refusal += event.data
                    self._is_ended = event.body_finished
                case TextMessage():
                    self._heard.append(event.data)
                case BytesMessage():
                    self._heard.append(repr(bytes(event.data)))
                case CloseConnection():
                    self.closed = int(event.code)
