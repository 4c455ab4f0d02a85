"""/sites and /sites/{id}/keys: who may send what to which site, and who may read it. /rejects: what was not taken.

Once a minute also: the registry is carried from the store to where collect finds it.
"""

import json
import time
from collections.abc import Mapping
from typing import Any

from footfall import api, wiring
from footfall.admin import keys, sites
from footfall.body import QUERY_BYTES, read_json
from footfall.collect.refused import remade
from footfall.errors import BadRequest
from footfall.event import Event
from footfall.query.period import iso
from footfall.query.question import Question, read_question
from footfall.query.reads import Reads
from footfall.query.table import to_csv
from footfall.reject import Reject
from footfall.rejects.by_code import by_code
from footfall.rejects.replay import Selection, replay
from footfall.site import Site


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one HTTP request, or carry the registry."""
    if "requestContext" in event:
        return api.handle(event, HANDLERS)
    return {"sites": wiring.registry().carry()}


def all_sites(request: api.Request) -> dict[str, Any]:
    """The sites of a key, or a new one."""
    access, registry = api.administrator(request, wiring.registry()), wiring.registry()
    if request.method == "GET":
        return sites.list_sites(access, registry)
    return sites.make_site(body(request), access, now_ms(), registry, wiring.store())


def one_site(request: api.Request) -> dict[str, Any]:
    """A site shown, changed or deleted."""
    access, registry = api.administrator(request, wiring.registry()), wiring.registry()
    site_id = request.parameters["id"]
    if request.method == "GET":
        return sites.show_site(site_id, access, registry)
    if request.method == "DELETE":
        return sites.remove_site(site_id, access, now_ms(), registry, wiring.store())
    return sites.change_site(site_id, body(request), access, now_ms(), registry, wiring.store())


def site_keys(request: api.Request) -> dict[str, Any]:
    """The keys of a site, or a new one."""
    access, registry = api.administrator(request, wiring.registry()), wiring.registry()
    site_id = request.parameters["id"]
    if request.method == "GET":
        return keys.list_keys(site_id, access, registry)
    return keys.make_site_key(site_id, body(request), access, now_ms(), registry, wiring.store())


def one_key(request: api.Request) -> dict[str, Any]:
    """A key that is revoked."""
    access, registry = api.administrator(request, wiring.registry()), wiring.registry()
    site_id, key_id = request.parameters["id"], request.parameters["key_id"]
    return keys.revoke_key(site_id, key_id, access, now_ms(), registry, wiring.store())


def rejects(request: api.Request) -> api.Answer:
    """Why deliveries of a time were not taken."""
    site = api.admin_access(request, wiring.registry())
    question = asked(request.query, site)
    start, end = question.period.start, question.period.end
    rows = by_code(site.id, start, end, request.query.get("code", ""), wiring.store())
    if request.query.get("format") == "csv":
        table = [row | {"example": json.dumps(row["example"], ensure_ascii=False)} for row in rows]
        return api.Response(
            to_csv(table, ("code", "count", "last", "example")), "text/csv; charset=utf-8"
        )
    return {"data": rows, "meta": told(question)}


def replayed(request: api.Request) -> dict[str, Any]:
    """How many deliveries were taken by the rules as they are now; what to replay stands in the body or the query."""
    given = {**request.query, **texts(body(request) if request.body else {})}
    site = api.admin_access(request, wiring.registry(), given.get("site"))
    question = asked(given, site)
    chosen = Selection(site.id, question.period.start, question.period.end, given.get("code", ""))

    def remake(reject: Reject) -> Event | None:
        return remade(reject, site)

    done = replay(chosen, remake, wiring.store(), wiring.event_queue())
    return done | {"meta": told(question)}


def asked(parameters: Mapping[str, str], site: Site) -> Question:
    """The time that parameters name."""
    reads = Reads(site.id, wiring.store())
    return read_question(parameters, site, now_ms(), reads.first_event, "none")


def told(question: Question) -> dict[str, Any]:
    """What an answer says of the time it is about."""
    bounds = (question.period.start, question.period.end)
    start, end = (iso(bound, question.zone) for bound in bounds)
    return {
        "site": question.site.id,
        "timezone": question.zone.key,
        "period": {"start": start, "end": end},
    }


def texts(given: dict[str, Any]) -> dict[str, str]:
    """The fields of a body as parameters."""
    for name, value in given.items():
        if not isinstance(value, str):
            raise BadRequest("invalid_field", f"`{name[:100]}` must be a string.", field=name[:100])
    return given


def body(request: api.Request) -> dict[str, Any]:
    """The JSON of a request."""
    return read_json(request.body, QUERY_BYTES)


def now_ms() -> int:
    """The moment."""
    return time.time_ns() // 1_000_000


HANDLERS: dict[str, api.Handler] = {
    "/sites": all_sites,
    "/sites/{id}": one_site,
    "/sites/{id}/keys": site_keys,
    "/sites/{id}/keys/{key_id}": one_key,
    "/rejects": rejects,
    "/rejects/replay": replayed,
}
