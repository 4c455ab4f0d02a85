"""GET /metrics /timeseries /breakdown /daily /values /properties, POST /query: questions are answered."""

import time
from typing import Any

from footfall import api, wiring
from footfall.body import QUERY_BYTES, read_any
from footfall.errors import Forbidden
from footfall.query.ask import REPORTS, ask
from footfall.query.narrowed import narrowed_parameters, narrowed_queries
from footfall.query.sites import ask_sites
from footfall.site import Site


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one HTTP request."""
    return api.handle(event, HANDLERS, context, "query")


def answer(request: api.Request) -> api.Answer:
    """The answer to a question, as JSON or CSV."""
    registry = wiring.registry()
    access = api.reader(request, registry)
    site = api.site_read(access, request, registry)
    name = request.path.removeprefix("/")
    asked = request.query
    if access.is_filtered:
        if name == "daily":
            raise Forbidden("wrong_scope", "This link shows filtered numbers; /daily has none.")
        asked = narrowed_parameters(asked, access.filters)
    return _shown(ask(name, asked, site, now_ms(), wiring.store(), wiring.event_queue()))


def answer_queries(request: api.Request) -> api.Answer:
    """The answer to one query or to a list of them, each about the site it names."""
    registry = wiring.registry()
    access = api.reader(request, registry)

    def site_of(named: str | None) -> Site:
        return api.site_read(access, request, registry, named)

    site_of(None)
    body = read_any(request.body, QUERY_BYTES)
    if access.is_filtered:
        body = narrowed_queries(body, access.filters)
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
