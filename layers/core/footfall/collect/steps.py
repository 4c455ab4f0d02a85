"""STEPS: what makes an event out of an item of a request, in order. The list is the specification.

Each step reads the client's item and the delivery and writes fields of the Event to come. A step drops an event by
returning a `Drop`; it refuses one by raising the FootfallError that the client is answered with.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeGuard

from footfall.collect import fields, page, timing
from footfall.collect.identity import Salts, guarded
from footfall.errors import BadRequest, TooLarge, Unprocessable
from footfall.event import EVENT_TYPES, Event, new_event_id, number_text
from footfall.location import Location
from footfall.site import Site
from footfall.user_agent import is_library

EVENT_BYTES = 32 << 10
EVENT_ID_CHARACTERS = 128
DEPTH = 32


@dataclass(frozen=True, slots=True)
class Drop:
    """An event that is answered like any other and not stored, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What all events of one request have in common."""

    site: Site
    received_at: int
    ip: str
    user_agent: str
    is_trusted: bool
    """Sent with a secret key: `context.ip` and `context.userAgent` are the visitor's."""
    is_imported: bool
    sent_at: int | None
    salts: Salts
    locate: Callable[[str], Location]
    measure: bool
    """Whether the body is large enough to hold an event over its cap."""


Item = dict[str, Any]
Draft = dict[str, Any]
Step = Callable[[Item, Draft, Delivery], Drop | None]


def make_event(item: Item, position: int, delivery: Delivery) -> Event | Drop:
    """The event of an item, or why it is dropped. Raises FootfallError when it has to be refused."""
    draft: Draft = {
        "site_id": delivery.site.id,
        "received_at": delivery.received_at,
        "position": position,
        "is_imported": delivery.is_imported,
    }
    for step in STEPS:
        drop = step(item, draft, delivery)
        if drop is not None:
            return drop
    del draft["ip"], draft["agent"]
    return Event(**draft)


def event_id(item: Item, received_at: int) -> str:
    """The client's id of an item, else a new one. Raises FootfallError for one that is too long or no text."""
    for name in ("eventId", "messageId"):
        given = fields.identifier(item, name, EVENT_ID_CHARACTERS)
        if given:
            return given
    return new_event_id(received_at, secrets.token_bytes(10))


def within_caps(item: Item, draft: Draft, delivery: Delivery) -> None:
    """At most 32 KB an event."""
    if (
        delivery.measure
        and len(json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode()) > EVENT_BYTES
    ):
        raise TooLarge("event_too_large", f"The event is over {EVENT_BYTES:,} bytes.")


def known_type(item: Item, draft: Draft, delivery: Delivery) -> None:
    """pageview, screen, track, identify, group or alias."""
    kind = item.get("type")
    if kind not in EVENT_TYPES:
        raise BadRequest(
            "unknown_type", "`type` must be one of the allowed.", field="type", allowed=EVENT_TYPES
        )
    draft["type"] = kind


def identified(item: Item, draft: Draft, delivery: Delivery) -> None:
    """The client's event id, or a new one."""
    draft["event_id"] = event_id(item, delivery.received_at)


def timed(item: Item, draft: Draft, delivery: Delivery) -> None:
    """The time the event counts at."""
    draft["ts"] = timing.event_time(
        item,
        delivery.sent_at,
        delivery.received_at,
        back_dating_days=delivery.site.back_dating_days,
        is_imported=delivery.is_imported,
        horizon_ms=delivery.site.horizon_ms(delivery.received_at),
    )


def named(item: Item, draft: Draft, delivery: Delivery) -> None:
    """Name and properties: of a track, a screen; the traits of a person or group."""
    kind = draft["type"]
    properties: dict[str, Any] = {}
    if kind in ("track", "screen"):
        source = "event" if kind == "track" else "screen"
        holder = fields.part(item, source)
        draft["name"] = fields.text(holder, "name", f"{source}.name")
        if not draft["name"]:
            raise BadRequest(
                "missing_field", f"`{source}.name` is required.", field=f"{source}.name"
            )
        properties = fields.part(holder, "properties", f"{source}.properties")
    elif kind in ("identify", "group"):
        properties = fields.part(item, "traits")
    else:
        properties = fields.part(item, "properties")
    if _is_deeper(properties, DEPTH):
        raise Unprocessable(
            "too_deep", f"Properties may be nested {DEPTH} deep.", field="properties"
        )
    if kind == "group":
        properties = properties | {"groupId": fields.identifier(item, "groupId") or None}
    draft["properties"] = property_texts(properties)


def paged(item: Item, draft: Draft, delivery: Delivery) -> None:
    """Page, hostname, title, referrer, campaign."""
    draft |= page.page_fields(item)
    if draft["type"] == "pageview" and not draft["path"]:
        raise BadRequest(
            "missing_field", "A pageview needs `page.path` or `page.url`.", field="page"
        )


