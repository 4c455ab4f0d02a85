"""DELETE /visitors/{id}, GET /visitors/{id}/export: a person is erased or shown.

Once a day also: what is too old is forgotten.
"""

import secrets
import time
from typing import Any

from footfall import api, deadline, telemetry, wiring
from footfall.errors import Unprocessable
from footfall.privacy.erase import erase
from footfall.privacy.export import export
from footfall.privacy.retention import expire_all


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one HTTP request, or do the daily run."""
    if "requestContext" in event:
        return api.handle(event, HANDLERS, context, "privacy")
    with telemetry.invocation("privacy", context), deadline.within(context):
        return expire_all(wiring.registry(), now_ms(), wiring.store())


def erased(request: api.Request) -> dict[str, Any]:
    """The receipt of an erasure."""
    site = api.admin_access(request, wiring.registry())
    return erase(
        visitor_id(request),
        site,
        now_ms(),
        secrets.token_bytes(10),
        wiring.store(),
        wiring.counters(),
    )


def exported(request: api.Request) -> dict[str, Any]:
    """A page of everything that is kept about a person."""
    site = api.admin_access(request, wiring.registry())
    return export(visitor_id(request), request.query, site, now_ms(), wiring.store())


def visitor_id(request: api.Request) -> str:
    """The id of the query, else of the path. Halves of surrogate pairs were stored as U+FFFD."""
    given = request.query.get("id", request.parameters["id"])
    if not given:
        # An `id` that was meant and left empty must not erase who the path names.
        raise Unprocessable("missing_id", "`id` is empty; name a visitor.", field="id")
    return given.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def now_ms() -> int:
    """The moment."""
    return time.time_ns() // 1_000_000


HANDLERS: dict[str, api.Handler] = {"/visitors/{id}": erased, "/visitors/{id}/export": exported}
