"""Valkey for functions outside its network: commands travel in an invocation of the counters function, which is inside.

So no function needs a way to both Valkey and a ClickHouse on the internet, and the VPC none to the internet
(docs/decisions/0015-networks.md). Both sides are here: `Relay` asks, `carry_out` answers.

    asked     {"commands": [["SET", "footfall:{registry}:version", "…", "EX", "60"], …]}
    answered  {"answers": [b"OK", …]} or {"error": "…"}

Texts stand for bytes, one character a byte (Latin-1), so that what is no UTF-8 goes through, too.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from footfall.aws import AwsError
from footfall.valkey import Command, Valkey, ValkeyError

ALLOWED = frozenset(("PING", "GET", "SET", "DEL", "HMGET", "ZRANGE", "ZREM", "ZCOUNT", "LPOP"))
"""What functions outside have to do: read and write documents, forget a person, look whether Valkey is there, take what
is to be pushed and read the live numbers.
"""
PREFIX = "footfall:"
"""What every key of ours begins with."""
PAYLOAD_CHARACTERS = 2_000_000
"""Commands of about that size go at once: an invocation takes 6 MB, and a byte may be two in JSON."""

Invoke = Callable[[bytes], bytes]
"""Invokes the counters function with a payload; its answer. Raises AwsError."""


class Relay:
    """Asks Valkey through the counters function; to be used as a Valkey is."""

    def __init__(self, invoke: Invoke) -> None:
        self._invoke = invoke

    def ask(self, commands: Iterable[Command | bytes]) -> list[Any]:
        """The answers to commands, in their order: bytes, int, list or None.

        Raises ValkeyError when one is refused or is not among those allowed, or when there is no answer.
        """
        answers: list[Any] = []
        for part in _parts([_texts(command) for command in commands]):
            payload = json.dumps({"commands": part}, ensure_ascii=False).encode()
            try:
                told = json.loads(self._invoke(payload))
            except (AwsError, ValueError) as error:
                raise ValkeyError(f"Valkey did not answer: {error}") from error
            if not isinstance(told, dict) or "answers" not in told:
                raise ValkeyError("Valkey refused, or was not asked")
            answers += map(_bytes, told["answers"])
        return answers


def carry_out(event: Mapping[str, Any], valkey: Valkey) -> dict[str, Any]:
    """What Valkey answers to the commands of a Relay; an error as a text, so that whoever asked learns of it."""
    commands: list[list[str]] = event["commands"]
    for command in commands:
        if command[0] not in ALLOWED or not all(key.startswith(PREFIX) for key in command[1:2]):
            return {"error": f"{command[0]} of that key is not among what is relayed"}
    try:
        answers = valkey.ask([[part.encode("latin-1") for part in each] for each in commands])
    except ValkeyError as error:
        return {"error": str(error)}
    return {"answers": [_text(answer) for answer in answers]}


def _texts(command: Command | bytes) -> list[str]:
    if isinstance(command, bytes):
        raise TypeError("packed commands are for a connection")
    parts = (
        part if isinstance(part, bytes) else str(part).encode("utf-8", "replace")
        for part in command
    )
    return [part.decode("latin-1") for part in parts]


def _parts(commands: Sequence[list[str]]) -> Iterator[list[list[str]]]:
    """Commands in their order, in parts that an invocation takes."""
    part: list[list[str]] = []
    size = 0
    for command in commands:
        length = sum(map(len, command))
        if part and size + length > PAYLOAD_CHARACTERS:
            yield part
            part, size = [], 0
        part.append(command)
        size += length
    if part:
        yield part


def _text(answer: Any) -> Any:
    match answer:
        case bytes():
            return answer.decode("latin-1")
        case list():
            return [_text(each) for each in answer]
    return answer


def _bytes(told: Any) -> Any:
    match told:
        case str():
            return told.encode("latin-1")
        case list():
            return [_bytes(each) for each in told]
    return told
