"""The time of an event: the client's, mended for a wrong clock, or the moment it was received.

Source of the rules: docs/semantics.md, "Time".
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from footfall.collect.fields import text
from footfall.days import DAY_MS
from footfall.errors import BadRequest, Unprocessable

MINUTE_MS = 60_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def parse_time(container: dict[str, Any], name: str) -> int | None:
    """The ISO 8601 time under `name` as ms since 1970 UTC (without an offset it is UTC); None when missing.

    May be negative. Raises BadRequest for a number or a text that is no time.
    """
    value = text(container, name) if name in container else ""
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value.upper())
    except ValueError:
        raise BadRequest(
            "invalid_timestamp",
            f"`{name}` must be an ISO 8601 time such as 2026-03-01T12:00:00Z.",
            field=name,
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MS


def event_time(
    item: dict[str, Any],
    batch_sent_at: int | None,
    received_at: int,
    *,
    back_dating_days: int,
    is_imported: bool,
    horizon_ms: int | None = None,
) -> int:
    """The event's time in ms since 1970 UTC, and so the day it counts on.

    Raises BadRequest for a time that cannot be read, Unprocessable for one before 1970 (`before_1970`), before
    the horizon up to which the site keeps events (`beyond_retention`) or, on live routes, older than the site's limit
    (`too_old`).
    """
    client_time = parse_time(item, "timestamp")
    if client_time is None:
        client_time = parse_time(item, "originalTimestamp")
    sent_at = parse_time(item, "sentAt")
    if client_time is None:
        return received_at
    if sent_at is None:
        sent_at = batch_sent_at
    ts = client_time
    if sent_at is not None and not is_imported:
        skew = received_at - sent_at
        if abs(skew) > MINUTE_MS:
            ts += skew
    if ts > received_at + MINUTE_MS:
        ts = received_at
    if ts < 0:
        raise Unprocessable("before_1970", "The event's time is before 1970.", field="timestamp")
    if not is_imported and ts < received_at - back_dating_days * DAY_MS:
        raise Unprocessable(
            "too_old",
            f"The event is older than {back_dating_days} days; POST /import takes old events.",
            field="timestamp",
        )
    if horizon_ms is not None and ts < horizon_ms:
        raise Unprocessable(
            "beyond_retention",
            "The event is older than what this site keeps.",
            field="timestamp",
        )
    return ts
