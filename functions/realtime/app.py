"""GET /realtime: the last minutes of a site."""

import time
from typing import Any

from footfall import api, wiring
from footfall.realtime.live import live


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one HTTP request."""
    return api.handle(event, {"/realtime": realtime})


def realtime(request: api.Request) -> dict[str, Any]:
    """Who is there now."""
    site = api.read_access(request, wiring.registry())
    return live(site, time.time_ns() // 1_000_000, wiring.counters())
