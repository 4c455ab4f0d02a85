"""The commands that send one event."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from footfall_cli.client import Client
from footfall_cli.errors import UsageError

VISITOR = "footfall-cli"
"""The anonymousId of events that name nobody: all of them are one visitor."""


def send(client: Client, kind: str, event: Mapping[str, object], site: str | None) -> str:
    """Send an event; its id. The id is made here, so that a repetition after a cut connection counts once.

    Raises Refused when the server does not take it, UsageError for a wrong key, Unreachable.
    """
    named: dict[str, Any] = {
        name: value for name, value in event.items() if value not in (None, {}, "")
    }
    named.setdefault("eventId", str(uuid.uuid4()))
    if "anonymousId" not in named and "userId" not in named:
        named["anonymousId"] = VISITOR
    if site:
        named["site"] = site
    answer = client.checked(client.post(f"/{kind}", json.dumps(named).encode()))
    return str(answer.get("eventId") or named["eventId"])


def page(address: str, title: str | None = None, referrer: str | None = None) -> dict[str, Any]:
    """The page of a path or a whole URL."""
    field = "url" if "://" in address else "path"
    named = {field: address, "title": title, "referrer": referrer}
    return {name: value for name, value in named.items() if value}


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
