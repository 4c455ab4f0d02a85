"""POST /rollup, GET /doctor: a run at once, and whether the rollups are right.

Once a minute also: the run over everything that changed since the last one.
"""

from datetime import UTC, datetime
from typing import Any

from footfall import api, deadline, journal, telemetry, wiring
from footfall.body import QUERY_BYTES, read_json
from footfall.rollup.doctor import examine
from footfall.rollup.on_demand import roll_up
from footfall.rollup.run import run


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one HTTP request, or do the run of the schedule."""
    if "requestContext" in event:
        return api.handle(event, HANDLERS, context, "rollup")
    with telemetry.invocation("rollup", context), deadline.within(context):
        done = run(
            now(),
            wiring.store(),
            wiring.event_queue(),
            wiring.registry().stored_site,
            eager=bool(event.get("eager")),
        )
        if "pending" in done:
            telemetry.count(WindowsPending=done["pending"], RollupLag=lag())
    return done


def lag() -> float:
    """How many seconds ago the oldest change was noted that no rollup has seen."""
    oldest = [site.oldest_ms for site in journal.backlog(wiring.store()).values()]
    return max(0.0, now().timestamp() - min(oldest) / 1000) if oldest else 0.0


def rolled_up(request: api.Request) -> dict[str, Any]:
    """What a run did, over days that the body names or over what changed."""
    site = api.admin_access(request, wiring.registry())
    body = read_json(request.body or b"{}", QUERY_BYTES)
    site_of = wiring.registry().stored_site
    # A key of one site neither works for others nor learns how much there is to do.
    only = api.administrator(request, wiring.registry()).site_id is not None
    return roll_up(body, site, now(), wiring.store(), wiring.event_queue(), site_of, only=only)


def examined(request: api.Request) -> dict[str, Any]:
    """How what is accepted, stored and rolled up agrees."""
    site = api.admin_access(request, wiring.registry())
    counters = wiring.counters() if wiring.settings().counters_url else None
    return examine(request.query, site, now(), wiring.store(), wiring.event_queue(), counters)


def now() -> datetime:
    """The moment."""
    return datetime.now(UTC)


HANDLERS: dict[str, api.Handler] = {"/rollup": rolled_up, "/doctor": examined}
