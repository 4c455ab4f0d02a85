"""GET /realtime: the last minutes of a site. POST /realtime/ticket: a ticket to watch them."""

import time
from typing import Any

from footfall import api, wiring
from footfall.body import QUERY_BYTES, read_json
from footfall.errors import BadRequest, Forbidden
from footfall.keys import Access
from footfall.realtime.live import live
from footfall.realtime.ticket import address, make_ticket


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one HTTP request."""
    return api.handle(event, HANDLERS, context, "realtime")


def realtime(request: api.Request) -> dict[str, Any]:
    """Who is there now."""
    return live(site_watched(request)[0], now_ms(), wiring.counters())


def ticket(request: api.Request) -> dict[str, Any]:
    """A ticket that opens one socket, and where."""
    named = read_json(request.body or b"{}", QUERY_BYTES).get("site")
    if not isinstance(named, str | None):
        raise BadRequest("invalid_field", "`site` must be a string.", field="site")
    site_id, access = site_watched(request, named)
    told = wiring.settings()
    key_sha256, elsewhere = told.origin_key_sha256, told.dashboard_origins
    url = address(request.headers, key_sha256, told.live_url, elsewhere)
    return make_ticket(site_id, access, request.bearer, url, now_ms(), wiring.watchers())


def site_watched(request: api.Request, named: str | None = None) -> tuple[str, Access]:
    """The id of the site whose live numbers a request may read, and by what. Raises as api.read_access."""
    registry = wiring.registry()
    access = api.reader(request, registry)
    if access.is_filtered:
        raise Forbidden(
            "wrong_scope", "This link shows filtered numbers; live ones have no filter."
        )
    return api.site_read(access, request, registry, named).id, access


def now_ms() -> int:
    """The moment."""
    return time.time_ns() // 1_000_000


HANDLERS: dict[str, api.Handler] = {"/realtime": realtime, "/realtime/ticket": ticket}
