"""The commands that send one event."""

import json
import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from footfall_cli import output
from footfall_cli.client import Client
from footfall_cli.errors import UsageError
from footfall_cli.parameters import Argument, Option
from footfall_cli.target import Target

VISITOR = "footfall-cli"
"""The anonymousId of events that name nobody: all of them are one visitor."""


Visitor = Annotated[
    str | None, Option("--anonymous-id", "The visitor (without --user-id: footfall-cli).")
]
User = Annotated[str | None, Option("--user-id", "The user's userId.")]
EventId = Annotated[
    str | None,
    Option("--event-id", "The event's id; the same id counts once (default: a new one)."),
]
Time = Annotated[str | None, Option("--timestamp", "The event's time, ISO 8601 (default: now).")]


def pageview(
    target: Target,
    page: Annotated[str, Argument("PAGE", "A path or a whole URL.")],
    title: Annotated[str | None, Option("--title", "The page's title.")] = None,
    referrer: Annotated[str | None, Option("--referrer", "The URL of the page before.")] = None,
    anonymous_id: Visitor = None,
    user_id: User = None,
    event_id: EventId = None,
    timestamp: Time = None,
) -> None:
    """Send a pageview."""
    event = {"page": _page(page, title, referrer)}
    _send(target, "pageview", event | _who(anonymous_id, user_id, event_id, timestamp))


def track(
    target: Target,
    name: Annotated[str, Argument("NAME", "The event's name.")],
    pairs: Annotated[list[str] | None, Argument("[NAME=VALUE]...", "Its properties.")] = None,
    page: Annotated[
        str | None, Option("--page", "Where it happened: a path or a whole URL.")
    ] = None,
    anonymous_id: Visitor = None,
    user_id: User = None,
    event_id: EventId = None,
    timestamp: Time = None,
) -> None:
    """Send an event of your own."""
    event = {
        "event": {"name": name, "properties": properties(pairs or [])},
        "page": _page(page) if page else None,
    }
    _send(target, "track", event | _who(anonymous_id, user_id, event_id, timestamp))


def identify(
    target: Target,
    anonymous_id: Annotated[str, Argument("ANONYMOUS_ID", "The visitor's anonymousId.")],
    user_id: Annotated[str, Argument("USER_ID", "The userId that it belongs to.")],
    pairs: Annotated[
        list[str] | None, Argument("[NAME=VALUE]...", "What is known of the user.")
    ] = None,
    event_id: EventId = None,
    timestamp: Time = None,
) -> None:
    """Say which user a visitor is."""
    event = {"traits": properties(pairs or [])}
    _send(target, "identify", event | _who(anonymous_id, user_id, event_id, timestamp))


def properties(pairs: list[str]) -> dict[str, Any]:
    """Properties of `name=value` pairs; a value that is JSON is taken as such. Raises UsageError for another text."""
    named: dict[str, Any] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise UsageError(f"{pair!r} is no property; write name=value")
        try:
            named[name] = json.loads(value, parse_constant=lambda text: text)
        except ValueError:
            named[name] = value
    return named


def _page(address: str, title: str | None = None, referrer: str | None = None) -> dict[str, Any]:
    field = "url" if "://" in address else "path"
    named = {field: address, "title": title, "referrer": referrer}
    return {name: value for name, value in named.items() if value}


def _who(
    anonymous_id: str | None, user_id: str | None, event_id: str | None, timestamp: str | None
) -> dict[str, Any]:
    return {
        "anonymousId": anonymous_id,
        "userId": user_id,
        "eventId": event_id,
        "timestamp": timestamp,
    }


def _send(target: Target, kind: str, event: Mapping[str, object]) -> None:
    """Send an event and print its id, which is made here, so that a repetition after a cut connection counts once."""
    named: dict[str, Any] = {
        name: value for name, value in event.items() if value not in (None, {}, "")
    }
    named.setdefault("eventId", str(uuid.uuid4()))
    if "anonymousId" not in named and "userId" not in named:
        named["anonymousId"] = VISITOR
    if target.site:
        named["site"] = target.site
    with Client(target.settings.url, target.settings.write_key) as client:
        answer = client.checked(client.post(f"/{kind}", json.dumps(named).encode()))
    event_id = str(answer.get("eventId") or named["eventId"])
    if target.as_json:
        output.tell({"eventId": event_id})
    else:
        print(output.clean(event_id))
