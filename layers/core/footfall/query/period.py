"""All arithmetic of dates: periods, their previous ones, and the buckets of an interval, in a time zone.

A period is `[start, end)` in ms since 1970 UTC. Local days begin at the first instant of their date, so a day that a
clock change skips is empty and one that it repeats is long. Source of the rules: docs/semantics.md, "Questions".
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from footfall.days import HOUR_MS, midnight, to_ms
from footfall.errors import Unprocessable

Interval = Literal["minute", "hour", "day", "week", "month"]
INTERVALS: tuple[Interval, ...] = get_args(Interval)
NAMES = ("today", "yesterday", "24h", "7d", "30d", "90d", "mtd", "ytd", "12mo", "all")
BUCKETS = 5_000
_CLOCK_MS = {"minute": 60_000, "hour": HOUR_MS}
_FIRST, _LAST = date(1970, 1, 1), date(2148, 12, 31)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Period:
    """`[start, end)` in ms, and the zone its days are counted in."""

    start: int
    end: int
    zone: ZoneInfo

    @property
    def time_range(self) -> dict[str, str]:
        """Start and end as ISO 8601 with the zone's offset."""
        return {"start": iso(self.start, self.zone), "end": iso(self.end, self.zone)}

    @property
    def is_whole_days(self) -> bool:
        """Whether it begins and ends at a local midnight."""
        return self.start == midnight(_local(self.start, self.zone).date(), self.zone) and (
            self.end == midnight(_local(self.end, self.zone).date(), self.zone)
        )


@dataclass(frozen=True, slots=True)
class Bucket:
    """One step of a timeseries: its own start (in ms and as a label) and what of it lies in the period."""

    label: str
    start: int
    end: int


def iso(ms: int, zone: ZoneInfo) -> str:
    """A moment as ISO 8601 with the zone's offset; milliseconds only where there are any."""
    moment = _local(ms, zone)
    return moment.isoformat(timespec="milliseconds" if ms % 1000 else "seconds")


def named_period(
    name: str,
    now_ms: int,
    zone: ZoneInfo,
    first_event: Callable[[], int | None],
    field: str = "period",
) -> Period:
    """The period of a name: one of NAMES, a month `2015-05` or a day `2015-05-17`.

    `first_event` tells when the site's first event happened, for `all`. Raises Unprocessable for an unknown name.
    """
    now = _local(now_ms, zone)
    today = now.date()
    tomorrow = today + timedelta(days=1)
    if found := re.fullmatch(r"([1-9]\d{0,3})d", name):
        days = int(found[1])
        if days > 3660:
            raise _impossible(field, "A period of days may be 3660 long.")
        return _days(tomorrow - timedelta(days=days), tomorrow, zone)
    if name == "24h":
        hour = _hour_after(now_ms, zone)
        return Period(hour - 24 * HOUR_MS, hour, zone)
    if name == "all":
        first = first_event()
        start = today if first is None else _local(first, zone).date()
        return _days(start, tomorrow, zone)
    starts = {
        "today": (today, tomorrow),
        "yesterday": (today - timedelta(days=1), today),
        "mtd": (today.replace(day=1), tomorrow),
        "ytd": (today.replace(month=1, day=1), tomorrow),
        "12mo": (_month(today, -11), _month(today, 1)),
    }
    if name in starts:
        return _days(*starts[name], zone)
    if re.fullmatch(r"\d{4}-\d{2}", name):
        month = _date(f"{name}-01", field)
        return _days(month, _month(month, 1), zone)
    if is_date(name):
        day = _date(name, field)
        return _days(day, day + timedelta(days=1), zone)
    raise Unprocessable(
        "unknown_period",
        "There is no such period; name one of `allowed`, a month such as 2015-05 or a day such as 2015-05-17.",
        field=field,
        allowed=NAMES,
    )


def custom_period(
    start: str, end: str | None, now_ms: int, zone: ZoneInfo, field: str = ""
) -> Period:
    """The period from `start` until before `end` (default now): dates (their midnight) or times, local if they name
    no offset. Raises Unprocessable when one cannot be read, is out of range, or the end is not after the start.
    """
    first = moment(start, zone, field or "start")
    last = now_ms if end is None else moment(end, zone, field or "end")
    if last <= first:
        raise Unprocessable(
            "end_before_start", "The end must be after the start.", field=field or "end"
        )
    return Period(first, last, zone)


def is_date(text: str) -> bool:
    """Whether a text has the form of a date, such as 2015-05-17, and not of a time."""
    return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", text))


def moment(text: str, zone: ZoneInfo, field: str) -> int:
    """A date (its midnight) or time in ms, in the zone unless it names an offset. Raises Unprocessable."""
    if is_date(text):
        return midnight(_date(text, field), zone)
    try:
        if not re.match(r"\d{4}-\d{2}-\d{2}[T ]", text):
            raise ValueError("no date and time")
        # A "+" that was not escaped arrives as a space.
        parsed = datetime.fromisoformat(
            re.sub(r" (\d\d:?\d\d)$", r"+\1", text) if "T" in text else text
        )
        if not _FIRST <= parsed.date() <= _LAST:
            raise ValueError("out of range")
    except ValueError:
        raise _impossible(
            field, f"`{field}` must be a date or time from 1970 on, such as 2026-03-01."
        ) from None
    return to_ms(parsed.replace(tzinfo=zone).astimezone(UTC) if parsed.tzinfo is None else parsed)


