"""Days of a time zone: when they begin, and which one a moment belongs to.

A local day begins at the first instant of its date, so a day that a clock change skips is empty and one that it
repeats is long. Times are ms since 1970 UTC.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
QUARTER_MS = 900_000
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2149, 6, 6)
"""All days that the store has."""
SESSION_BACK_MS = 45_000_000
"""12.5 h before the first UTC midnight: what decides whether a run of activity is cut there."""
SESSION_AHEAD_MS = 36 * 3_600_000
"""A session that starts before the end is cut at the latest at the midnight that follows its 12th hour."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """An aware datetime in ms since 1970 UTC."""
    return (moment - _EPOCH) // _MS


def iso(ms: int) -> str:
    """A moment as answers write it: `2026-03-01T12:00:00.000+00:00`."""
    return (_EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds")


def timestamp(ms: int) -> str:
    """A moment as the store reads it: `2026-03-01 12:00:00.000`, UTC."""
    return f"{_second(ms // 1000)}.{ms % 1000:03d}"


@lru_cache(4_096)
def _second(since_1970: int) -> str:
    """Events of one batch share most of their seconds."""
    return datetime.fromtimestamp(since_1970, UTC).strftime("%Y-%m-%d %H:%M:%S")


def utc_day(ms: int) -> date:
    """The UTC date of a moment that is not before 1970."""
    return date.fromordinal(FIRST_DAY.toordinal() + ms // DAY_MS)


def midnight(day: date, zone: ZoneInfo) -> int:
    """The first instant of a local date. Where the clock skips midnight, the moment of the change."""
    return to_ms(datetime.combine(day, time(), zone).astimezone(UTC))


def local_day(ms: int, zone: ZoneInfo) -> date:
    """The local date of a moment."""
    return (_EPOCH + timedelta(milliseconds=ms)).astimezone(zone).date()


def session_reach(start: int, end: int) -> tuple[int, int]:
    """From when until when events decide the sessions of `[start, end)`, as sql/parts/numbered.sql cuts them."""
    return max(start - start % DAY_MS - SESSION_BACK_MS, 0), end + SESSION_AHEAD_MS
