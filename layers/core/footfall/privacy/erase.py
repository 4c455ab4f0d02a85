"""A visitor is erased from the store and the live counters, and what comes later of the same events is refused.

The steps in the store, and why a repeated call finishes one that was cut off: footfall.erasure.
"""

from typing import Any

from footfall import erasure
from footfall.counters import Counters
from footfall.days import DAY_MS, iso
from footfall.erasure import Mark
from footfall.event import new_event_id
from footfall.site import RAW_DAYS, Site
from footfall.store import Store

REMEMBERED_DAYS = 396
"""13 months: how long hashes of what was erased are kept where a site keeps its events for good."""


def erase(
    visitor_id: str, site: Site, now_ms: int, random: bytes, store: Store, counters: Counters
) -> dict[str, Any]:
    """Erase the person behind a userId or anonymousId, and answer a receipt that holds nothing personal.

    Everything received until `now_ms` goes. An id that nobody has is a receipt of nothing: nobody learns who is there.
    `random` are 10 bytes for the receipt's id. Raises Unavailable; repeating the call then finishes what was begun.
    """
    kept_days = site.retention_days + RAW_DAYS if site.retention_days else REMEMBERED_DAYS
    mark = Mark(now_ms, (now_ms + kept_days * DAY_MS) // 1000)
    somebody = erasure.person(visitor_id, site.id, store)
    known = erasure.known_ids(somebody, site.id, store)
    key = erasure.ensure_key(site.id, now_ms, store)
    erased = erasure.erase(somebody, mark, site.id, key, store, asked_for=visitor_id)
    is_live_forgotten = counters.forget(site.id, somebody.ids, erased.keys)
    days = sorted(erased.days)
    return {
        "receipt": {
            "id": new_event_id(now_ms, random),
            "site": site.id,
            "erased_at": iso(now_ms),
            "events": erased.events,
            "ids": {
                "actors": len(erased.actors | known.actors),
                "users": len(erased.users | known.users),
            },
            "days": [str(days[0]), str(days[-1])] if days else None,
            "live": "forgotten" if is_live_forgotten else "expires",
            "refused_until": iso(mark.until_s * 1000),
        }
    }
