"""A TCP connection that a thread keeps between requests, with TLS where it is asked for."""

import select
import socket
import threading
import weakref
from typing import BinaryIO


class Opened:
    """A connection: write to the socket, read from the stream. It is closed when nobody holds it any more."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.stream: BinaryIO = connection.makefile("rb")
        self.is_greeted = False
        """For its user: whether what a new connection begins with was said."""
        # A thread that ends leaves its connection behind.
        self._end = weakref.finalize(self, _end, connection, self.stream)

    def close(self) -> None:
        """End it; once more does nothing."""
        self._end()


def _end(connection: socket.socket, stream: BinaryIO) -> None:
    stream.close()
    connection.close()


class Kept:
    """One connection a thread to one address; it is opened when it is first needed, and again when it is gone."""

    def __init__(
        self, host: str, port: int, *, is_secure: bool, connect_seconds: float, seconds: float
    ) -> None:
        """Nothing is opened yet. `seconds` is how long a read or a write may take."""
        self._address = (host, port)
        self._is_secure = is_secure
        self._connect_seconds = connect_seconds
        self._seconds = seconds
        self._local = threading.local()

    def open(self) -> Opened:
        """The thread's connection; a new one where the other end has closed it since, as it does when it is idle.

        Raises OSError.
        """
        kept: Opened | None = getattr(self._local, "kept", None)
        # Nothing is waited for between requests: what can be read is the end of the connection.
        if kept and not select.select([kept.socket], [], [], 0)[0]:
            return kept
        self.close()
        connection: socket.socket = socket.create_connection(self._address, self._connect_seconds)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._is_secure:
            import ssl  # noqa: PLC0415 - 15 ms that a connection without TLS need not pay

            context = ssl.create_default_context()
            connection = context.wrap_socket(connection, server_hostname=self._address[0])
        connection.settimeout(self._seconds)
        opened = Opened(connection)
        self._local.kept = opened
        return opened

    def close(self) -> None:
        """Close the thread's connection, if there is one."""
        kept: Opened | None = getattr(self._local, "kept", None)
        self._local.kept = None
        if kept:
            kept.close()
