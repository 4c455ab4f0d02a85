"""The time of an event, rule by rule."""

import pytest

from footfall.collect.timing import event_time
from footfall.errors import BadRequest, Unprocessable
from tests.builders import at

NOW = at("2026-03-10T12:00:00")


def time_of(
    item: dict[str, object], batch_sent_at: int | None = None, *, is_imported: bool = False
) -> int:
    return event_time(item, batch_sent_at, NOW, back_dating_days=7, is_imported=is_imported)


def test_without_a_time_it_is_the_receipt():
    assert time_of({}) == NOW
    assert time_of({"sentAt": "2026-03-10T11:00:00Z"}) == NOW


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-10T11:00:00Z", "2026-03-10T11:00:00"),
        ("2026-03-10T11:00:00", "2026-03-10T11:00:00"),
        ("2026-03-10T16:30:00+05:30", "2026-03-10T11:00:00"),
        ("2026-03-10T11:00:00.123999Z", "2026-03-10T11:00:00.123"),
        ("2026-03-10", "2026-03-10T00:00:00"),
    ],
)
def test_an_iso_time_is_taken_to_the_millisecond(text: str, expected: str):
    assert time_of({"timestamp": text}) == at(expected)


def test_original_timestamp_stands_in_for_a_missing_timestamp():
    assert time_of({"originalTimestamp": "2026-03-10T10:00:00Z"}) == at("2026-03-10T10:00:00")


@pytest.mark.parametrize(
    "value", ["yesterday", "0000-01-01", "2026-13-01", 1773140400, 1.5, True, [], {}]
)
def test_what_is_no_time_is_a_400(value: object):
    with pytest.raises(BadRequest):
        time_of({"timestamp": value})


def test_a_wrong_clock_is_mended_by_sent_at():
    item = {"timestamp": "2026-03-10T09:00:00Z", "sentAt": "2026-03-10T09:00:10Z"}
    assert time_of(item) == NOW - 10_000


def test_a_clock_within_a_minute_is_believed():
    item = {"timestamp": "2026-03-10T11:58:59Z", "sentAt": "2026-03-10T11:59:00Z"}
    assert time_of(item) == at("2026-03-10T11:58:59")
    item = {"timestamp": "2026-03-10T11:58:58.999Z", "sentAt": "2026-03-10T11:58:59.999Z"}
    assert time_of(item) == NOW - 1_000


def test_sent_at_of_the_batch_counts_where_the_event_has_none():
    assert time_of({"timestamp": "2026-03-10T09:00:00Z"}, at("2026-03-10T09:00:00")) == NOW
    item = {"timestamp": "2026-03-10T09:00:00Z", "sentAt": "2026-03-10T12:00:00Z"}
    assert time_of(item, at("2026-03-10T09:00:00")) == at("2026-03-10T09:00:00")


def test_the_future_becomes_the_receipt_beyond_a_minute():
    assert time_of({"timestamp": "2026-03-10T12:01:00.000Z"}) == NOW + 60_000
    assert time_of({"timestamp": "2026-03-10T12:01:00.001Z"}) == NOW
    assert time_of({"timestamp": "9999-12-31T23:59:59-12:00"}) == NOW
    assert time_of({"timestamp": "2030-01-01"}, is_imported=True) == NOW


def test_older_than_the_limit_is_refused_but_not_on_import():
    old = {"timestamp": "2026-03-03T11:59:59.999Z"}
    with pytest.raises(Unprocessable, match="7 days"):
        time_of(old)
    assert time_of(old, is_imported=True) == at("2026-03-03T11:59:59.999")
    assert time_of({"timestamp": "2026-03-03T12:00:00Z"}) == at("2026-03-03T12:00:00")


def test_an_import_is_not_mended():
    item = {"timestamp": "2015-05-17T10:00:00Z", "sentAt": "2015-05-17T10:00:00Z"}
    assert time_of(item, is_imported=True) == at("2015-05-17T10:00:00")


@pytest.mark.parametrize("text", ["1969-12-31T23:59:59.999Z", "0001-01-01T00:00:00+14:00"])
def test_before_1970_is_refused_also_on_import(text: str):
    with pytest.raises(Unprocessable):
        time_of({"timestamp": text}, is_imported=True)
