"""STEPS and VISITOR_STEPS: what makes an event out of an item of a request, in order. The lists are the specification.

Each step reads the client's item and the delivery and writes fields of the Event to come. A step drops an event by
returning a `Drop`; it refuses one by raising the FootfallError that the client is answered with.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, TypeGuard

from footfall.body import compact
from footfall.collect import fields, page, redaction, timing
from footfall.collect.browser import NO_HINTS, SILENT, Browser, language, read_browser
from footfall.collect.identity import CookielessIds, guarded
from footfall.errors import BadRequest, TooLarge, Unprocessable
from footfall.event import EVENT_TYPES, Event, new_event_id, number_text
from footfall.location import NOWHERE, Location
from footfall.site import Site
from footfall.user_agent import is_library

EVENT_BYTES = 32 << 10
EVENT_ID_CHARACTERS = 128
DEPTH = 32
MOST_PIXELS = 100_000


@dataclass(frozen=True, slots=True)
class Drop:
    """An event that is answered like any other and not stored, and why."""

    reason: str


def never(ip: str) -> bool:
    """What is known of datacentres without a database of them."""
    return False


Item = dict[str, Any]
Draft = dict[str, Any]


@dataclass(frozen=True)
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
    salts: CookielessIds
    locate: Callable[[str], Location]
    measure: bool
    """Whether the body is large enough to hold an event over its cap."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """The connection's headers, names in lower case."""
    place: Location = NOWHERE
    """Where the connection comes from, as far as the trusted front of the deployment says."""
    is_hosted: Callable[[str], bool] = never
    """Whether an address is a datacentre's."""
    dialect: str = ""
    """Whose API the request speaks: "segment", "plausible", "umami", "pixel"; "" for our own."""
    sent_at_text: str = ""
    """`sent_at` as the request says it: a replay is told in the same words."""
    _surroundings: dict[tuple[str, str], Draft] = field(default_factory=dict)

    @cached_property
    def browser(self) -> Browser:
        """What the headers say where they are the visitor's own: with a public key, and not sent by a library."""
        if self.is_trusted or not self.headers or is_library(self.user_agent):
            return SILENT
        return read_browser(self.headers)

    @cached_property
    def visitor(self) -> tuple[str, str]:
        """The connection's address and agent where they are a visitor's, "" where a library sent it."""
        is_known = self.user_agent and not is_library(self.user_agent)
        return (self.ip, self.user_agent) if is_known else ("", "")

    @cached_property
    def horizon_ms(self) -> int | None:
        """When the first day began whose events the site keeps; None where it keeps all."""
        return self.site.horizon_ms(self.received_at)

    @cached_property
    def rules(self) -> redaction.Rules:
        """What the site says of properties and queries."""
        return redaction.rules(self.site)

    @cached_property
    def blank(self) -> Draft:
        """What the draft of each event begins as: all that the events of the request have in common.

        All fields of an Event in their order, then the visitor's address and agent.
        """
        draft = _BLANK | {
            "site_id": self.site.id,
            "ts": self.received_at,
            "received_at": self.received_at,
            "is_imported": self.is_imported,
        }
        # With a public key all events are of the connection's visitor.
        return draft if self.is_trusted else draft | self.surroundings(*self.visitor)

    def surroundings(self, ip: str, agent: str) -> Draft:
        """What a visitor's address and agent decide, worked out once a request."""
        known = self._surroundings.get((ip, agent))
        if known is None:
            known = {"ip": ip, "agent": agent}
            for step in VISITOR_STEPS:
                step(known, self)
            self._surroundings[ip, agent] = known
        return known


_BLANK: Draft = (
    dict.fromkeys(Event._fields, "") | Event._field_defaults | dict.fromkeys(("ip", "agent"), "")
)
Step = Callable[[Item, Draft, Delivery], Drop | None]
VisitorStep = Callable[[Draft, Delivery], None]


def make_event(item: Item, position: int, delivery: Delivery) -> Event | Drop:
    """The event of an item, or why it is dropped. Raises FootfallError when it has to be refused."""
    draft = delivery.blank.copy()
    draft["position"] = position
    for step in STEPS:
        drop = step(item, draft, delivery)
        if drop is not None:
            return drop
    del draft["ip"], draft["agent"]
    # The draft's order is the Event's; a field that it does not know would be one too many.
    return Event._make(draft.values())


def event_id(item: Item, received_at: int) -> str:
    """The client's id of an item, else a new one. Raises FootfallError for one that is too long or no text."""
    for name in ("eventId", "messageId"):
        given = fields.identifier(item, name, EVENT_ID_CHARACTERS)
        if given:
            return given
    return new_event_id(received_at, secrets.token_bytes(10))


