"""The vocabulary: what an event is once it has been collected, and how it travels in a queue message.

`Event` is what collect puts on the queue and ingest takes from it. It carries no client address: the address has
become a place (country) and, for a client without an id, part of a keyed hash before an Event exists.
"""

import re
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from decimal import Decimal
from itertools import islice, repeat
from typing import Any, Literal, NamedTuple

EventType = Literal[
    "pageview", "screen", "track", "identify", "group", "alias", "engagement", "vitals"
]
EVENT_TYPES: tuple[EventType, ...] = (
    "pageview", "screen", "track", "identify", "group", "alias", "engagement", "vitals",
)  # fmt: skip
ACTIVITY = frozenset({"pageview", "screen", "track"})
"""The types that make sessions, visitors and `events`; the others tell who somebody is (identify, group, alias), how
long a page was looked at (engagement) or how fast it was (vitals).
"""

POSITIONS = 1 << 16
"""Receipts leave 16 bits for the position of an event in its request."""


class Event(NamedTuple):
    """One accepted delivery of an event. Times are milliseconds since 1970 UTC; a missing text is ``""``."""

    site_id: str
    event_id: str
    type: EventType
    ts: int
    received_at: int
    position: int
    actor: str
    """`a:<anonymousId>`, `u:<userId>` or `c:<cookieless id>`: whose session this event belongs to."""
    anonymous_id: str = ""
    user_id: str = ""
    previous_id: str = ""
    name: str = ""
    path: str = ""
    hostname: str = ""
    title: str = ""
    referrer: str = ""
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_term: str = ""
    utm_content: str = ""
    click_id: str = ""
    """The name of the advertiser's parameter in the page's URL: gclid, msclkid, …; its value is kept nowhere."""
    user_agent: str = ""
    device: str = ""
    browser: str = ""
    browser_version: str = ""
    os: str = ""
    os_version: str = ""
    country: str = ""
    region: str = ""
    city: str = ""
    language: str = ""
    screen_size: str = ""
    properties: dict[str, Any] = {}  # noqa: RUF012 - never changed: events are built whole
    is_imported: bool = False
    bot_hint: str = ""
    """Why the connection was a bot's, where it told more than the agent: headless, datacentre."""
    unverified_key: str = ""
    """The SHA-256 of the key it was sent with, where that could not be looked up: ingest does, before it stores it."""

    @property
    def receipt(self) -> int:
        """The order of receipt as one number: received_at, then the position in the request."""
        return self.received_at * POSITIONS + self.position


_DEFAULTS: dict[str, Any] = Event._field_defaults
_OTHER_TYPES: dict[str, type] = {
    "ts": int, "received_at": int, "position": int, "properties": dict, "is_imported": bool,
}  # fmt: skip
_TYPES = {name: _OTHER_TYPES.get(name, str) for name in Event._fields}
_ACTORS = frozenset({"a:", "u:", "c:"})


def to_columns(events: Sequence[Event]) -> dict[str, Any]:
    """Events as a queue message carries them: `{"count", "same": {field: value}, "each": {field: [value, …]}}`.

    What all events have in common stands once; what all leave at its default is left out.
    """
    if len(events) == 1:
        return {"count": 1, "same": _told(events[0]), "each": {}}
    same: dict[str, Any] = {}
    each: dict[str, Any] = {}
    for name, column in zip(Event._fields, zip(*events, strict=True), strict=False):
        if column.count(column[0]) < len(column):
            each[name] = column
        elif name not in _DEFAULTS or column[0] != _DEFAULTS[name]:
            same[name] = column[0]
    return {"count": len(events), "same": same, "each": each}


def _told(event: Event) -> dict[str, Any]:
    """What an event does not leave at its default."""
    return {
        name: value
        for name, value, default in zip(Event._fields, event, _TOLD_UNLESS, strict=True)
        if value != default
    }


_TOLD_UNLESS = tuple(_DEFAULTS.get(name) for name in Event._fields)


def from_columns(content: dict[str, Any]) -> list[Event]:
    """The events of `to_columns`; fields that a newer version added are ignored.

    Raises KeyError, TypeError or ValueError when they are no events. Columns are checked as a whole: that costs an
    event next to nothing.
    """
    events = unchecked(content)
    for name, value in content["same"].items():
        _check(name, (value,))
    for name, column in content["each"].items():
        _check(name, column)
    return events


