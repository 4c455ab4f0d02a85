"""Deliveries that were not taken are kept: so many of a site and hour, those answered as accepted all of them."""

from collections.abc import Sequence
from typing import Any

from footfall import erasure
from footfall.body import compact
from footfall.days import HOUR_MS, timestamp
from footfall.reject import REJECTS_AN_HOUR, WHOLE, Reject
from footfall.store import Store


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
        told[name] = compact(told[name])
    return told


def _kept(site_id: str, hour: int, store: Store) -> int:
    asked = {"site": site_id, "hour": hour, "whole": sorted(WHOLE)}
    return int(store.select("ingest/rejects_an_hour", asked).rows[0][0])


def _of_nobody_erased(rejects: Sequence[Reject], store: Store) -> list[Reject]:
    if not rejects:
        return []
    erased: dict[tuple[str, str], int] = {}
    for site_id, keys in erasure.keys({reject.site_id for reject in rejects}, store).items():
        ids = {an_id for reject in rejects if reject.site_id == site_id for an_id in _ids(reject)}
        marks = erasure.recall(ids, site_id, keys, store)
        erased |= {(site_id, an_id): mark.erased_at_ms for an_id, mark in marks.items()}
    return [
        reject
        for reject in rejects
        if all(
            reject.received_at > erased.get((reject.site_id, an_id), -1) for an_id in _ids(reject)
        )
    ]


def _ids(reject: Reject) -> list[str]:
    """The ids that a reject carries, as erasures remember them."""
    anonymous_id, user_id = reject.ids
    named = (anonymous_id and f"a:{anonymous_id}", user_id and f"u:{user_id}")
    return [an_id for an_id in named if an_id]