def size(item: Any) -> int:
    """The bytes of an item as JSON. Raises Unprocessable for one that was just not too deep to be read."""
    try:
        return len(compact(item).encode())
    except RecursionError:
        raise Unprocessable("too_deep", "The event is nested too deep.") from None


def within_caps(item: Item, draft: Draft, delivery: Delivery) -> None:
    """At most 32 KB an event."""
    if delivery.measure and size(item) > EVENT_BYTES:
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
    """The time the event counts at: of one that says nothing of it, when it was received."""
    if not ("timestamp" in item or "originalTimestamp" in item or "sentAt" in item):
        return
    draft["ts"] = timing.event_time(
        item,
        delivery.sent_at,
        delivery.received_at,
        back_dating_days=delivery.site.back_dating_days,
        is_imported=delivery.is_imported,
        horizon_ms=delivery.horizon_ms,
    )


def named(item: Item, draft: Draft, delivery: Delivery) -> None:
    """Name and properties: of a track, a screen; the traits of a person or group."""
    kind = draft["type"]
    properties: dict[str, Any] = {}
    if kind in ("track", "screen"):
        source = "event" if kind == "track" else "screen"
        holder = fields.part(item, source)
        draft["name"] = redaction.plain(fields.text(holder, "name", source))
        if not draft["name"] and not (kind == "screen" and delivery.dialect):
            raise BadRequest(
                "missing_field", f"`{source}.name` is required.", field=f"{source}.name"
            )
        properties = fields.part(holder, "properties", source)
    elif kind in ("identify", "group"):
        properties = fields.part(item, "traits")
    else:
        properties = fields.part(item, "properties")
    if properties and _is_deeper(properties, DEPTH):
        raise Unprocessable(
            "too_deep", f"Properties may be nested {DEPTH} deep.", field="properties"
        )
    if kind == "group":
        properties = properties | {"groupId": fields.identifier(item, "groupId") or None}
    draft["properties"] = redaction.properties(properties, delivery.rules) if properties else {}


def paged(item: Item, draft: Draft, delivery: Delivery) -> None:
    """Page, hostname, title, referrer, campaign, and the parameters that the site keeps."""
    found, query = page.read_page(item, delivery.site)
    draft |= found
    if query:
        draft["properties"] = redaction.properties(query, delivery.rules) | draft["properties"]
    if draft["type"] == "pageview" and not draft["path"] and not delivery.dialect:
        raise BadRequest(
            "missing_field", "A pageview needs `page.path` or `page.url`.", field="page"
        )


def with_ids(item: Item, draft: Draft, delivery: Delivery) -> None:
    """The client's ids, without those that stand for none."""
    kind = draft["type"]
    draft["anonymous_id"] = guarded(fields.identifier(item, "anonymousId"))
    draft["user_id"] = guarded(fields.identifier(item, "userId"))
    needed: tuple[str, ...] = ()
    if kind == "identify" and not delivery.dialect:
        needed = ("anonymous_id", "user_id")
    elif kind == "alias":
        needed = ("previous_id", "user_id")
        draft["previous_id"] = guarded(fields.identifier(item, "previousId"))
    for name in needed:
        if not draft[name]:
            field = name.replace("_id", "Id")
            raise BadRequest("missing_field", f"`{field}` is required.", field=field)


def prefetched(item: Item, draft: Draft, delivery: Delivery) -> Drop | None:
    """A page that a browser loads ahead is no view: if it is shown, it is sent again or was never seen."""
    if delivery.browser.prefetches and draft["type"] == "pageview":
        return Drop("prefetch")
    return None


def consented(item: Item, draft: Draft, delivery: Delivery) -> Drop | None:
    """What the visitor agreed to: `withheld` is not stored, `denied` is counted without any id of the client.

    Who said nothing is asked by the browser's signals (Global Privacy Control, Do Not Track), then by the site's
    `consent`; who agreed to this site has answered more precisely than a signal for all sites.
    """
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
    if consent == "granted":
        return None
    site = delivery.site
    if site.privacy_signals != "ignore" and delivery.browser.objects:
        if site.privacy_signals == "discard":
            return Drop("privacy_signal")
        consent = "denied"
    if consent == "denied" or site.consent == "required":
        if draft["type"] in ("identify", "group", "alias"):
            return Drop("denied")
        draft["anonymous_id"] = draft["user_id"] = ""
    return None


def visitor(item: Item, delivery: Delivery) -> tuple[str, str]:
    """The visitor's address and agent, "" where only a server's are known.

    With a secret key each is what `context` says, else the connection's, where a browser sends it; with a public key
    the connection's, unless a library sends it.
    """
    if not delivery.is_trusted:
        return delivery.visitor
    context = fields.part(item, "context")
    ip = fields.text(context, "ip", "context")
    given = fields.text(context, "userAgent", "context")
    agent = delivery.user_agent
    if "Mozilla/" in agent and not is_library(agent):
        return ip or delivery.ip, given or agent
    return ip, given


