"""GET /metrics /timeseries /breakdown /daily: questions about a period are answered."""

import time
from typing import Any

from footfall import api, wiring
from footfall.query.ask import ask


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one HTTP request."""
    return api.handle(
        event, dict.fromkeys(("/metrics", "/timeseries", "/breakdown", "/daily"), answer)
    )


def answer(request: api.Request) -> dict[str, Any] | api.Response:
    """The answer to a question, as JSON or CSV."""
    site = api.read_access(request, wiring.keyring(), wiring.site())
    now_ms = time.time_ns() // 1_000_000
    asked = ask(
        request.path.removeprefix("/"),
        request.query,
        site,
        now_ms,
        wiring.store(),
        wiring.event_queue(),
    )
    return api.Response(asked, "text/csv; charset=utf-8") if isinstance(asked, str) else asked
