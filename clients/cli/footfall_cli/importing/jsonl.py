"""JSON lines: a line is an item of `/batch`, sent as it is. One without an id of its own gets the line's."""

import json
import math
from collections.abc import Iterable, Iterator

from footfall_cli.importing.ids import EventIds
from footfall_cli.importing.record import Broken, Item, Record, Skip
from footfall_cli.importing.source import Line


def parse(lines: Iterable[Line], ids: EventIds) -> Iterator[Record]:
    """The records of a file of JSON lines."""
    for line in lines:
        raw = line.raw.strip()
        if not raw:
            yield Skip(line.number, "empty")
            continue
        try:
            event = json.loads(raw, parse_constant=_refuse, parse_float=_finite)
        except (ValueError, RecursionError):
            yield Broken(line.number, "no JSON")
            continue
        if not isinstance(event, dict):
            yield Broken(line.number, "no JSON object")
            continue
        if _has_no_id(event.get("eventId")) and _has_no_id(event.get("messageId")):
            event["eventId"] = ids.of(raw)
        yield Item(line.number, str(event.get("timestamp")), event)


def _has_no_id(value: object) -> bool:
    """Whether the server would take the value as no id."""
    return value is None or value == "" or isinstance(value, bool)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None
