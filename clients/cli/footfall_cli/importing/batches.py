"""Items become request bodies: packed, and small enough for every server's cap."""

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from footfall_cli.importing.record import Item

BATCH_EVENTS = 1_000
BATCH_BYTES = 900_000
ENOUGH_EVENTS = 900
"""From here on a batch ends where the time changes: events of one moment in two batches, which travel side by side,
could be received in the other order."""
_JSON = json.JSONEncoder(separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Batch:
    """A request to be: the lines of a file, and the events made of them, as JSON."""

    file: str
    lines: tuple[int, ...]
    events: tuple[bytes, ...]

    def body(self) -> bytes:
        """The body to POST, gzip'ed. Level 1: the wire is seldom what is slow."""
        return gzip.compress(b'{"batch":[' + b",".join(self.events) + b"]}", compresslevel=1)


def batches(
    file: str, items: Iterable[Item], on_too_large: Callable[[int], None]
) -> Iterator[Batch]:
    """Batches of items in their order; an item larger than a batch may be is told to `on_too_large` instead."""
    lines: list[int] = []
    events: list[bytes] = []
    size = 0
    time = ""
    for item in items:
        event = _JSON.encode(item.event).encode("ascii")
        if len(event) > BATCH_BYTES - 100:
            on_too_large(item.line)
            continue
        is_full = len(events) >= BATCH_EVENTS or size + len(event) + 100 > BATCH_BYTES
        if is_full or (len(events) >= ENOUGH_EVENTS and item.time != time):
            yield Batch(file, tuple(lines), tuple(events))
            lines, events, size = [], [], 0
        lines.append(item.line)
        events.append(event)
        size += len(event) + 1
        time = item.time
    if events:
        yield Batch(file, tuple(lines), tuple(events))
