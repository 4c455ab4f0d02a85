"""A delivery that was not taken, and why: what collect and ingest keep of it, so that it can be looked at and replayed.

It carries no client address. What was refused before an event could be made of it is kept as the client's item,
without addresses and without what the site does not store; what was made and then not stored (over the quota, by a key
that nobody made) is kept as the event.
"""

import uuid
from typing import Any, NamedTuple

from footfall.event import Event, from_columns, to_columns

WHOLE = frozenset({"over_quota"})
"""Codes of events that were answered as accepted: all of them are kept, the others up to a number an hour."""


REJECTS_AN_HOUR = 1_000
"""So many others are kept of a site and hour: one process queues no more, and the store takes no more."""


class Reject(NamedTuple):
    """One delivery that was not taken. Times are milliseconds since 1970 UTC; a missing text is ``""``."""

    site_id: str
    code: str
    received_at: int
    position: int
    event_id: str
    """The client's id, else the one that a replay gives it."""
    message: str = ""
    field: str = ""
    item: dict[str, Any] = {}  # noqa: RUF012 - never changed: rejects are built whole
    """What the client sent; empty where an event was made."""
    made: dict[str, Any] = {}  # noqa: RUF012
    """The event as a message carries one, where it was made."""
    visitor: str = ""
    """The cookieless id of who sent it, where one could be made."""
    user_agent: str = ""
    country: str = ""
    region: str = ""
    city: str = ""
    is_imported: bool = False
    dialect: str = ""
    """Whose API it was sent by; "" for our own."""
    origin: str = ""
    """Whose page sent it, where that was why."""

    @property
    def reject_id(self) -> uuid.UUID:
        """The same for every delivery of the message that carries it."""
        return uuid.uuid5(
            _REJECTS, f"{self.site_id} {self.event_id} {self.received_at} {self.position}"
        )

    @property
    def ids(self) -> tuple[str, str]:
        """The anonymousId and userId it carries, whatever they are worth."""
        if self.made:
            [event] = from_columns(self.made)
            return event.anonymous_id, event.user_id
        named = [self.item.get(name) for name in ("anonymousId", "userId")]
        anonymous, user = (str(v) if isinstance(v, str | int | float) else "" for v in named)
        return anonymous, user

    def to_wire(self) -> dict[str, Any]:
        """The reject for a queue message: fields that hold their default are left out."""
        return {
            name: value
            for name, value in zip(self._fields, self, strict=True)
            if name not in _DEFAULTS or value != _DEFAULTS[name]
        }

    @classmethod
    def from_wire(cls, fields: dict[str, Any]) -> "Reject":
        """The reject of `to_wire`; fields that a newer version added are ignored.

        Raises TypeError or ValueError when the fields are not a reject's.
        """
        reject = cls(**{name: fields[name] for name in cls._fields if name in fields})
        for name, value in zip(cls._fields, reject, strict=True):
            if type(value) is not _TYPES.get(name, str):
                raise TypeError(f"{name} is a {type(value).__name__}")
        if not 0 <= reject.received_at < 1 << 43:
            raise ValueError("a time out of range")
        if reject.made and len(from_columns(reject.made)) != 1:
            raise ValueError("not one event")
        return reject


def not_stored(event: Event, code: str, message: str) -> Reject:
    """The reject of an event that was made and is not stored."""
    return Reject(
        site_id=event.site_id,
        code=code,
        received_at=event.received_at,
        position=event.position,
        event_id=event.event_id,
        message=message,
        made=to_columns([event]),
        is_imported=event.is_imported,
    )


_REJECTS = uuid.UUID("0b1a7f9e-52c4-5f6d-8f0c-6f4f7d1b9a31")
_DEFAULTS: dict[str, Any] = Reject._field_defaults
_TYPES: dict[str, type] = {
    "received_at": int, "position": int, "item": dict, "made": dict, "is_imported": bool,
}  # fmt: skip
