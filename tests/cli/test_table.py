"""CSV files: a header, and an event a row."""

from typing import Any

import pytest

from footfall_cli.errors import UsageError
from footfall_cli.importing import table
from footfall_cli.importing.ids import EventIds
from footfall_cli.importing.record import Broken, Item, Record, Skip
from footfall_cli.importing.source import Line


def parse(*lines: str) -> list[Record]:
    """The records of lines."""
    numbered = [Line(number, raw.encode()) for number, raw in enumerate(lines, start=1)]
    return list(table.parse(numbered, EventIds()))


def events(*lines: str) -> list[dict[str, Any]]:
    """The events of lines that all are some."""
    records = parse(*lines)
    assert all(isinstance(record, Item) for record in records), records
    return [record.event for record in records if isinstance(record, Item)]


def test_a_row_becomes_an_event_of_its_type():
    view, action, screen, person = events(
        "eventId,anonymousId,userId,timestamp,type,path,name",
        "e1,v1,,2015-05-17T10:00:00Z,pageview,/a?b=1,",
        "e2,v1,u1,2015-05-17T10:00:01Z,track,/a,signup",
        "e3,v1,,2015-05-17T10:00:02Z,screen,,Home",
        "e4,v1,u1,2015-05-17T10:00:03Z,identify,,",
    )

    common = {"anonymousId": "v1", "timestamp": "2015-05-17T10:00:00Z"}
    assert view == common | {"type": "pageview", "eventId": "e1", "page": {"path": "/a?b=1"}}
    common |= {"userId": "u1", "timestamp": "2015-05-17T10:00:01Z"}
    assert action == common | {
        "type": "track",
        "eventId": "e2",
        "page": {"path": "/a"},
        "event": {"name": "signup"},
    }
    assert person == common | {
        "type": "identify",
        "eventId": "e4",
        "timestamp": "2015-05-17T10:00:03Z",
    }
    assert (screen["type"], screen["screen"], screen["eventId"]) == (
        "screen",
        {"name": "Home"},
        "e3",
    )


def test_a_row_without_a_type_is_a_track_if_it_has_a_name():
    first, second = events("timestamp,anonymousId,path,name", "t1,v1,/a,", "t2,v1,/a,signup")

    assert (first["type"], second["type"]) == ("pageview", "track")


def test_ids_derive_from_values_whatever_the_order_of_columns():
    one = events("timestamp,anonymousId,path", "t,v,/a", "t,v,/a", "t,v,/b")
    other = events("path,anonymousId,timestamp", "/a,v,t", "/b,v,t", "/a,v,t")

    assert len({event["eventId"] for event in one}) == 3
    assert {event["eventId"] for event in one} == {event["eventId"] for event in other}


def test_cells_may_be_quoted_and_hold_commas_quotes_and_line_breaks():
    (first, second) = parse('"timestamp","anonymousId","path"', 't,"v ""1""","/a,', 'b"', "t,v2,/c")

    assert isinstance(first, Item)
    assert isinstance(second, Item)
    assert first.event["anonymousId"] == 'v "1"'
    assert first.event["page"] == {"path": "/a,\nb"}
    assert (first.line, second.line) == (3, 4)


def test_other_columns_are_ignored_and_short_rows_lack_their_last_cells():
    (event,) = events("timestamp,anonymousId,colour,path", "t,v,red")

    assert event.keys() == {"type", "eventId", "anonymousId", "timestamp"}


def test_rows_that_cannot_be_read_are_broken_and_the_rest_goes_on():
    header = "timestamp,anonymousId,path"
    records = parse(header, "t,v,/a,more", "", 't,"v"x,/a', "t,v,/a")

    assert [type(record) for record in records] == [Broken, Skip, Broken, Item]
    assert [record.line for record in records] == [2, 3, 4, 5]


def test_a_quote_that_never_ends_is_broken():
    records = parse("timestamp,anonymousId", "t,v", 't,"v')

    assert [type(record) for record in records] == [Item, Broken]


@pytest.mark.parametrize(
    "header", ["timestamp,path", "anonymousId", "a,b", "timestamp,anonymousId,timestamp"]
)
def test_a_header_must_name_time_and_visitor_once(header: str):
    with pytest.raises(UsageError, match="header"):
        parse(header, "x,y,z")


def test_an_empty_file_holds_nothing():
    assert parse() == []
