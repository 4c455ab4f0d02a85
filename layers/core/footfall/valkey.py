"""A connection to Valkey: many commands in one write, their answers in one read; nothing more is needed of it.

Speaks RESP2, as Valkey's protocol specification has it. A client library does the same with several times the CPU a
request, and its import takes longer than all the rest of the collector.

A cluster is spoken to as one server until it says that a key lies elsewhere (`MOVED`, `ASK`: its specification).
Every command of ours has one key, so a pipeline may hold keys of several slots; where they went is remembered by hash
tag, and from then on a pipeline is one write a node. ElastiCache Serverless has one address for all slots and never
says so.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from footfall.connection import Kept, Opened

Command = Sequence[str | bytes | int | float]
"""A command and its arguments: `("SET", key, value, "NX")`."""
CONNECT_SECONDS = 0.5
"""How long a connection may take: a handshake of TLS is a few round trips, and work on both sides."""
_HOPS = 3
"""How often a command is sent on before it is given up."""
_TAGS_REMEMBERED = 10_000
_ELSEWHERE = re.compile(r"(MOVED|ASK) \d+ (.*):(\d+)")

Address = tuple[str, int]


class ValkeyError(Exception):
    """Valkey refused a command, or did not answer."""


class Valkey:
    """A Valkey at a URL (`redis://` or, with TLS, `rediss://`; user, password and database may stand in it)."""

    def __init__(self, url: str, *, seconds: float = 0.25) -> None:
        """Nothing is opened yet; `seconds` is how long an answer may take."""
        self._url = urlsplit(url)
        self._seconds = seconds
        self._home: Address = (self._url.hostname or "127.0.0.1", self._url.port or 6379)
        self._kept: dict[Address, Kept] = {self._home: self._connection(self._home)}
        self._where: dict[bytes, Address] = {}
        """Of hash tags the node of a cluster, where it is not the one of the URL."""

    def ask(self, commands: Iterable[Command | bytes]) -> list[Any]:
        """The answers to commands that are sent at once, in their order: bytes, int, list or None.

        A command may come as `packed` makes it: one that is sent often need not be packed each time.

        Raises ValkeyError when one is refused (the others are carried out) or when there is no answer.
        """
        sent = [command if isinstance(command, bytes) else packed(command) for command in commands]
        if not sent:
            return []
        if not self._where:
            answers = self._exchange(self._home, sent)
        else:
            answers = [None] * len(sent)
            by_node: dict[Address, list[int]] = {}
            for at, command in enumerate(sent):
                by_node.setdefault(self._where.get(_tag(command), self._home), []).append(at)
            for address, places in by_node.items():
                told = self._exchange(address, [sent[at] for at in places])
                for at, answer in zip(places, told, strict=True):
                    answers[at] = answer
        for at, answer in enumerate(answers):
            if isinstance(answer, ValkeyError) and _ELSEWHERE.fullmatch(str(answer)):
                answers[at] = self._follow(sent[at], answer)
        return _unrefused(answers)

    def _follow(self, command: bytes, answer: Any) -> Any:
        """What the node answers that a key has moved to."""
        for _ in range(_HOPS):
            found = _ELSEWHERE.fullmatch(str(answer))
            if found is None:
                break
            kind, host, port = found.groups()
            # Without a host it is another port of who said so; that is the URL's, in the clusters that do.
            address = (host or self._home[0], int(port))
            if kind == "MOVED":
                if len(self._where) >= _TAGS_REMEMBERED:
                    self._where.clear()
                self._where[_tag(command)] = address
                answer = self._exchange(address, [command])[0]
            else:
                answer = self._exchange(address, [_ASKING, command])[1]
            if not isinstance(answer, ValkeyError):
                break
        return answer

    def _exchange(self, address: Address, commands: Sequence[bytes]) -> list[Any]:
        """The answers of one node, errors among them. Raises ValkeyError when it does not answer."""
        kept = self._kept.get(address)
        if kept is None:
            kept = self._kept[address] = self._connection(address)
        try:
            opened = kept.open()
            if not opened.is_greeted:
                self._greet(opened)
            opened.socket.sendall(b"".join(commands))
            return [_answer(opened.stream) for _ in commands]
        except ValkeyError:
            raise
        except (OSError, ValueError) as error:
            kept.close()
            # The node may be gone, and its keys elsewhere: the one of the URL knows.
            self._where.clear()
            raise ValkeyError(f"Valkey did not answer: {error}") from error

    def _connection(self, address: Address) -> Kept:
        return Kept(
            *address,
            is_secure=self._url.scheme == "rediss",
            connect_seconds=max(CONNECT_SECONDS, self._seconds),
            seconds=self._seconds,
        )

    def _greet(self, opened: Opened) -> None:
        """Say who we are and which database is meant."""
        commands: list[Command] = []
        if self._url.password:
            user = [unquote(self._url.username)] if self._url.username else []
            commands.append(("AUTH", *user, unquote(self._url.password)))
        database = self._url.path.strip("/")
        if database not in ("", "0"):
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
_ASKING = packed(("ASKING",))


def _tag(packed_command: bytes) -> bytes:
    """The hash tag of a command's key: what stands in the first braces. A command without one may go anywhere."""
    start = packed_command.find(b"{")
    return packed_command[start : packed_command.find(b"}", start)] if start >= 0 else b""


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
