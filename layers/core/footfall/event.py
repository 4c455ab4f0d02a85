"""The vocabulary: what an event is once it has been collected, and how it travels in a queue message.

`Event` is what collect puts on the queue and ingest takes from it. It carries no client address: the address has
become a place (country) and, for a client without an id, part of a keyed hash before an Event exists.
"""

import uuid
from decimal import Decimal
from typing import Any, Literal, NamedTuple

EventType = Literal["pageview", "screen", "track", "identify", "group", "alias"]
EVENT_TYPES: tuple[EventType, ...] = ("pageview", "screen", "track", "identify", "group", "alias")
ACTIVITY = frozenset({"pageview", "screen", "track"})
"""The types that make sessions, visitors and `events`; the others only tell who somebody is."""

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

    @property
    def receipt(self) -> int:
        """The order of receipt as one number: received_at, then the position in the request."""
        return self.received_at * POSITIONS + self.position

    def to_wire(self) -> dict[str, Any]:
        """The event for a queue message: fields that hold their default are left out."""
        return {
            name: value
            for name, value in zip(self._fields, self, strict=True)
            if name not in _DEFAULTS or value != _DEFAULTS[name]
        }

    @classmethod
    def from_wire(cls, fields: dict[str, Any]) -> "Event":
        """The event of `to_wire`; fields that a newer version added are ignored.

        Raises TypeError or ValueError when the fields are not an event's.
        """
        event = cls(**{name: fields[name] for name in cls._fields if name in fields})
        for name, value in zip(cls._fields, event, strict=True):
            if not isinstance(value, _TYPES[name]) or (
                isinstance(value, bool) and name != "is_imported"
            ):
                raise TypeError(f"{name} is a {type(value).__name__}")
        if event.type not in EVENT_TYPES or event.actor[:2] not in ("a:", "u:", "c:"):
            raise ValueError("no type or actor of ours")
        if not (
            0 <= event.position < POSITIONS
            and 0 <= event.ts < 1 << 43
            and 0 <= event.received_at < 1 << 43
        ):
            raise ValueError("a time or position out of range")
        return event


_DEFAULTS: dict[str, Any] = Event._field_defaults
_TYPES: dict[str, type] = {
    name: {
        "ts": int,
        "received_at": int,
        "position": int,
        "properties": dict,
        "is_imported": bool,
    }.get(name, str)
    for name in Event._fields
}


def new_event_id(now_ms: int, random: bytes) -> str:
    """A UUIDv7 (RFC 9562, 5.7) for an event whose client gave it no id, from a time and 10 random bytes."""
    value = (now_ms & (1 << 48) - 1) << 80 | 7 << 76 | (int.from_bytes(random[:2]) & 0xFFF) << 64
    value |= 2 << 62 | int.from_bytes(random[2:10]) & (1 << 62) - 1
    return str(uuid.UUID(int=value))


_EVENT_IDS = uuid.UUID("8f0f5c8a-6f5e-5b0c-9d36-2f1f5a3c7e10")


def event_uuid(event_id: str) -> uuid.UUID:
    """The 16 bytes that stand for an event id in the store.

    An id that is a UUID in its canonical text is itself; any other text (also a UUID in capitals, which is another
    text and so another event) becomes its UUIDv5.
    """
    if len(event_id) == 36:
        try:
            value = uuid.UUID(event_id)
        except ValueError:
            return uuid.uuid5(_EVENT_IDS, event_id)
        if str(value) == event_id:
            return value
    return uuid.uuid5(_EVENT_IDS, event_id)


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
