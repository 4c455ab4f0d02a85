"""An answer as CSV: the keys of one row as header, numbers unrounded, RFC 4180."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(rows: Iterable[Mapping[str, Any]], header: Iterable[str]) -> str:
    """The rows as CSV, also with its header when there are none.

    A text that a spreadsheet would run as a formula gets a leading apostrophe; nulls are empty cells.
    """
    out = io.StringIO()
    columns = list(header)
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA) and not _is_number(value):
        return "'" + value
    return "" if value is None else value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
