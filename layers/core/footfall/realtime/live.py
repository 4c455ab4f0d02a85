"""GET /realtime, and what is pushed of it: who is there now, by event time, imports and bots left out."""

from datetime import UTC, datetime
from typing import Any

from footfall.counters import Counters

PAGES = 10


def live(site_id: str, now_ms: int, counters: Counters) -> dict[str, Any]:
    """`{"activeUsers", "pageviewsLast5Min", "pages", "perMinute"}` of now. Raises Unavailable."""
    now = counters.live(site_id, now_ms)
    return {
        "activeUsers": now.active_users,
        "pageviewsLast5Min": now.pageviews_last_5_min,
        "pages": [{"path": path, "activeUsers": users} for path, users in now.pages[:PAGES]],
        "perMinute": now.per_minute,
        "openSessions": now.open_sessions,
        "meta": {
            "site": site_id,
            "at": datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="milliseconds"),
            "bots_excluded": True,
            # Counted best effort: what came while the counters did not answer is missing here, never in the store.
            "approximate": True,
        },
    }
