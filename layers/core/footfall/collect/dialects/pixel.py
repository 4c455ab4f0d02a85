"""A picture of one transparent pixel whose address says what was seen: for mails and pages without scripts."""

import base64
from typing import Any

from footfall.collect.dialects.translation import Call, Outcome, Translation

GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
"""43 bytes, GIF89a, 1 by 1, transparent."""


def translate(call: Call) -> list[Translation]:
    """A pageview, with `name` a track."""
    page = {
        name: call.query[name]
        for name in ("url", "path", "title", "referrer")
        if name in call.query
    }
    item: dict[str, Any] = {"type": "pageview", "page": page}
    if call.query.get("name"):
        item |= {"type": "track", "event": {"name": call.query["name"]}}
    return [Translation(item)]


def answer(outcomes: list[Outcome]) -> dict[str, Any]:
    """Nothing to read: whoever asked gets the picture."""
    return {}
