"""Periods, previous periods and buckets."""

import itertools
import time
from zoneinfo import ZoneInfo

import pytest

from footfall.errors import Unprocessable
from footfall.query.period import (
    Interval,
    Period,
    buckets,
    custom_period,
    iso,
    named_period,
    previous,
)
from tests.builders import at

UTC = ZoneInfo("UTC")
NOW = at("2026-03-10T15:00:00")


def named(name: str, zone: ZoneInfo = UTC, now: int = NOW) -> tuple[str, str]:
    period = named_period(name, now, zone, lambda: at("2015-05-17T22:00:00"))
    return tuple(period.time_range.values())


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("today", "2026-03-10", "2026-03-11"),
        ("yesterday", "2026-03-09", "2026-03-10"),
        ("7d", "2026-03-04", "2026-03-11"),
        ("30d", "2026-02-09", "2026-03-11"),
        ("mtd", "2026-03-01", "2026-03-11"),
        ("ytd", "2026-01-01", "2026-03-11"),
        ("12mo", "2025-04-01", "2026-04-01"),
        ("all", "2015-05-17", "2026-03-11"),
        ("2015-05", "2015-05-01", "2015-06-01"),
        ("2015-12", "2015-12-01", "2016-01-01"),
        ("2015-05-17", "2015-05-17", "2015-05-18"),
    ],
)
def test_a_name_is_whole_local_days(name: str, start: str, end: str):
    assert named(name) == (f"{start}T00:00:00+00:00", f"{end}T00:00:00+00:00")


def test_24h_is_whole_hours_with_the_running_one():
    assert named("24h", now=NOW + 1) == ("2026-03-09T16:00:00+00:00", "2026-03-10T16:00:00+00:00")
    assert named("24h", ZoneInfo("Asia/Kathmandu"), NOW) == (
        "2026-03-09T21:00:00+05:45",
        "2026-03-10T21:00:00+05:45",
    )


def test_a_day_of_a_clock_change_is_23_or_25_hours():
    zone = ZoneInfo("America/New_York")
    lengths = [
        (p.end - p.start) / 3_600_000
        for p in (
            named_period(day, NOW, zone, lambda: None)
            for day in ("2026-03-08", "2026-11-01", "2026-03-09")
        )
    ]
    assert lengths == [23, 25, 24]


@pytest.mark.parametrize(
    "name",
    ["8x", "0d", "9999d", "2015-13", "2015-02-30", "0000-01", "9999-12-31", "", "24H", "２d"],
)
def test_a_name_that_is_none_is_a_422(name: str):
    with pytest.raises(Unprocessable):
        named(name)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("x", None),
        ("2026-03-11", None),
        ("2026-03-02", "2026-03-02"),
        ("2026-03-02", "2026-03-01"),
        ("0001-01-01", None),
        ("2026-01-01", "9999-12-31"),
        ("1969-12-31", None),
        ("2026-01-01T00:00:00+99:00", None),
        ("2015-W20", None),
        ("20150517", None),
    ],
)
def test_a_period_that_cannot_be_is_a_422(start: str, end: str | None):
    with pytest.raises(Unprocessable):
        custom_period(start, end, NOW, UTC)


def test_start_without_end_is_until_now_and_times_are_local():
    period = custom_period("2026-03-10T20:00:00", None, NOW, ZoneInfo("Asia/Kathmandu"))
    assert period == Period(at("2026-03-10T14:15:00"), NOW, ZoneInfo("Asia/Kathmandu"))
    escaped = custom_period("2026-03-10T10:00:00 01:00", None, NOW, UTC)
    assert escaped.start == at("2026-03-10T09:00:00")


@pytest.mark.parametrize(
    ("period", "compare", "start", "end"),
    [
        ("7d", "previous", "2026-02-25T00:00", "2026-03-03T15:00"),
        ("2015-05", "previous", "2015-03-31T00:00", "2015-05-01T00:00"),
        ("2015-05", "year", "2014-05-01T00:00", "2014-06-01T00:00"),
        ("2024-02-29", "year", "2023-02-28T00:00", "2023-03-01T00:00"),
        ("today", "previous", "2026-03-09T00:00", "2026-03-09T15:00"),
        ("today", "year", "2025-03-10T00:00", "2025-03-10T15:00"),
        ("24h", "previous", "2026-03-08T16:00", "2026-03-09T15:00"),
        ("yesterday", "previous", "2026-03-08T00:00", "2026-03-09T00:00"),
    ],
)
def test_the_previous_period(period: str, compare: str, start: str, end: str):
    before = previous(named_period(period, NOW, UTC, lambda: None), compare, NOW)
    assert (before.start, before.end) == (at(start), at(end))


