"""GET /rejects: how many deliveries of a time were not taken, by reason."""

import json
from typing import Any

from footfall.days import iso
from footfall.store import Store


def by_code(site_id: str, start: int, end: int, code: str, store: Store) -> list[dict[str, Any]]:
    """`[{"code", "count", "last", "example": {"message", "field", "event"}}]`, the most frequent first.

    Times are ms since 1970; `code` "" means all. Raises Unavailable.
    """
    asked = {"site": site_id, "start": max(start, 0), "end": max(end, 0), "code": code}
    return [
        {"code": code, "count": count, "last": iso(last), "example": _example(*example)}
        for code, count, last, example in store.select("rejects/by_code", asked).rows
    ]


def _example(message: str, field: str, item: str, made: str) -> dict[str, Any]:
    event = json.loads(made).get("same") or json.loads(item) or None
    return {"message": message} | ({"field": field} if field else {}) | {"event": event}
