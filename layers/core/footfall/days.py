"""Days of a time zone: when they begin, and which one a moment belongs to.

A local day begins at the first instant of its date, so a day that a clock change skips is empty and one that it
repeats is long. Times are ms since 1970 UTC.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_MS = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """An aware datetime in ms since 1970 UTC."""
    return (moment - _EPOCH) // _MS


def midnight(day: date, zone: ZoneInfo) -> int:
    """The first instant of a local date. Where the clock skips midnight, the moment of the change."""
    return to_ms(datetime.combine(day, time(), zone).astimezone(UTC))


def local_day(ms: int, zone: ZoneInfo) -> date:
    """The local date of a moment."""
    return (_EPOCH + timedelta(milliseconds=ms)).astimezone(zone).date()
