"""GET /metrics /timeseries /breakdown /daily /values /properties, POST /query: questions are answered."""

import time
from typing import Any

from footfall import api, wiring
from footfall.body import QUERY_BYTES, read_any
from footfall.query.ask import REPORTS, ask
from footfall.query.sites import ask_sites
from footfall.site import Site


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one HTTP request."""
    return api.handle(event, HANDLERS)


def answer(request: api.Request) -> api.Answer:
    """The answer to a question, as JSON or CSV."""
    site = api.read_access(request, wiring.registry())
    name = request.path.removeprefix("/")
    return _shown(ask(name, request.query, site, now_ms(), wiring.store(), wiring.event_queue()))


def answer_queries(request: api.Request) -> api.Answer:
    """The answer to one query or to a list of them, each about the site it names."""

    def site_of(named: str | None) -> Site:
        return api.read_access(request, wiring.registry(), named)

    site_of(None)
    body = read_any(request.body, QUERY_BYTES)
    return _shown(ask_sites(body, site_of, now_ms(), wiring.store(), wiring.event_queue()))


def now_ms() -> int:
    """The moment at which it is asked."""
    return time.time_ns() // 1_000_000


def _shown(told: dict[str, Any] | list[dict[str, Any]] | str) -> api.Answer:
    return api.Response(told, "text/csv; charset=utf-8") if isinstance(told, str) else told


HANDLERS: dict[str, api.Handler] = {
    **dict.fromkeys((f"/{name}" for name in REPORTS), answer),
    "/query": answer_queries,
}