def test_the_previous_of_whole_days_keeps_the_local_time_over_a_clock_change():
    zone = ZoneInfo("America/New_York")
    before = previous(named_period("2026-03-08", NOW, zone, lambda: None), "previous", NOW)
    assert before.time_range == {
        "start": "2026-03-07T00:00:00-05:00",
        "end": "2026-03-08T00:00:00-05:00",
    }


def labels(start: str, end: str, interval: Interval, zone: str) -> list[str]:
    period = custom_period(start, end, NOW, ZoneInfo(zone))
    steps = buckets(period, interval)
    assert steps[0].start == period.start
    assert steps[-1].end == period.end
    assert all(one.end == two.start for one, two in itertools.pairwise(steps))
    assert all(step.start < step.end for step in steps)
    return [step.label for step in steps]


def test_buckets_are_named_by_their_own_start_even_before_the_period():
    assert labels("2026-03-04", "2026-03-12", "week", "UTC") == ["2026-03-02", "2026-03-09"]
    assert labels("2026-01-31", "2026-03-01", "month", "UTC") == ["2026-01-01", "2026-02-01"]
    assert labels("2026-03-04T12:00:00", "2026-03-05T12:00:00", "day", "UTC") == [
        "2026-03-04",
        "2026-03-05",
    ]
    assert labels("2026-03-04T12:20:00", "2026-03-04T13:10:00", "hour", "Asia/Kathmandu") == [
        "2026-03-04T12:00:00+05:45",
        "2026-03-04T13:00:00+05:45",
    ]


def test_an_hour_that_comes_twice_makes_two_buckets():
    assert labels("2026-11-01T00:00:00", "2026-11-01T03:00:00", "hour", "America/New_York") == [
        "2026-11-01T00:00:00-04:00",
        "2026-11-01T01:00:00-04:00",
        "2026-11-01T01:00:00-05:00",
        "2026-11-01T02:00:00-05:00",
    ]


def test_an_hour_that_is_skipped_makes_none():
    assert labels("2026-03-08T01:00:00", "2026-03-08T04:00:00", "hour", "America/New_York") == [
        "2026-03-08T01:00:00-05:00",
        "2026-03-08T03:00:00-04:00",
    ]


def test_a_change_of_30_minutes_makes_a_bucket_of_half_an_hour():
    assert labels("2026-04-05T00:00:00", "2026-04-05T03:00:00", "hour", "Australia/Lord_Howe") == [
        "2026-04-05T00:00:00+11:00",
        "2026-04-05T01:00:00+11:00",
        "2026-04-05T01:30:00+10:30",
        "2026-04-05T02:00:00+10:30",
    ]
    assert labels("2026-10-04T01:00:00", "2026-10-04T04:00:00", "hour", "Australia/Lord_Howe") == [
        "2026-10-04T01:00:00+10:30",
        "2026-10-04T02:30:00+11:00",
        "2026-10-04T03:00:00+11:00",
    ]
    inside = labels("2026-10-04T02:40:00", "2026-10-04T03:10:00", "hour", "Australia/Lord_Howe")
    assert inside == ["2026-10-04T02:30:00+11:00", "2026-10-04T03:00:00+11:00"]


def test_the_day_that_samoa_skipped_makes_no_bucket():
    assert labels("2011-12-29", "2012-01-01", "day", "Pacific/Apia") == ["2011-12-29", "2011-12-31"]


def test_more_than_5000_buckets_are_a_422():
    period = custom_period("2026-01-01", "2026-01-05", NOW, UTC)
    with pytest.raises(Unprocessable, match="5,000"):
        buckets(period, "minute")


def test_far_too_many_buckets_are_refused_without_walking_through_them():
    period = custom_period("1970-01-01", "2148-01-01", NOW, UTC)
    started = time.process_time()
    with pytest.raises(Unprocessable):
        buckets(period, "hour")
    assert time.process_time() - started < 0.1


def test_milliseconds_are_written_only_where_there_are_any():
    assert iso(NOW + 5, UTC) == "2026-03-10T15:00:00.005+00:00"
    assert iso(NOW, UTC) == "2026-03-10T15:00:00+00:00"
