"""POST /pageview /screen /track /identify /batch /import, the APIs of others, GET /health: events are accepted.

Also GET /openapi.json, GET /docs, and every path that nothing else answers: 404 and 405 in our shape, and preflights.
"""

import gzip
import json
import time
from typing import Any

from footfall import api, wiring
from footfall.body import COLLECT_BYTES, IMPORT_BYTES, read_any, read_json, unpacked_bytes
from footfall.collect.accept import Sender, accept_batch, accept_event, accept_import
from footfall.collect.dialects import pixel, segment
from footfall.collect.dialects.spoken import DIALECTS, accept_spoken
from footfall.collect.dialects.translation import Call
from footfall.collect.front import viewer
from footfall.collect.health import health
from footfall.errors import FootfallError


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one HTTP request."""
    return api.handle(event, HANDLERS, context, "collect")


def one(request: api.Request) -> dict[str, Any]:
    """One event, its type named by the path."""
    body = read_json(request.body, COLLECT_BYTES)
    return accept_event(
        request.path.removeprefix("/"), body, sender(request), now_ms(), wiring.collector()
    )


def batch(request: api.Request) -> dict[str, Any]:
    """Many events of one client."""
    return accept_batch(
        read_json(request.body, COLLECT_BYTES), sender(request), now_ms(), wiring.collector()
    )


def imported(request: api.Request) -> dict[str, Any]:
    """Old events, from a log or another product."""
    body = read_json(request.body, IMPORT_BYTES)
    body["site"] = body.get("site") or request.query.get("site")
    return accept_import(body, sender(request), now_ms(), wiring.collector())


def spoken(request: api.Request) -> dict[str, Any]:
    """Events in the words of another product."""
    dialect = DIALECTS[request.route]
    key = request.key if dialect.has_keys else request.plain_key
    return accept_spoken(dialect, call(request), sender(request, key), now_ms(), wiring.collector())


def seen(request: api.Request) -> api.Response:
    """The pixel: a picture whatever becomes of the event, since nobody reads more of it."""
    headers = {}
    try:
        spoken(request)
    except FootfallError as refusal:
        headers["x-footfall-refused"] = refusal.code
    return api.Response(pixel.GIF, "image/gif", headers=headers)


def segment_settings(request: api.Request) -> dict[str, Any]:
    """What Segment's browser script asks for before it sends."""
    return segment.settings(call(request))


def rudderstack_config(request: api.Request) -> dict[str, Any]:
    """What RudderStack's browser SDK asks for before it sends."""
    return segment.source_config(call(request))


def healthy(request: api.Request) -> dict[str, Any]:
    """The state of the engines."""
    store = wiring.store() if wiring.settings().store_url else None
    return wiring.remembered_health().read(
        time.monotonic(),
        lambda: health(wiring.event_queue(), wiring.counters(), store),
    )


def described(request: api.Request) -> api.Response:
    """The contract as an OpenAPI document; the same until the next deployment."""
    # A tenth of a second with what its lists are taken from, and no event has need of it.
    from footfall.openapi.document import document  # noqa: PLC0415

    body = json.dumps(document(), ensure_ascii=False, separators=(",", ":"))
    headers = {"cache-control": "public, max-age=3600", "access-control-allow-origin": "*"}
    return api.Response(body, "application/json", headers=headers)


def shown(request: api.Request) -> api.Response:
    """The contract as a page for people, which loads nothing."""
    from footfall.openapi.page import page, policy  # noqa: PLC0415 - as above

    headers = {
        "cache-control": "public, max-age=3600",
        "content-security-policy": policy(),
        "referrer-policy": "no-referrer",
        "vary": "accept-encoding",
    }
    body: str | bytes = page()
    if "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["content-encoding"] = gzip.compress(page().encode()), "gzip"
    return api.Response(body, "text/html; charset=utf-8", headers=headers)


def call(request: api.Request) -> Call:
    """A request as a dialect sees it."""
    return Call(
        read=lambda: read_any(request.body, COLLECT_BYTES),
        headers=request.headers,
        query=request.query,
        name=next(iter(request.parameters.values()), "").rstrip("/"),
        ip=request.ip,
    )


def sender(request: api.Request, key: str | None = None) -> Sender:
    """Who sent a request; `key` instead of the one it presents."""
    ip, place = viewer(request.headers, request.ip, wiring.settings().origin_key_sha256)
    return Sender(
        request.key if key is None else key,
        ip,
        request.user_agent,
        unpacked_bytes(request.body),
        origin=request.headers.get("origin", ""),
        headers=request.headers,
        place=place,
    )


def now_ms() -> int:
    """The moment of receipt."""
    return time.time_ns() // 1_000_000


HANDLERS: dict[str, api.Handler] = {
    **dict.fromkeys(("/pageview", "/screen", "/track", "/identify"), one),
    "/batch": batch,
    "/import": imported,
    **dict.fromkeys(DIALECTS, spoken),
    "/pixel.gif": seen,
    "/v1/projects/{writeKey}/settings": segment_settings,
    "/sourceConfig": rudderstack_config,
    "/health": healthy,
    "/openapi.json": described,
    "/docs": shown,
}
