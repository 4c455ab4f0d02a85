"""A door before an engine that lets through, refuses, delays or answers errors, as it is told."""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

Mood = Literal["well", "refused", "slow", "error"]
MOODS: tuple[Mood, ...] = ("refused", "slow", "error")
HTTP_ERROR = (
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\n"
    b"Content-Length: 6\r\nConnection: close\r\n\r\nbroken"
)
VALKEY_ERROR = b"-LOADING Valkey is loading the dataset in memory\r\n"


@dataclass
class Door:
    """A TCP proxy on a port of its own before `target`; `mood` may be changed at any time."""

    target: tuple[str, int]
    error: bytes
    seconds: float
    """How long each answer takes when it is slow."""
    mood: Mood = "well"
    connections: int = 0
    """How many were opened so far."""
    _listening: socket.socket = field(init=False, repr=False)
    _open: set[socket.socket] = field(default_factory=set, repr=False)
    _ended: threading.Event = field(default_factory=threading.Event, repr=False)
    _threads: list[threading.Thread] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._start(self._accept)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listening.getsockname()[1])

    def become(self, mood: Mood) -> None:
        """Be in another mood from now on; connections that are open end, unless it is a slow one."""
        self.mood = mood
        if mood != "slow":
            self.hang_up()

    def hang_up(self) -> None:
        """End every connection, as an engine does that is restarted."""
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End."""
        self._ended.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.hang_up()
        for thread in self._threads:
            thread.join()

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            if self.mood == "refused":
                client.close()
                continue
            self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection(self.target) as server:
            self._open |= {client, server}
            back = threading.Thread(target=self._answer, args=(client, server))
            back.start()
            try:
                while said := client.recv(1 << 16):
                    if self.mood == "error":
                        client.sendall(self.error)
                        break
                    server.sendall(said)
            finally:
                for connection in (client, server):
                    with suppress(OSError):
                        connection.shutdown(socket.SHUT_RDWR)
                back.join()
                self._open -= {client, server}

    def _answer(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while said := server.recv(1 << 16):
                if self.mood == "slow":
                    self._ended.wait(self.seconds)
                client.sendall(said)
            client.shutdown(socket.SHUT_RDWR)
