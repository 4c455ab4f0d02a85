"""A connection to Valkey: many commands in one write, their answers in one read; nothing more is needed of it.

Speaks RESP2, as Valkey's protocol specification has it. A client library does the same with several times the CPU a
request, and its import takes longer than all the rest of the collector.
"""

from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from footfall.connection import Kept, Opened

Command = Sequence[str | bytes | int | float]
"""A command and its arguments: `("SET", key, value, "NX")`."""


class ValkeyError(Exception):
    """Valkey refused a command, or did not answer."""


class Valkey:
    """A Valkey at a URL (`redis://` or, with TLS, `rediss://`; user, password and database may stand in it)."""

    def __init__(self, url: str, *, seconds: float = 0.25) -> None:
        """Nothing is opened yet; `seconds` is how long a connection or an answer may take."""
        self._url = urlsplit(url)
        self._kept = Kept(
            self._url.hostname or "127.0.0.1",
            self._url.port or 6379,
            is_secure=self._url.scheme == "rediss",
            connect_seconds=seconds,
            seconds=seconds,
        )

    def ask(self, commands: Iterable[Command | bytes]) -> list[Any]:
        """The answers to commands that are sent at once, in their order: bytes, int, list or None.

        A command may come as `packed` makes it: one that is sent often need not be packed each time.

        Raises ValkeyError when one is refused (the others are carried out) or when there is no answer.
        """
        sent = [command if isinstance(command, bytes) else packed(command) for command in commands]
        if not sent:
            return []
        try:
            opened = self._kept.open()
            if not opened.is_greeted:
                self._greet(opened)
            opened.socket.sendall(b"".join(sent))
            answers = [_answer(opened.stream) for _ in sent]
        except (OSError, ValueError) as error:
            self._kept.close()
            raise ValkeyError(f"Valkey did not answer: {error}") from error
        return _unrefused(answers)

    def _greet(self, opened: Opened) -> None:
        """Say who we are and which database is meant."""
        commands: list[Command] = []
        if self._url.password:
            user = [unquote(self._url.username)] if self._url.username else []
            commands.append(("AUTH", *user, unquote(self._url.password)))
        if database := self._url.path.strip("/"):
            commands.append(("SELECT", database))
        if commands:
            opened.socket.sendall(b"".join(map(packed, commands)))
            _unrefused([_answer(opened.stream) for _ in commands])
        opened.is_greeted = True


def packed(command: Command) -> bytes:
    """A command as it is sent: an array of bulk strings (RESP2)."""
    parts = [b"*%d" % len(command)]
    for part in command:
        data = part if isinstance(part, bytes) else str(part).encode("utf-8", "replace")
        size = len(data)
        parts += (_SIZES[size] if size < len(_SIZES) else _size(size), data)
    return b"".join(parts) + b"\r\n"


def _size(size: int) -> bytes:
    """What stands before a part of that many bytes."""
    return b"\r\n$%d\r\n" % size


_SIZES = [_size(size) for size in range(256)]


def _unrefused(answers: list[Any]) -> list[Any]:
    for answer in answers:
        if isinstance(answer, ValkeyError):
            raise answer
    return answers


def _answer(stream: BinaryIO) -> Any:
    line = stream.readline()
    if line[-2:] != b"\r\n":
        raise ConnectionError("the connection was closed")
    if line.startswith(b":"):
        return int(line[1:])
    kind, rest = line[:1], line[1:-2]
    if kind == b"+":
        return rest
    if kind == b"-":
        return ValkeyError(rest.decode("utf-8", "replace"))
    if kind == b"$":
        length = int(rest)
        if length < 0:
            return None
        data = stream.read(length + 2)
        if len(data) < length + 2:
            raise ConnectionError("the connection was closed")
        return data[:-2]
    if kind == b"*":
        length = int(rest)
        return None if length < 0 else [_answer(stream) for _ in range(length)]
    raise ValueError(f"no RESP2: {line[:20]!r}")
