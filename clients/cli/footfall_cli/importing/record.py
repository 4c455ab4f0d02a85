"""What a line can become."""

from typing import Any, NamedTuple


class Item(NamedTuple):
    """An event to send, as an item of `/batch`, with its id; `time` is its own time as it is sent."""

    line: int
    time: str
    event: dict[str, Any]


class Skip(NamedTuple):
    """A line that is no event, and the reason it is counted under."""

    line: int
    reason: str


class Broken(NamedTuple):
    """A line that cannot be read, and why."""

    line: int
    why: str


Record = Item | Skip | Broken


def text_of(raw: bytes) -> str:
    """Bytes as text: UTF-8, and where they are not, Latin-1, which keeps different bytes different."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
