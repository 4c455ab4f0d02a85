"""A TCP connection that a thread keeps between requests, with TLS where it is asked for."""

import select
import socket
import threading
import weakref
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO

from footfall import deadline

if TYPE_CHECKING:
    from ssl import SSLContext


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
        """Nothing is opened yet. `seconds` is how long a read or a write may take; an invocation's end comes first."""
        # As bytes a name need not be encoded, by a codec whose import takes 5 ms.
        self._host = host.encode() if host.isascii() else host
        self._port = port
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
            kept.socket.settimeout(deadline.seconds(self._seconds))
            return kept
        self.close()
        patience = deadline.seconds(self._connect_seconds)
        address: Any = (self._host, self._port)
        connection: socket.socket = socket.create_connection(address, patience)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._is_secure:
                connection = _trusted().wrap_socket(connection, server_hostname=self._host)
            connection.settimeout(deadline.seconds(self._seconds))
        except BaseException:
            connection.close()
            raise
        opened = Opened(connection)
        self._local.kept = opened
        return opened

    def close(self) -> None:
        """Close the thread's connection, if there is one."""
        kept: Opened | None = getattr(self._local, "kept", None)
        self._local.kept = None
        if kept:
            kept.close()


@cache
def _trusted() -> "SSLContext":
    """Whose certificates are believed: the system's authorities. Reading them takes 20 ms, once a process."""
    import ssl  # noqa: PLC0415 - 15 ms that a connection without TLS need not pay

    return ssl.create_default_context()
