"""/sites and /sites/{id}/keys: who may send what to which site, and who may read it. /rejects: what was not taken.

Once a minute also: the registry is carried from the store to where collect finds it.
"""

import json
import time
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from footfall import api, deadline, telemetry, wiring
from footfall.admin import annotations, keys, shares, sites
from footfall.admin.access import show_access
from footfall.body import QUERY_BYTES, read_json
from footfall.collect.health import note_store
from footfall.collect.refused import remade
from footfall.days import FIRST_DAY, LAST_DAY, midnight
from footfall.errors import BadRequest, Unavailable, Unprocessable
from footfall.event import Event
from footfall.query.ask import ask
from footfall.query.filters import build_filter
from footfall.query.narrowed import narrowed_parameters
from footfall.query.period import iso, moment
from footfall.query.question import Question, read_question
from footfall.query.reads import Reads
from footfall.query.table import to_csv
from footfall.reject import Reject
from footfall.rejects.by_code import by_code
from footfall.rejects.replay import Selection, replay
from footfall.site import Site


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one HTTP request, or carry the registry: that run fails, and rings, when an engine does not answer."""
    if "requestContext" in event:
        return api.handle(event, HANDLERS, context, "admin")
    with telemetry.invocation("admin", context), deadline.within(context):
        done = {"sites": wiring.registry().carry(must_arrive=True)}
        note_store(wiring.store(), wiring.counters())
    return done


def own_access(request: api.Request) -> dict[str, Any]:
    """What a key may do, and of which sites."""
    registry = wiring.registry()
    access = api.reader(request, registry)
    return show_access(access, wiring.settings().path_prefix, registry)


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
    done = keys.revoke_key(site_id, key_id, access, now_ms(), registry, wiring.store())
    unwatched(key_id, site_id)
    return done


def site_shares(request: api.Request) -> dict[str, Any]:
    """The shared links of a site, or a new one, whose secret stands in the fragment of its URL."""
    access, registry = api.administrator(request, wiring.registry()), wiring.registry()
    site_id = request.parameters["id"]
    if request.method == "GET":
        return shares.list_shares(site_id, access, now_ms(), registry, wiring.store())
    told = body(request)
    filters = told.get("filters")
    filters = [] if filters is None else filters
    build_filter(filters)
    if filters and access.covers(site_id):
        can_be_asked(filters, registry.site_to_read(site_id) or registry.default.site)
    expires_at = None if told.get("expires") is None else at(told, "expires", site_id)
    share, secret = shares.make_share(
        site_id, told, filters, expires_at, access, now_ms(), registry, wiring.store()
    )
    url = f"{wiring.settings().dashboard_url}/share/{share.share_id}#k={secret}"
    return {"share": shares.shown(share, now_ms()), "url": url}


def can_be_asked(filters: list[Any], site: Site) -> None:
    """Refuse fixed filters under which no narrowed question could be answered, by asking one. Raises Unprocessable."""
    narrowing = json.dumps([["is", "country", ["XX"]]] * 10)
    question = {"period": "today", "metrics": "events", "compare": "none", "filters": narrowing}
    asked = narrowed_parameters(question, json.dumps(filters))
    ask("metrics", asked, site, now_ms(), wiring.store(), wiring.event_queue())


def one_share(request: api.Request) -> dict[str, Any]:
    """A shared link that is revoked."""
    access, registry = api.administrator(request, wiring.registry()), wiring.registry()
    site_id, share_id = request.parameters["id"], request.parameters["share_id"]
    done = shares.revoke_share(site_id, share_id, access, now_ms(), registry, wiring.store())
    unwatched(share_id, site_id)
    return done


def unwatched(by: str, site_id: str) -> None:
    """End the sockets that were opened with what was revoked. It is revoked all the same where they cannot be told:
    then they end by themselves.
    """
    registry = wiring.registry()
    every = [site.id for site in registry.sites()] if site_id == sites.ALL_SITES else [site_id]
    try:
        wiring.watchers().revoke(by, every)
    except Unavailable as error:
        telemetry.report("open sockets were not told that their access was revoked", error)


def site_annotations(request: api.Request) -> dict[str, Any]:
    """The notes and deploys of a site in a time, or a new one. Who reads a site reads them too."""
    registry, site_id = wiring.registry(), request.parameters["id"]
    if request.method == "POST":
        site = api.site_read(api.administrator(request, registry), request, registry, site_id)
        told = body(request)
        when = at(told, "at", site_id)
        return annotations.make_annotation(site, told, when, now_ms(), wiring.store())
    site = api.read_access(request, registry, site_id)
    start = at(request.query, "start", site_id) if request.query.get("start") else _FIRST_MS
    end = at(request.query, "end", site_id) if request.query.get("end") else _LAST_MS
    return annotations.list_annotations(site, start, end, wiring.store())


def one_annotation(request: api.Request) -> dict[str, Any]:
    """A note or deploy that is deleted."""
    registry, parameters = wiring.registry(), request.parameters
    access = api.administrator(request, registry)
    site = api.site_read(access, request, registry, parameters["id"])
    return annotations.delete_annotation(site, parameters["annotation_id"], wiring.store())


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


def at(told: Mapping[str, Any], name: str, site_id: str) -> int:
    """The moment (ms) that a field names: a date (its midnight) or time, in the site's zone unless it has an offset."""
    given = told.get(name)
    if not isinstance(given, str):
        raise Unprocessable(
            "invalid_field", f"`{name}` must be a date or time such as 2026-03-01.", field=name
        )
    site = wiring.registry().site_to_read(site_id)
    return moment(given, (site or wiring.registry().default.site).zone, name)


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


_FIRST_MS, _LAST_MS = midnight(FIRST_DAY, ZoneInfo("UTC")), midnight(LAST_DAY, ZoneInfo("UTC"))
HANDLERS: dict[str, api.Handler] = {
    "/access": own_access,
    "/sites": all_sites,
    "/sites/{id}": one_site,
    "/sites/{id}/keys": site_keys,
    "/sites/{id}/keys/{key_id}": one_key,
    "/sites/{id}/shares": site_shares,
    "/sites/{id}/shares/{share_id}": one_share,
    "/sites/{id}/annotations": site_annotations,
    "/sites/{id}/annotations/{annotation_id}": one_annotation,
    "/rejects": rejects,
    "/rejects/replay": replayed,
}
