"""GET /realtime: the last minutes of a site."""

import time
from typing import Any

from footfall import api, wiring
from footfall.errors import Forbidden
from footfall.realtime.live import live


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one HTTP request."""
    return api.handle(event, {"/realtime": realtime}, context, "realtime")


def realtime(request: api.Request) -> dict[str, Any]:
    """Who is there now."""
    registry = wiring.registry()
    access = api.reader(request, registry)
    if access.is_filtered:
        raise Forbidden(
            "wrong_scope", "This link shows filtered numbers; live ones have no filter."
        )
    site = api.site_read(access, request, registry)
    return live(site, time.time_ns() // 1_000_000, wiring.counters())
