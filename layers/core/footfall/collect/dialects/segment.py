"""Segment's HTTP tracking API as events of ours; RudderStack's SDKs speak it too.

`/v1/{track,page,screen,identify,group,alias,batch}` and the one-letter paths of Segment's browser script. Source of the
wire format: segmentio/segment-docs, libraries/server/http-api; rudderlabs' SDKs as recorded (tests/data/clients).
"""

import base64
import binascii
import json
import re
from typing import Any

from footfall.collect.dialects.translation import (
    Call,
    Outcome,
    Translation,
    texts,
    time_text,
    without_nulls,
)
from footfall.errors import BadRequest, NotFound, TooLarge

CALLS = {
    "track": "track", "t": "track",
    "page": "page", "p": "page",
    "screen": "screen", "s": "screen",
    "identify": "identify", "i": "identify",
    "group": "group", "g": "group",
    "alias": "alias", "a": "alias",
    "batch": "batch", "b": "batch",
}  # fmt: skip
"""What stands behind /v1/, and the call it is."""
METRICS = "m"
"""Where the browser script posts numbers about itself; answered and dropped."""
SHARED_BYTES = 4 << 20
"""The most that a context shared by all events of a batch may come to when each of them holds it."""

_PAGE = ("path", "url", "title", "referrer", "search")
_TIMES = ("timestamp", "originalTimestamp", "sentAt")
_SAME = (*_TIMES, "userId", "anonymousId", "previousId", "groupId", "messageId")
_DEVICES = {"ios": "mobile", "android": "mobile"}
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?")
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")


def translate(call: Call) -> list[Translation]:
    """The events of a call. Raises NotFound for a path that Segment has not, BadRequest and TooLarge."""
    if call.name == METRICS:
        return []
    kind = CALLS.get(call.name)
    if kind is None:
        raise NotFound("not_found", f"There is no /v1/{call.name[:100]} here; see docs/api.md.")
    given = call.read()
    if not isinstance(given, dict):
        raise BadRequest("invalid_json", "The body must be a JSON object.")
    made = (
        {"batch": _items(given)}
        if kind == "batch"
        else translated(given | {"type": kind}, _anonymous_id(call))
    )
    sent_at = time_text(given.get("sentAt") or call.headers.get("sentat"))
    if sent_at is not None:
        made["sentAt"] = sent_at
    key = given.get("writeKey")
    # Some clients mask it in the body and send it in a header.
    if isinstance(key, str) and key.strip("*"):
        made["writeKey"] = key
    return [Translation(made)]


def answer(outcomes: list[Outcome]) -> dict[str, Any]:
    """What Segment answers, and our own receipt, which no SDK reads."""
    receipt = outcomes[0].receipt if outcomes else {}
    return {"success": True} | receipt


def translated(item: dict[str, Any], anonymous_id: str = "") -> dict[str, Any]:
    """An item of Segment's as an event of ours; what is of no type of Segment's is left as it is."""
    kind = item.get("type")
    if kind not in ("page", "track", "screen", "identify", "group", "alias"):
        return item
    made: dict[str, Any] = {name: item.get(name) for name in _SAME}
    made |= {name: time_text(made[name]) for name in _TIMES}
    made["anonymousId"] = made["anonymousId"] or anonymous_id or None
    made["type"] = "pageview" if kind == "page" else kind
    made["context"] = _context(item.get("context"))
    properties = item.get("properties")
    if kind == "page":
        made["page"] = texts(properties, _PAGE)
        made["properties"] = _named(_without_page(properties), item)
    elif kind == "track":
        made["event"] = {"name": item.get("event"), "properties": properties}
    elif kind == "screen":
        made["screen"] = {"name": item.get("name"), "properties": _named(properties, item)}
    elif kind in ("identify", "group"):
        context = item.get("context")
        made["traits"] = item.get("traits") or (
            context.get("traits") if isinstance(context, dict) else None
        )
    return without_nulls(made)


