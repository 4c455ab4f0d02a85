"""What is kept of a delivery that was refused, and how it is taken once more.

Kept is the client's item without addresses and without what the site does not store, and what only the collector could
know of the visitor: the cookieless id and the place. So a replay needs no address.
"""

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from footfall.collect import fields, redaction
from footfall.collect.identity import CookielessIds
from footfall.collect.steps import (
    EVENT_BYTES,
    Delivery,
    Drop,
    consented,
    event_id,
    make_event,
    place_of,
    prefetched,
    visitor,
)
from footfall.days import HOUR_MS
from footfall.errors import FootfallError, Unavailable
from footfall.event import Event, from_columns, new_event_id
from footfall.location import Location
from footfall.reject import REJECTS_AN_HOUR, Reject
from footfall.site import Site

NOT_KEPT = frozenset({"blocked", "wrong_site", "wrong_key", "event_too_large"})
"""Codes of what nobody wants back: what the owner blocked, what is another site's, what is larger than any event."""
Known = dict[str, Any]
"""Names of fields; under each None, or the names of what is known within."""
_ADDRESS = "visitor"
"""Stands for the address that a replayed delivery came from; nothing is made of it."""


_PAGE: Known = dict.fromkeys(("path", "url", "title", "referrer", "search"))
KNOWN: Known = {
    **dict.fromkeys(
        ("type", "eventId", "messageId", "timestamp", "originalTimestamp", "sentAt", "site",
         "anonymousId", "userId", "previousId", "groupId", "properties", "traits")
    ),
    "page": _PAGE,
    "event": {"name": None, "properties": None},
    "screen": {"name": None, "properties": None},
    "context": {
        "page": _PAGE,
        "campaign": None,
        "screen": {"width": None, "height": None},
        "browser": {"name": None, "version": None},
        "os": {"name": None, "version": None},
        "device": {"type": None},
        "locale": None,
        "consent": None,
    },
}  # fmt: skip
"""What is kept of an item: the fields that mean something. What else a client sends is not looked at, so not kept."""


@dataclass
class Refusals:
    """How many refusals of the running hour this process has kept, by site."""

    _hour: int = 0
    _kept: dict[str, int] = field(default_factory=dict)

    def has_room(self, site_id: str, now_ms: int) -> bool:
        """Whether one more may be kept; it counts as kept then."""
        if now_ms // HOUR_MS != self._hour:
            self._hour, self._kept = now_ms // HOUR_MS, {}
        self._kept[site_id] = self._kept.get(site_id, 0) + 1
        return self._kept[site_id] <= REJECTS_AN_HOUR


def refused(item: Any, error: FootfallError, position: int, delivery: Delivery) -> Reject | None:
    """What is kept of an item that was refused.

    None where nothing is: what is no event at all, what was blocked, what its visitor does not want to be stored.
    """
    if error.code in NOT_KEPT or not isinstance(item, dict):
        return None
    kept = _as_agreed(_known(item, KNOWN), delivery)
    if kept is None:
        return None
    if delivery.sent_at_text:
        # The batch's: a replay mends the client's clock by it, too.
        kept = {"sentAt": delivery.sent_at_text} | kept
    try:
        kept = redaction.item(kept, delivery.site)
        size = len(json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace"))
    except RecursionError:
        return None
    if size > EVENT_BYTES:
        return None
    ip, user_agent = _visitor(item, delivery)
    place = place_of(ip, delivery)
    return Reject(
        site_id=delivery.site.id,
        code=error.code,
        received_at=delivery.received_at,
        position=position,
        event_id=_event_id(item, delivery.received_at),
        message=error.message,
        field=error.field or "",
        item=kept,
        visitor=_cookieless_id(ip, user_agent, delivery),
        user_agent=user_agent,
        country=place.country,
        region=place.region,
        city=place.city,
        is_imported=delivery.is_imported,
        dialect=delivery.dialect,
        origin=delivery.headers.get("origin", "") if error.code == "wrong_origin" else "",
    )


def remade(reject: Reject, site: Site) -> Event | None:
    """The event of a reject by today's rules, received when it was received; None where it is not to be stored.

    Raises FootfallError when it is refused again.
    """
    if reject.made:
        [event] = from_columns(reject.made)
        return event._replace(unverified_key="")
    if reject.code == "wrong_origin" and not site.allows_origin(reject.origin):
        return None
    delivery = Delivery(
        site=site,
        received_at=reject.received_at,
        ip=_ADDRESS if reject.visitor else "",
        user_agent=reject.user_agent,
        # What the visitor's address and agent are was settled when it was received.
        is_trusted=False,
        is_imported=reject.is_imported,
        sent_at=None,
        salts=_Known(reject.visitor),
        locate=lambda _: Location(reject.country, reject.region, reject.city),
        measure=False,
        dialect=reject.dialect,
    )
    item = reject.item
    if all(item.get(name) in (None, "") for name in ("eventId", "messageId")):
        item = item | {"eventId": reject.event_id}
    made = make_event(item, reject.position, delivery)
    return None if isinstance(made, Drop) else made


@dataclass(frozen=True, slots=True)
class _Known:
    """The cookieless id that a delivery was given when it was received."""

    visitor: str

    def cookieless_id(self, site: Site, ts: int, ip: str, user_agent: str, now_ms: int) -> str:
        """That id."""
        return self.visitor


def _known(given: dict[str, Any], known: Known) -> dict[str, Any]:
    """The known fields of an item; one that should hold others and does not stays: that may be why it is refused."""
    return {
        name: _known(value, known[name]) if known[name] and isinstance(value, dict) else value
        for name, value in given.items()
        if name in known
    }


def _as_agreed(item: dict[str, Any], delivery: Delivery) -> dict[str, Any] | None:
    """The item without its ids where the visitor did not agree to them; None where it may not be kept.

    The browser's signals are in no item, so what they mean is written into `context.consent` for a replay.
    """
    draft: dict[str, Any] = {
        "type": item.get("type"),
        "anonymous_id": "some",
        "user_id": "some",
    }
    try:
        if prefetched(item, draft, delivery) or consented(item, draft, delivery):
            return None
    except FootfallError:
        draft["anonymous_id"] = ""
    if draft["anonymous_id"]:
        return item
    without = {k: v for k, v in item.items() if k not in ("anonymousId", "userId", "previousId")}
    return without | {"context": fields.soft_part(item, "context") | {"consent": "denied"}}


def _visitor(item: dict[str, Any], delivery: Delivery) -> tuple[str, str]:
    try:
        return visitor(item, delivery)
    except FootfallError:
        return "", ""


def _cookieless_id(ip: str, user_agent: str, delivery: Delivery) -> str:
    if not (ip or user_agent):
        return ""
    salts: CookielessIds = delivery.salts
    at = delivery.received_at
    try:
        return salts.cookieless_id(delivery.site, at, ip, user_agent, at)
    except Unavailable:
        return ""


def _event_id(item: dict[str, Any], received_at: int) -> str:
    try:
        return event_id(item, received_at)
    except FootfallError:
        return new_event_id(received_at, secrets.token_bytes(10))
