"""POST /pageview /screen /track /identify /batch /import, GET /health: events are accepted.

Also every path that nothing else answers: those are 404 and 405 in our own shape, and preflights.
"""

import time
from typing import Any

from footfall import api, wiring
from footfall.body import COLLECT_BYTES, IMPORT_BYTES, read_json
from footfall.collect.accept import Sender, accept_batch, accept_event, accept_import
from footfall.collect.health import health


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one HTTP request."""
    return api.handle(event, HANDLERS)


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


def healthy(request: api.Request) -> dict[str, Any]:
    """The state of the engines."""
    return wiring.remembered_health().read(
        time.monotonic(),
        lambda: health(wiring.event_queue(), wiring.counters(), wiring.store()),
    )


def sender(request: api.Request) -> Sender:
    """Who sent a request."""
    return Sender(
        request.key,
        request.ip,
        request.user_agent,
        len(request.body),
        origin=request.headers.get("origin", ""),
        headers=request.headers,
    )


def now_ms() -> int:
    """The moment of receipt."""
    return time.time_ns() // 1_000_000


HANDLERS: dict[str, api.Handler] = {
    **dict.fromkeys(("/pageview", "/screen", "/track", "/identify"), one),
    "/batch": batch,
    "/import": imported,
    "/health": healthy,
}
