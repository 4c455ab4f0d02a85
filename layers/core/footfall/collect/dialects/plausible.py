"""Plausible's event API (`/api/event`) as events of ours.

Its script has no ids and never sends anything again. Source of the wire format: plausible/docs, events-api.md, and the
script as recorded (tests/data/clients); keys have a long and a short spelling.
"""

import json
import re
from typing import Any

from footfall.collect.dialects.translation import Call, Outcome, Translation, without_nulls
from footfall.errors import BadRequest, Unprocessable
from footfall.event import number_text
from footfall.url import split_url
from footfall.user_agent import is_library

DOMAINS = 10
"""So many sites one message may be for."""

_ROUTE = re.compile(r"!?(/[^?#]*)")


def translate(call: Call) -> list[Translation]:
    """One event for each domain. Raises BadRequest and Unprocessable as Plausible would refuse it."""
    body = call.read()
    if not isinstance(body, dict):
        raise BadRequest("invalid_json", "The body must be a JSON object.")
    url = _either(body, "url", "u")
    if not isinstance(url, str) or not url.lower().startswith(("http://", "https://")):
        raise BadRequest("invalid_field", "`url` must begin with http:// or https://.", field="url")
    item = _event(body) | {"page": _page(body, url), "context": _visitor(call)}
    return [Translation(item, domain) for domain in _domains(body, url)]


def answer(outcomes: list[Outcome]) -> dict[str, Any]:
    """Any 200 will do for the script; the ids are for people."""
    taken = [outcome.receipt["eventId"] for outcome in outcomes if outcome.error is None]
    return {"status": "ok", "eventIds": taken}


def _event(body: dict[str, Any]) -> dict[str, Any]:
    name = _either(body, "name", "n")
    if isinstance(name, int | float) and not isinstance(name, bool):
        name = number_text(name)
    if not isinstance(name, str) or not name:
        raise BadRequest("missing_field", "`name` is required.", field="name")
    if name == "engagement":
        return {"type": "engagement", "properties": _engagement(body)}
    properties = _properties(body)
    if name == "pageview":
        return {"type": "pageview", "properties": properties}
    return {"type": "track", "event": {"name": name, "properties": properties}}


def _engagement(body: dict[str, Any]) -> dict[str, Any]:
    made = {
        "engaged_ms": _count(body.get("e")),
        "scroll_depth": _count(body.get("sd"), at_most=100),
    }
    if made == dict.fromkeys(made):
        raise BadRequest("missing_field", "An engagement needs `e` or `sd`.", field="e")
    return without_nulls(made)


def _properties(body: dict[str, Any]) -> Any:
    """The custom properties, and what an event was worth."""
    properties = _object(_either(body, "props", "p", "meta", "m"), "props")
    revenue = _object(_either(body, "revenue", "$"), "revenue")
    worth = {"revenue": revenue.get("amount"), "currency": revenue.get("currency")}
    return properties | without_nulls(worth)


def _page(body: dict[str, Any], url: str) -> dict[str, Any]:
    page = {"url": url, "referrer": _either(body, "referrer", "r")}
    if _either(body, "hashMode", "h") in (1, True, "1", "true"):
        # The fragment is a route only if it looks like one; else it may be a token.
        route = _ROUTE.match(url.partition("#")[2])
        if route:
            page["path"] = split_url(url).path.rstrip("/") + route[1]
    return without_nulls(page)


def _domains(body: dict[str, Any], url: str) -> list[str]:
    given = _either(body, "domain", "d")
    if given is not None and not isinstance(given, str):
        raise BadRequest("invalid_field", "`domain` must be a string.", field="domain")
    named = [name.strip() for name in (given or "").split(",")]
    domains = list(dict.fromkeys(name for name in named if name)) or [split_url(url).host]
    if len(domains) > DOMAINS:
        raise Unprocessable(
            "too_many_sites", f"One event may be for {DOMAINS} domains.", field="domain"
        )
    return domains


def _visitor(call: Call) -> dict[str, Any]:
    """Address and agent of a visitor whom a server speaks for; accept believes them from a secret key only."""
    first = call.headers.get("x-forwarded-for", "").partition(",")[0].strip()
    agent = call.headers.get("user-agent", "")
    return without_nulls(
        {
            "ip": first if first and first != call.ip else None,
            "userAgent": agent if agent and not is_library(agent) else None,
        }
    )


def _either(body: dict[str, Any], *names: str) -> Any:
    """The value under the first of the names that has one."""
    return next((body[name] for name in names if body.get(name) is not None), None)


def _object(value: Any, field: str) -> dict[str, Any]:
    """An object, or the text of one in JSON. Raises BadRequest for anything else."""
    if isinstance(value, str) and value:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = False
    if value in (None, ""):
        return {}
    if not isinstance(value, dict):
        raise BadRequest("invalid_field", f"`{field}` must be an object.", field=field)
    return value


def _count(value: Any, at_most: int = 1 << 53) -> int | None:
    """A whole number in range, None for anything else: Plausible's script sends 255 where it knows no depth."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= at_most else None