def visited(item: Item, draft: Draft, delivery: Delivery) -> None:
    """The visitor's address, which goes no further than this list, and agent, with what they tell (VISITOR_STEPS)."""
    if delivery.is_trusted:
        draft |= delivery.surroundings(*visitor(item, delivery))


def acted(item: Item, draft: Draft, delivery: Delivery) -> None:
    """The actor: anonymousId, else userId, else the cookieless id."""
    if anonymous_id := draft["anonymous_id"]:
        draft["actor"] = "a:" + anonymous_id
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


def equipped(item: Item, draft: Draft, delivery: Delivery) -> None:
    """Device, browser, system, language and screen, where the client says them itself."""
    context = item.get("context")
    if not context:
        return
    if "device" in context and (
        device := fields.soft_text(fields.soft_part(context, "device"), "type")
    ):
        draft["device"] = redaction.plain(device)
    if "browser" in context and (said := _said(context, "browser")):
        draft["browser"], draft["browser_version"] = said
    if "os" in context and (said := _said(context, "os")):
        draft["os"], draft["os_version"] = said
    locale = context.get("locale")
    if isinstance(locale, str) and (spoken := language(locale)):
        draft["language"] = spoken
    draft["screen_size"] = screen_size(context.get("screen"))


def screen_size(screen: Any) -> str:
    """Width and height of a screen, `1920x1080`; "" where it does not say both."""
    if not isinstance(screen, dict):
        return ""
    width, height = screen.get("width"), screen.get("height")
    return _size(width, height) if _is_length(width) and _is_length(height) else ""


def _said(context: Item, name: str) -> tuple[str, str] | None:
    """Name and version that the client gives of its browser or system, None where it gives neither."""
    given = context.get(name)
    if not isinstance(given, dict):
        return None
    said, version = fields.soft_text(given, "name"), fields.soft_text(given, "version")
    return (redaction.plain(said), redaction.plain(version)) if said or version else None


def known_agent(draft: Draft, delivery: Delivery) -> None:
    """The agent, where it is a visitor's: with a public key only a browser's, or that of whoever loads the pixel."""
    agent = draft["agent"]
    is_read = delivery.is_trusted or "Mozilla/" in agent or delivery.dialect == "pixel"
    draft["user_agent"] = agent if is_read else ""


def placed(draft: Draft, delivery: Delivery) -> None:
    """Country, region and city: what the trusted front says of the connection, else what a database says."""
    draft["country"], draft["region"], draft["city"] = place_of(draft["ip"], delivery)


def place_of(ip: str, delivery: Delivery) -> Location:
    """Where a visitor's address lies."""
    is_told = delivery.place.country and ip == delivery.ip
    return delivery.place if is_told else delivery.locate(ip)


def hinted(draft: Draft, delivery: Delivery) -> None:
    """Whether the connection of a browser is a bot's: a headless browser's, or a datacentre's that accepts no language.

    People sit behind addresses of datacentres, too (VPNs, companies), but their browsers say a language.
    """
    if delivery.browser is SILENT or not draft["user_agent"]:
        return
    if delivery.browser.hints.is_headless:
        draft["bot_hint"] = "headless"
    elif not delivery.browser.language and delivery.is_hosted(draft["ip"]):
        draft["bot_hint"] = "datacentre"


def described(draft: Draft, delivery: Delivery) -> None:
    """Device, browser, system and language, as the headers of the visitor's browser say."""
    headers = delivery.browser if draft["user_agent"] else SILENT
    hints = headers.hints
    if hints is not NO_HINTS:
        draft["device"] = hints.device
        draft["browser"], draft["browser_version"] = hints.browser, hints.browser_version
        draft["os"], draft["os_version"] = hints.os, hints.os_version
    draft["language"] = headers.language


STEPS: tuple[Step, ...] = (
    within_caps,
    known_type,
    identified,
    timed,
    named,
    paged,
    with_ids,
    prefetched,
    consented,
    visited,
    acted,
    equipped,
)
"""For each event of a request."""
VISITOR_STEPS: tuple[VisitorStep, ...] = (known_agent, placed, hinted, described)
"""Once for each visitor of a request; with a public key all its events are of one."""


_CONTAINER = (dict, list)


def _is_deeper(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit + 1):
        level = [
            item
            for container in level
            for item in (container.values() if isinstance(container, dict) else container)
            if isinstance(item, _CONTAINER)
        ]
        if not level:
            return False
    return True


@lru_cache(1_024)
def _size(width: float, height: float) -> str:
    """There are few sizes of screens."""
    return f"{number_text(width)}x{number_text(height)}"


def _is_length(value: Any) -> TypeGuard[int | float]:
    return (
        isinstance(value, fields.NUMBER)
        and not isinstance(value, bool)
        and 0 <= value <= MOST_PIXELS
    )
