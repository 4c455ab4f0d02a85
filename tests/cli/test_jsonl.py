"""JSON lines: items of a batch, sent as they are."""

import json
from typing import Any

import pytest

from footfall_cli.importing import jsonl
from footfall_cli.importing.ids import EventIds
from footfall_cli.importing.record import Broken, Item, Record, Skip
from footfall_cli.importing.source import Line


def parse(*lines: bytes) -> list[Record]:
    """The records of lines."""
    numbered = [Line(number, raw) for number, raw in enumerate(lines, start=1)]
    return list(jsonl.parse(numbered, EventIds()))


def events(*lines: bytes) -> list[dict[str, Any]]:
    """The events of lines that all are some."""
    return [record.event for record in parse(*lines) if isinstance(record, Item)]


def test_an_item_with_an_id_is_sent_as_it_is():
    line = b'{"eventId":"e1","event":{"name":"\xc3\xa9","properties":{"n":1.5,"big":12345678901234567890}}}'

    assert events(line) == [json.loads(line)]


@pytest.mark.parametrize(
    "given", [b'"eventId":7', b'"messageId":"m1"', b'"eventId":"","messageId":"m1"']
)
def test_an_id_of_any_kind_is_the_items_own(given: bytes):
    line = b'{"type":"pageview",' + given + b"}"

    assert events(line) == [json.loads(line)]


@pytest.mark.parametrize("given", [b"", b'"eventId":"",', b'"eventId":null,', b'"messageId":true,'])
def test_an_item_without_an_id_gets_the_lines(given: bytes):
    line = b"{" + given + b'"type":"pageview"}'

    first, second, other = events(line, line, b" " + line.replace(b"pageview", b"track"))

    assert len({item["eventId"] for item in (first, second, other)}) == 3
    assert [first["eventId"], second["eventId"]] == [
        item["eventId"] for item in events(b" " + line, line)
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"nothing",
        b"[]",
        b"5",
        b'"x"',
        b'{"n":NaN}',
        b'{"n":-Infinity}',
        b"\xff{}",
        b'{"a":' * 100_000,
    ],
)
def test_a_line_that_is_no_json_object_is_broken(line: bytes):
    (record,) = parse(line)

    assert isinstance(record, Broken)


def test_an_empty_line_is_skipped():
    assert parse(b"  ", b"") == [Skip(1, "empty"), Skip(2, "empty")]


def test_a_number_too_large_for_a_float_is_no_broken_batch():
    assert events(b'{"eventId":"e","n":1e999}') == [{"eventId": "e", "n": None}]
