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

    def ask(self, commands: Iterable[Command]) -> list[Any]:
        """The answers to commands that are sent at once, in their order: bytes, int, list or None.

        Raises ValkeyError when one is refused (the others are carried out) or when there is no answer.
        """
        sent = [_packed(command) for command in commands]
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
            opened.socket.sendall(b"".join(map(_packed, commands)))
            _unrefused([_answer(opened.stream) for _ in commands])
        opened.is_greeted = True


def _packed(command: Command) -> bytes:
    parts = [b"*%d\r\n" % len(command)]
    for part in command:
        data = part if isinstance(part, bytes) else str(part).encode("utf-8", "replace")
        parts.append(b"$%d\r\n%b\r\n" % (len(data), data))
    return b"".join(parts)


def _unrefused(answers: list[Any]) -> list[Any]:
    for answer in answers:
        if isinstance(answer, ValkeyError):
            raise answer
    return answers


def _answer(stream: BinaryIO) -> Any:
    line = stream.readline()
    if not line.endswith(b"\r\n"):
        raise ConnectionError("the connection was closed")
    kind, rest = line[:1], line[1:-2]
    if kind == b":":
        return int(rest)
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