def consented(item: Item, draft: Draft, delivery: Delivery) -> Drop | None:
    """`withheld` is not stored; `denied` is counted without any id of the client."""
    consent = fields.part(item, "context").get("consent")
    if consent not in (None, "granted", "denied", "withheld"):
        raise Unprocessable(
            "unknown_consent",
            "`context.consent` must be one of the allowed.",
            field="context.consent",
            allowed=("granted", "denied", "withheld"),
        )
    if consent == "withheld":
        return Drop("withheld")
    if consent == "denied":
        if draft["type"] in ("identify", "group", "alias"):
            return Drop("denied")
        draft["anonymous_id"] = draft["user_id"] = ""
    return None


def with_ids(item: Item, draft: Draft, delivery: Delivery) -> None:
    """The client's ids, without those that stand for none."""
    kind = draft["type"]
    draft["anonymous_id"] = guarded(fields.identifier(item, "anonymousId"))
    draft["user_id"] = guarded(fields.identifier(item, "userId"))
    needed = {"identify": ("anonymous_id", "user_id"), "alias": ("previous_id", "user_id")}.get(
        kind, ()
    )
    if kind == "alias":
        draft["previous_id"] = guarded(fields.identifier(item, "previousId"))
    for name in needed:
        if not draft[name]:
            field = name.replace("_id", "Id")
            raise BadRequest("missing_field", f"`{field}` is required.", field=field)


def visited(item: Item, draft: Draft, delivery: Delivery) -> None:
    """The visitor's address and agent: what a secret key sends, else the connection's, unless a library made it."""
    context = fields.part(item, "context")
    if delivery.is_trusted:
        draft["ip"] = fields.text(context, "ip", "context.ip")
        draft["agent"] = draft["user_agent"] = fields.text(
            context, "userAgent", "context.userAgent"
        )
    elif not delivery.user_agent or is_library(delivery.user_agent):
        draft["ip"] = draft["agent"] = draft["user_agent"] = ""
    else:
        draft["ip"], draft["agent"] = delivery.ip, delivery.user_agent
        draft["user_agent"] = delivery.user_agent if "Mozilla/" in delivery.user_agent else ""


def acted(item: Item, draft: Draft, delivery: Delivery) -> None:
    """The actor: anonymousId, else userId, else the cookieless id."""
    if draft["anonymous_id"]:
        draft["actor"] = "a:" + draft["anonymous_id"]
    elif draft["user_id"]:
        draft["actor"] = "u:" + draft["user_id"]
    elif draft["ip"] or draft["agent"]:
        cookieless_id = delivery.salts.cookieless_id(
            delivery.site, draft["ts"], draft["ip"], draft["agent"], delivery.received_at
        )
        draft["actor"] = "c:" + cookieless_id
    else:
        raise Unprocessable(
            "no_actor",
            "The event has no `anonymousId` or `userId` that counts as an id, and was not sent by a visitor's browser.",
            field="anonymousId",
        )


def placed(item: Item, draft: Draft, delivery: Delivery) -> None:
    """Country, region and city of the address; the address goes no further than this list."""
    place = delivery.locate(draft["ip"])
    draft["country"], draft["region"], draft["city"] = place


def equipped(item: Item, draft: Draft, delivery: Delivery) -> None:
    """What the client says of its device, browser, system, language and screen."""
    context = fields.part(item, "context")
    browser, system = fields.soft_part(context, "browser"), fields.soft_part(context, "os")
    draft["device"] = fields.soft_text(fields.soft_part(context, "device"), "type")
    draft["browser"], draft["browser_version"] = (
        fields.soft_text(browser, n) for n in ("name", "version")
    )
    draft["os"], draft["os_version"] = (fields.soft_text(system, n) for n in ("name", "version"))
    draft["language"] = fields.soft_text(context, "locale")
    screen = fields.soft_part(context, "screen")
    width, height = screen.get("width"), screen.get("height")
    if _is_length(width) and _is_length(height):
        draft["screen_size"] = f"{number_text(width)}x{number_text(height)}"


STEPS: tuple[Step, ...] = (
    within_caps,
    known_type,
    identified,
    timed,
    named,
    paged,
    with_ids,
    consented,
    visited,
    acted,
    placed,
    equipped,
)


def property_texts(properties: dict[str, Any]) -> dict[str, str]:
    """Properties as they are compared: strings as they are, `true`, `false`, numbers in their shortest form, lists
    and objects as compact JSON; null is missing.
    """
    return {key: _property_text(value) for key, value in properties.items() if value is not None}


def _property_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _is_deeper(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit + 1):
        level = [
            item
            for container in level
            for item in (container.values() if isinstance(container, dict) else container)
            if isinstance(item, dict | list)
        ]
        if not level:
            return False
    return True


def _is_length(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100_000