def unchecked(content: dict[str, Any]) -> list[Event]:
    """As `from_columns` for who checks the events of many messages at once, by `check`.

    Raises KeyError, TypeError or ValueError where there are not as many values of each field as events.
    """
    count, same, each = content["count"], content["same"], content["each"]
    if type(count) is not int or not 0 <= count <= _MOST:
        raise ValueError("no count of events")
    if not count:
        return []
    if count == 1 and not each:
        with suppress(TypeError):  # a field that is missing, or none of ours
            return [Event(**same)]
    if not same.keys() | each.keys() >= _REQUIRED:
        raise ValueError("a field is missing")
    columns: list[Iterable[Any]] = _AT_DEFAULT.copy()
    for name, value in same.items():
        if name in _PLACES:
            columns[_PLACES[name]] = repeat(value)
    for name, column in each.items():
        if name in _PLACES:
            if not isinstance(column, list | tuple) or len(column) != count:
                raise ValueError(f"{name} is not there for each event")
            columns[_PLACES[name]] = column
    return list(map(Event._make, islice(zip(*columns, strict=False), count)))


def check(events: Sequence[Event]) -> None:
    """Whether events are of the right types and in range. Raises TypeError or ValueError."""
    for name, column in zip(Event._fields, zip(*events, strict=True), strict=False):
        _check(name, column)


def _check(name: str, column: Sequence[Any]) -> None:
    if name not in _PLACES:
        return
    if set(map(type, column)) != {_TYPES[name]}:
        raise TypeError(f"{name} has a wrong type")
    if name == "type" and not set(column) <= _KNOWN_TYPES:
        raise ValueError("no type of ours")
    if name == "actor" and not {actor[:2] for actor in column} <= _ACTORS:
        raise ValueError("no actor of ours")
    limit = _LIMITS.get(name)
    if limit and not (min(column) >= 0 and max(column) < limit):
        raise ValueError(f"{name} is out of range")


_REQUIRED = frozenset(Event._fields) - _DEFAULTS.keys()
_PLACES = {name: at for at, name in enumerate(Event._fields)}
_AT_DEFAULT: list[Iterable[Any]] = [repeat(_DEFAULTS.get(name)) for name in Event._fields]
_KNOWN_TYPES = frozenset(EVENT_TYPES)
_LIMITS = {"position": POSITIONS, "ts": 1 << 43, "received_at": 1 << 43}
_MOST = 1 << 17
"""More events than any request holds."""


def new_event_id(now_ms: int, random: bytes) -> str:
    """A UUIDv7 (RFC 9562, 5.7) for an event whose client gave it no id, from a time and 10 random bytes."""
    value = (now_ms & (1 << 48) - 1) << 80 | 7 << 76 | (int.from_bytes(random[:2]) & 0xFFF) << 64
    value |= 2 << 62 | int.from_bytes(random[2:10]) & (1 << 62) - 1
    return str(uuid.UUID(int=value))


_EVENT_IDS = uuid.UUID("8f0f5c8a-6f5e-5b0c-9d36-2f1f5a3c7e10")


_CANONICAL = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def event_uuid(event_id: str) -> uuid.UUID:
    """The 16 bytes that stand for an event id in the store."""
    return uuid.UUID(stored_id(event_id))


def stored_id(event_id: str) -> str:
    """These 16 bytes as text.

    An id that is a UUID in its canonical text is itself; any other text (also a UUID in capitals, which is another
    text and so another event) becomes its UUIDv5.
    """
    return event_id if _CANONICAL.fullmatch(event_id) else str(uuid.uuid5(_EVENT_IDS, event_id))


def number_text(value: int | float) -> str:
    """A number as text in its shortest form, as JavaScript writes it (ECMA-262, Number::toString): 1.0 is "1"."""
    if isinstance(value, int):
        return str(value)
    if value == 0:
        return "0"
    text = repr(value)
    if 1e-6 <= abs(value) < 1e21:
        return format(Decimal(text), "f").removesuffix(".0")
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa}e{exponent[0]}{exponent[1:].lstrip('0')}"