def previous(period: Period, compare: Literal["previous", "year"], now_ms: int) -> Period:
    """The period compared with: of whole local days shifted back by their number, or by a calendar year; any other by
    its exact length. While a period is still running, the previous one ends at the same local time.
    """
    shift = _shift(period, compare)
    end = shift(period.end)
    if period.start <= now_ms < period.end:
        end = min(end, shift(now_ms))
    return Period(shift(period.start), end, period.zone)


def buckets(period: Period, interval: Interval) -> list[Bucket]:
    """The steps of a period, each clipped to it, in order. Raises Unprocessable for more than 5,000."""
    length = _CLOCK_MS.get(interval)
    if length is not None and (period.end - period.start) // length > BUCKETS:
        raise _too_many()  # before walking through them
    steps = _date_steps(period, interval) if length is None else _clock_steps(period, length)
    found = []
    for own_start, label, end in steps:
        found.append(Bucket(label, max(own_start, period.start), min(end, period.end)))
        if len(found) > BUCKETS:
            raise _too_many()
    return found


def _date_steps(period: Period, interval: Interval) -> Iterator[tuple[int, str, int]]:
    zone = period.zone
    day = _local(period.start, zone).date()
    if interval == "week":
        day -= timedelta(days=day.weekday())
    elif interval == "month":
        day = day.replace(day=1)
    start = midnight(day, zone)
    while start < period.end:
        following = {
            "day": day + timedelta(days=1),
            "week": day + timedelta(days=7),
            "month": _month(day, 1),
        }[interval]
        end = midnight(following, zone)
        if end > max(start, period.start):
            yield start, day.isoformat(), end
        day, start = following, end


def _clock_steps(period: Period, length: int) -> Iterator[tuple[int, str, int]]:
    """Steps of the local clock: a clock change ends the step it falls into."""
    zone = period.zone
    for start, end in _same_offset(period):
        offset = _offset(start, zone)
        at = start
        while at < end:
            own = at - (at + offset) % length
            following = own + length
            # A step begins at its place on the clock, or at the clock change that made it begin later.
            label_at = own if _offset(own, zone) == offset else _change_between(own, at, zone)
            yield label_at, iso(label_at, zone), min(following, end)
            at = following


def _same_offset(period: Period) -> Iterator[tuple[int, int]]:
    """The stretches of a period between its clock changes."""
    zone, at = period.zone, period.start
    while at < period.end:
        probe = at
        while probe < period.end and _offset(probe, zone) == _offset(at, zone):
            probe = min(probe + 6 * HOUR_MS, period.end)
        if _offset(probe, zone) == _offset(at, zone):
            yield at, period.end
            return
        change = _change_between(max(at, probe - 6 * HOUR_MS), probe, zone)
        yield at, min(change, period.end)
        at = change


def _change_between(before: int, after: int, zone: ZoneInfo) -> int:
    """The first instant with the offset of `after`, to the second."""
    low, high = before, after
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(middle, zone) == _offset(before, zone):
            low = middle
        else:
            high = middle
    return high


def _offset(ms: int, zone: ZoneInfo) -> int:
    return (_local(ms, zone).utcoffset() or timedelta()) // _MS


def _shift(period: Period, compare: Literal["previous", "year"]) -> Callable[[int], int]:
    zone = period.zone
    if compare == "year":
        return lambda ms: _a_year_before(ms, zone)
    if not period.is_whole_days:
        return lambda ms: ms - (period.end - period.start)
    days = _local(period.end, zone).date() - _local(period.start, zone).date()
    return lambda ms: _local_shift(ms, zone, lambda moment: moment - days)


def _a_year_before(ms: int, zone: ZoneInfo) -> int:
    def back(moment: datetime) -> datetime:
        leap = moment.month == 2 and moment.day == 29
        return moment.replace(year=moment.year - 1, day=28 if leap else moment.day)

    return _local_shift(ms, zone, back)


def _local_shift(ms: int, zone: ZoneInfo, move: Callable[[datetime], datetime]) -> int:
    """A moment moved on the local calendar, its time of day kept."""
    local = _local(ms, zone)
    return to_ms(
        move(local.replace(tzinfo=None)).replace(tzinfo=zone, fold=local.fold).astimezone(UTC)
    )


def _hour_after(ms: int, zone: ZoneInfo) -> int:
    return ms - (ms + _offset(ms, zone)) % HOUR_MS + HOUR_MS


def _days(first: date, end: date, zone: ZoneInfo) -> Period:
    if not (first >= _FIRST and end <= _LAST):
        raise _impossible("period", "A period must lie between 1970 and 2148.")
    return Period(midnight(first, zone), midnight(end, zone), zone)


def _month(day: date, by: int) -> date:
    month = day.year * 12 + day.month - 1 + by
    return date(month // 12, month % 12 + 1, 1)


def _date(text: str, field: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _impossible(field, f"`{field}` names a date that does not exist.") from None
    if not _FIRST <= day <= _LAST:
        raise _impossible(field, f"`{field}` must lie between 1970 and 2148.")
    return day


def _too_many() -> Unprocessable:
    return Unprocessable(
        "too_many_buckets",
        f"That would be more than {BUCKETS:,} buckets; take a longer interval or a shorter period.",
        field="interval",
        allowed=INTERVALS,
    )


def _impossible(field: str, message: str) -> Unprocessable:
    return Unprocessable("invalid_period", message, field=field)


def _local(ms: int, zone: ZoneInfo) -> datetime:
    return (_EPOCH + timedelta(milliseconds=ms)).astimezone(zone)