def settings(call: Call) -> dict[str, Any]:
    """The settings document that Segment's browser script asks for before it sends anything.

    It tells the script to send to the host that was asked, by the same scheme and below the same prefix.
    """
    return {
        "integrations": {
            "Segment.io": {
                "apiKey": call.name,
                "apiHost": _api_host(call),
                "protocol": _scheme(call),
                "retryQueue": True,
                "unbundledIntegrations": [],
                "bundledConfigIds": [],
                "unbundledConfigIds": [],
                "addBundledMetadata": True,
                "maybeBundledConfigIds": {},
            }
        },
        "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
        "metrics": {"sampleRate": 0},
        "edgeFunction": {},
        "enabledMiddleware": {},
        "middlewareSettings": {},
        "remotePlugins": [],
        "legacyVideoPluginsEnabled": False,
        "analyticsNextEnabled": True,
    }


def source_config(call: Call) -> dict[str, Any]:
    """What RudderStack's browser SDK asks its `configUrl` for: no destinations, and no numbers about itself."""
    nothing = {"enabled": False}
    return {
        "source": {
            "id": "footfall",
            "name": "footfall",
            "writeKey": call.query.get("writeKey", ""),
            "enabled": True,
            "workspaceId": "footfall",
            "config": {"statsCollection": {"errors": nothing, "metrics": nothing}},
            "destinations": [],
        }
    }


def _items(body: dict[str, Any]) -> Any:
    items = body.get("batch")
    if not isinstance(items, list):
        return items
    shared = body.get("context")
    if isinstance(shared, dict) and shared:
        if len(json.dumps(shared, ensure_ascii=False)) * len(items) > SHARED_BYTES:
            raise TooLarge(
                "too_large", "The batch's `context` is too large to be every event's; send less."
            )
        items = [_with_context(item, shared) for item in items]
    return [translated(item) if isinstance(item, dict) else item for item in items]


def _with_context(item: Any, shared: dict[str, Any]) -> Any:
    if not isinstance(item, dict):
        return item
    own = item.get("context")
    if own is not None and not isinstance(own, dict):
        return item
    return item | {"context": shared | (own or {})}


def _context(context: Any) -> Any:
    """Segment's context in our words: a device's kind, and consent by categories."""
    if not isinstance(context, dict):
        return context
    made = {name: value for name, value in context.items() if name != "traits"}
    device = made.get("device")
    if isinstance(device, dict) and isinstance(device.get("type"), str):
        kind = device["type"].lower()
        made["device"] = device | {"type": _DEVICES.get(kind, kind)}
    consent = made.get("consent")
    if isinstance(consent, dict):
        # Segment's consent manager: which categories were agreed to. Without any, nothing was.
        categories = consent.get("categoryPreferences")
        refused = isinstance(categories, dict) and bool(categories) and not any(categories.values())
        made["consent"] = "denied" if refused else None
    return made


def _without_page(properties: Any) -> Any:
    """Properties without those that are the event's page."""
    if not isinstance(properties, dict):
        return properties
    return {
        name: value
        for name, value in properties.items()
        if name not in _PAGE or not isinstance(value, str)
    }


def _named(properties: Any, item: dict[str, Any]) -> Any:
    """Properties with the name and category that stand beside them."""
    if properties is not None and not isinstance(properties, dict):
        return properties
    beside = {"category": item.get("category")}
    if item.get("type") == "page":
        beside["name"] = item.get("name")
    return without_nulls(beside) | (properties or {})


def _anonymous_id(call: Call) -> str:
    """RudderStack's browser SDK sends it in a header, too, as base64."""
    try:
        return base64.b64decode(call.headers.get("anonymousid", ""), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _api_host(call: Call) -> str:
    host = call.headers.get("x-forwarded-host", "").partition(",")[0].strip()
    if not _HOST.fullmatch(host):
        host = call.headers.get("host", "")
    prefix = call.headers.get("x-forwarded-prefix", "").partition(",")[0].strip().rstrip("/")
    host = host if _HOST.fullmatch(host) else "localhost"
    return f"{host}{prefix if _PREFIX.fullmatch(prefix) else ''}/v1"


def _scheme(call: Call) -> str:
    # The first is what the browser spoke, whatever stands between.
    scheme = call.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    return scheme if scheme in ("http", "https") else "https"
