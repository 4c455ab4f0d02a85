"""CSV: a header line, then an event a row.

Columns: eventId, anonymousId, userId, timestamp, type, path, name; any of them, with timestamp and anonymousId. A row
without a type is a track if it has a name, else a pageview.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from footfall_cli.errors import UsageError
from footfall_cli.importing.ids import EventIds
from footfall_cli.importing.record import Broken, Item, Record, Skip, text_of
from footfall_cli.importing.source import Line

COLUMNS = ("eventId", "anonymousId", "userId", "timestamp", "type", "path", "name")
REQUIRED = ("timestamp", "anonymousId")
_IDS = ("eventId", "anonymousId", "userId")


def parse(lines: Iterable[Line], ids: EventIds) -> Iterator[Record]:
    """The records of a CSV file; a record's line is the last one it stands on. Raises UsageError for a wrong header.

    The id of a row without one derives from its values and their columns, whatever the order of the columns.
    """
    at = 0

    def texts() -> Iterator[str]:
        nonlocal at
        for line in lines:
            at = line.number
            yield text_of(line.raw) + "\n"

    reader = csv.reader(texts(), strict=True)
    header = [name.strip() for name in next(reader, [])]
    if header:
        _check(header)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Broken(at, f"no CSV: {error}")
            continue
        if not row:
            yield Skip(at, "empty")
        elif len(row) > len(header):
            yield Broken(at, f"{len(row)} cells under {len(header)} columns")
        else:
            named = {
                name: cell
                for name, cell in zip(header, row, strict=False)
                if name in COLUMNS and cell
            }
            yield _item(at, named, ids)


def is_header(line: str) -> bool:
    """Whether a line is the header of such a file."""
    names = {name.strip().strip('"') for name in line.split(",")}
    return names.issuperset(REQUIRED)


def _check(header: list[str]) -> None:
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise UsageError(
            f"the CSV's header lacks {' and '.join(missing)}; it has {', '.join(header)}"
        )
    if len(set(header)) < len(header):
        raise UsageError("the CSV's header names a column twice")


def _item(line: int, row: dict[str, str], ids: EventIds) -> Item:
    name, path = row.get("name"), row.get("path")
    kind = row.get("type") or ("track" if name else "pageview")
    event: dict[str, Any] = {"type": kind, **{field: row[field] for field in _IDS if field in row}}
    if "eventId" not in row:
        event["eventId"] = ids.of(json.dumps(row, sort_keys=True).encode("utf-8", "surrogatepass"))
    if "timestamp" in row:
        event["timestamp"] = row["timestamp"]
    if path:
        event["page"] = {"path": path}
    if name and kind == "track":
        event["event"] = {"name": name}
    if name and kind == "screen":
        event["screen"] = {"name": name}
    return Item(line, row.get("timestamp", ""), event)
