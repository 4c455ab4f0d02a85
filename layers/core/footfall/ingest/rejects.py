"""Deliveries that were not taken are kept: so many of a site and hour, those answered as accepted all of them."""

import json
from collections.abc import Sequence
from typing import Any

from footfall import erasure
from footfall.days import timestamp
from footfall.reject import WHOLE, Reject
from footfall.store import Store

REJECTS_AN_HOUR = 1_000
HOUR_MS = 3_600_000


def store_rejects(rejects: Sequence[Reject], store: Store) -> None:
    """Keep rejects, without those of erased people; a message that comes twice is kept once.

    Of a site and hour the first 1,000 are kept, besides those of codes in `reject.WHOLE`. Raises Unavailable.
    """
    chosen: list[Reject] = []
    room: dict[tuple[str, int], int] = {}
    for reject in _of_nobody_erased(rejects, store):
        if reject.code not in WHOLE:
            hour = (reject.site_id, reject.received_at - reject.received_at % HOUR_MS)
            if hour not in room:
                room[hour] = REJECTS_AN_HOUR - _kept(*hour, store)
            if room[hour] <= 0:
                continue
            room[hour] -= 1
        chosen.append(reject)
    if chosen:
        store.insert("rejects", [row(reject) for reject in chosen])


def row(reject: Reject) -> dict[str, Any]:
    """The row of a reject, by column of sql/migrations/0024_create_rejects.sql."""
    anonymous_id, user_id = reject.ids
    told = reject._asdict() | {
        "received_at": timestamp(reject.received_at),
        "reject_id": str(reject.reject_id),
        "anonymous_id": anonymous_id,
        "user_id": user_id,
    }
    for name in ("item", "made"):
        told[name] = json.dumps(told[name], ensure_ascii=False, separators=(",", ":"))
    return told


def _kept(site_id: str, hour: int, store: Store) -> int:
    asked = {"site": site_id, "hour": hour, "whole": sorted(WHOLE)}
    return int(store.select("ingest/rejects_an_hour", asked).rows[0][0])


def _of_nobody_erased(rejects: Sequence[Reject], store: Store) -> list[Reject]:
    site_keys = erasure.keys({r.site_id for r in rejects}, store) if rejects else {}
    kept: list[Reject] = []
    for reject in rejects:
        keys = site_keys.get(reject.site_id)
        anonymous_id, user_id = reject.ids
        ids = {f"a:{anonymous_id}"} if anonymous_id else set()
        ids |= {f"u:{user_id}"} if user_id else set()
        marks = erasure.recall(ids, reject.site_id, keys, store) if keys and ids else {}
        if not any(reject.received_at <= mark.erased_at_ms for mark in marks.values()):
            kept.append(reject)
    return kept
