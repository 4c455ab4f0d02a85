"""Umami's tracker (`/api/send`, `/api/batch`) as events of ours.

Its script has no ids and never sends anything again. Source of the wire format: umami-software/umami, the routes and
the tracker's source, and the script as recorded (tests/data/clients).
"""

import re
from typing import Any
from urllib.parse import unquote

from footfall.collect.accept import BATCH_EVENTS
from footfall.collect.dialects.translation import (
    Call,
    Outcome,
    Translation,
    texts,
    time_text,
    without_nulls,
)
from footfall.errors import BadRequest, TooLarge, Unprocessable
from footfall.event import event_uuid

TYPES = ("event", "identify", "performance")
VITALS = ("lcp", "inp", "cls", "fcp", "ttfb", "duration")
WEBSITES = 10
"""So many sites one batch may be for."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_KEPT = "3B|2F|3F|3A|40|26|3D|2B|24|2C|23"
"""What encodeURI does not write and a URL may hold: to decode it would make another URL (ECMA-262, decodeURI)."""
_SCREEN = re.compile(r"(\d{1,5})x(\d{1,5})")


def translate(call: Call) -> list[Translation]:
    """The one event of /api/send. Raises BadRequest."""
    return [Translation(*translated(call.read()))]


def translate_batch(call: Call) -> list[Translation]:
    """The events of /api/batch, a batch for each website.

    Raises BadRequest when it is no list, TooLarge and Unprocessable when there is too much of it.
    """
    messages = call.read()
    if not isinstance(messages, list):
        raise BadRequest("invalid_json", "The body must be a JSON list.")
    if len(messages) > BATCH_EVENTS:
        raise TooLarge(
            "too_many_events",
            f"A request takes {BATCH_EVENTS:,} events; send {len(messages):,} in several.",
        )
    batches: dict[str, list[tuple[int, Any]]] = {}
    for position, message in enumerate(messages):
        try:
            item, website = translated(message)
        except BadRequest:
            # Left as it is, it is refused as an event without a type.
            item, website = {}, _website(message)
        batches.setdefault(website, []).append((position, item))
    if len(batches) > WEBSITES:
        raise Unprocessable("too_many_sites", f"One batch may be for {WEBSITES} websites.")
    return [
        Translation(
            {"batch": [item for _, item in items]},
            website,
            tuple(position for position, _ in items),
        )
        for website, items in batches.items()
    ]


def translated(message: Any) -> tuple[dict[str, Any], str]:
    """A message as an event of ours, and the website it names. Raises BadRequest for what is no message."""
    payload = message.get("payload") if isinstance(message, dict) else None
    if not isinstance(payload, dict):
        raise BadRequest("invalid_field", "`payload` must be an object.", field="payload")
    kind = message.get("type")
    if kind not in TYPES:
        raise BadRequest(
            "unknown_type", "`type` must be one of the allowed.", field="type", allowed=TYPES
        )
    item: dict[str, Any] = {
        "userId": payload.get("id"),
        "timestamp": time_text(payload.get("timestamp")),
        "page": _page(payload),
        "context": _context(payload),
    }
    data = payload.get("data")
    tag = {"tag": payload["tag"]} if payload.get("tag") else {}
    if kind == "identify":
        item |= {"type": "identify", "traits": data}
    elif kind == "performance":
        numbers = {name: payload.get(name) for name in VITALS}
        item |= {"type": "vitals", "properties": without_nulls(numbers)}
    elif payload.get("name") in (None, ""):
        item |= {"type": "pageview", "properties": _with(data, tag)}
    else:
        event = {"name": payload["name"], "properties": _with(data, tag)}
        item |= {"type": "track", "event": event}
    return without_nulls(item), _website(message)


def answer(outcomes: list[Outcome]) -> dict[str, Any]:
    """What the tracker keeps and sends back as `x-umami-cache`; its ids are this event's and tell of no visitor."""
    event_id = outcomes[0].receipt["eventId"]
    own = str(event_uuid(event_id))
    return {"cache": own, "sessionId": own, "visitId": own}


def answer_batch(outcomes: list[Outcome]) -> dict[str, Any]:
    """How many of a batch were taken, and why the others were not."""
    details: list[dict[str, Any]] = []
    size = accepted = 0
    cache = ""
    for translation, receipt, error in outcomes:
        size += len(translation.positions)
        accepted += receipt.get("accepted", 0)
        cache = next((str(event_uuid(i)) for i in receipt.get("eventIds", ()) if i), cache)
        details += _details(translation, receipt, error.body() if error else {})
    details.sort(key=lambda detail: detail["index"])
    return {
        "size": size,
        "processed": accepted,
        "errors": size - accepted,
        "details": details,
        "cache": cache,
    }


def _details(
    translation: Translation, receipt: dict[str, Any], error: dict[str, object]
) -> list[dict[str, Any]]:
    """Why events of one website were refused: each for its own reason, else all for the batch's."""
    rejected = receipt.get("rejected")
    if rejected is None:
        return [{"index": position, "response": error} for position in translation.positions]
    return [
        {
            "index": translation.positions[refusal["index"]],
            "response": {name: value for name, value in refusal.items() if name != "index"},
        }
        for refusal in rejected
    ]


def _page(payload: dict[str, Any]) -> dict[str, Any]:
    """The page. Scripts before version 3 send a path as `url`, the host beside it, and encode all three texts."""
    page: dict[str, Any] = {name: payload.get(name) for name in ("url", "title", "referrer")}
    url, host = payload.get("url"), payload.get("hostname")
    if isinstance(url, str) and not _SCHEME.match(url):
        page |= {name: _decoded(value) for name, value in texts(page, ("url", "referrer")).items()}
        page |= {name: _decoded(value, "") for name, value in texts(page, ("title",)).items()}
        if isinstance(host, str) and host:
            page["url"] = f"https://{host}/{page['url'].removeprefix('/')}"
    return without_nulls(page)


def _decoded(text: str, kept: str = _KEPT) -> str:
    """What JavaScript's encodeURI made this of, or with "" for `kept` encodeURIComponent; any other text is left."""
    plain = re.sub(f"%({kept})", r"%25\1", text, flags=re.IGNORECASE) if kept else text
    try:
        return unquote(plain, errors="strict")
    except UnicodeDecodeError:
        return text


def _context(payload: dict[str, Any]) -> dict[str, Any]:
    context: dict[str, Any] = texts(payload, ("ip", "userAgent"))
    context["locale"] = payload.get("language")
    screen = _SCREEN.fullmatch(payload["screen"]) if texts(payload, ("screen",)) else None
    if screen:
        context["screen"] = {"width": int(screen[1]), "height": int(screen[2])}
    named = texts(payload, ("browser", "os", "device"))
    for name, key in (("browser", "name"), ("os", "name"), ("device", "type")):
        if named.get(name):
            context[name] = {key: named[name]}
    return without_nulls(context)


def _with(data: Any, tag: dict[str, Any]) -> Any:
    """Properties with the tag; data that is no object is left for our own rules to refuse."""
    if data is not None and not isinstance(data, dict):
        return data
    return tag | (data or {})


def _website(message: Any) -> str:
    payload = message.get("payload") if isinstance(message, dict) else None
    return texts(payload, ("website",)).get("website", "")
