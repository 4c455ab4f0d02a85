"""Everything that is kept about a person, in pages that fit into an answer.

Kept are their events and who is who; rollups and counters are made of these and hold hashes only.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from footfall import erasure
from footfall.days import iso
from footfall.erasure import IDS_A_STATEMENT, Person
from footfall.errors import Unprocessable
from footfall.event import POSITIONS
from footfall.site import Site
from footfall.store import Store

PAGE_EVENTS = 1_000
PAGE_BYTES = 3_000_000
"""Lambda answers up to 6 MB, and a body is quoted once more on its way."""
MOST_REJECTS = 50
"""An item may have 32 KB."""
COLUMNS = (
    "type", "name", "actor", "user_id", "path", "hostname", "title", "referrer", "source", "channel",
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "country", "region", "city",
    "device", "browser", "browser_version", "os", "os_version", "language", "screen_size",
    "is_bot", "bot_reason", "is_imported", "properties",
)  # fmt: skip
"""What an event holds besides its id and times, in the order of privacy/export_events.sql."""
_START = (-1, 0, "00000000-0000-0000-0000-000000000000")


def export(
    visitor_id: str, parameters: Mapping[str, str], site: Site, now_ms: int, store: Store
) -> dict[str, Any]:
    """One page of what is kept about the person behind a userId or anonymousId; `meta.next` is the cursor of the next.

    Raises Unprocessable for a limit or a cursor that cannot be one and for a person with too many ids, Unavailable.
    """
    limit, after = _limit(parameters), _cursor(parameters)
    somebody = erasure.person(visitor_id, site.id, store)
    if max(len(somebody.actors), len(somebody.users)) > IDS_A_STATEMENT:
        raise Unprocessable(
            "too_many_ids",
            f"This visitor has more than {IDS_A_STATEMENT} ids; export them one by one.",
        )
    (who,) = erasure.statements_of(somebody, site.id, store)
    t, receipt, event_id = after
    asked = {**who, "t": t, "receipt": receipt, "event_id": event_id, "limit": limit + 1}
    rows = store.select("privacy/export_events", asked).rows
    events: list[dict[str, Any]] = []
    size = 0
    for row in rows[:limit]:
        event = _event(row)
        size += len(json.dumps(event))
        if events and size > PAGE_BYTES:
            break
        events.append(event)
    last = rows[len(events) - 1] if len(events) < len(rows) else None
    known = erasure.known_ids(somebody, site.id, store)
    return {
        "visitor": {
            "id": visitor_id,
            "anonymousIds": sorted(
                {actor[2:] for actor in known.actors}
                | {e["actor"][2:] for e in events if e["actor"] in somebody.actors}
            ),
            "userIds": sorted(known.users | {e["user_id"] for e in events if e["user_id"]}),
        },
        "events": events,
        "links": _links(somebody, who, store),
        "aliases": _aliases(somebody, who, store),
        "rejects": _rejects(who, store),
        "meta": {
            "site": site.id,
            "at": iso(now_ms),
            "events": store.select("privacy/export_total", who).rows[0][0],
            "next": f"{last[0]}.{last[1]}.{last[2]}" if last else None,
        },
    }


def _event(row: tuple[Any, ...]) -> dict[str, Any]:
    t, receipt, event_id, *values = row
    event = {
        "event_id": str(event_id),
        "timestamp": iso(t),
        "received_at": iso(receipt // POSITIONS),
        **dict(zip(COLUMNS, values, strict=True)),
    }
    event["properties"] = json.loads(event["properties"] or "{}")
    return event


def _links(somebody: Person, who: Mapping[str, Any], store: Store) -> list[dict[str, Any]]:
    return [
        {
            "anonymousId": actor[2:],
            "userId": user_id,
            "event_id": event_id,
            "received_at": iso(receipt // POSITIONS),
        }
        for actor, receipt, event_id, user_id in store.select("privacy/links_of", who).rows
        if user_id in somebody.users
    ]


def _aliases(somebody: Person, who: Mapping[str, Any], store: Store) -> list[dict[str, Any]]:
    asked = {
        "site": who["site"],
        "users": who["users"],
        "previous_ids": erasure.previous_ids(somebody),
    }
    return [
        {
            "previousId": previous_id,
            "userId": user_id,
            "event_id": event_id,
            "received_at": iso(receipt // POSITIONS),
        }
        for previous_id, receipt, event_id, user_id in store.select(
            "privacy/aliases_of", asked
        ).rows
        if user_id in somebody.users
    ]


def _rejects(who: Mapping[str, Any], store: Store) -> list[dict[str, Any]]:
    """What was sent under the person's ids and not taken."""
    asked = {**who, "limit": MOST_REJECTS}
    return [
        {
            "received_at": iso(at),
            "code": code,
            "message": message,
            "event": json.loads(made) or json.loads(item),
        }
        for at, code, message, item, made in store.select("privacy/export_rejects", asked).rows
    ]


def _limit(parameters: Mapping[str, str]) -> int:
    text = parameters.get("limit", str(PAGE_EVENTS))
    if not re.fullmatch(r"[1-9]\d{0,3}", text) or int(text) > PAGE_EVENTS:
        raise Unprocessable(
            "invalid_limit", f"`limit` must be a number from 1 to {PAGE_EVENTS}.", field="limit"
        )
    return int(text)


def _cursor(parameters: Mapping[str, str]) -> tuple[int, int, str]:
    text = parameters.get("cursor", "")
    if not text:
        return _START
    match = re.fullmatch(
        r"(\d{1,15})\.(\d{1,19})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", text
    )
    if not match:
        raise Unprocessable(
            "invalid_cursor", "`cursor` must be `meta.next` of the page before.", field="cursor"
        )
    return int(match[1]), int(match[2]), match[3]
