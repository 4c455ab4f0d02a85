"""What a person or a pipe reads: JSON as it came, tables for a terminal, tabs for a pipe.

Nothing that came over the wire reaches the terminal as a control character: paths and names are anybody's to choose.
"""

import sys
from collections.abc import Sequence
from typing import NamedTuple


class Quantity(NamedTuple):
    """A number with a unit: `%`, `s` for a duration, `±%` and `±points` for changes."""

    value: int | float | None
    unit: str


Cell = str | int | float | Quantity | None
"""A text, a number, or nothing."""


def clean(text: str) -> str:
    """The text with everything that a terminal might obey written out, as an escape sequence."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text
    )


def complain(message: str) -> None:
    """One line for a person on stderr."""
    print(f"footfall: {clean(message)}", file=sys.stderr)


def show(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Print a table on stdout: aligned, with readable numbers, on a terminal; else tabs and the numbers unrounded."""
    if sys.stdout.isatty():
        _show_aligned(header, rows)
    else:
        _show_tabs(header, rows)


def readable(cell: Cell) -> str:
    """A cell for a person: `1,234`, `12.3 %`, `1m 05s`; nothing is a dash."""
    if isinstance(cell, str):
        return clean(cell)
    value, unit = cell if isinstance(cell, Quantity) else (cell, "")
    if value is None:
        return "–"
    if unit == "s":
        minutes, seconds = divmod(round(value), 60)
        return f"{minutes}m {seconds:02}s" if minutes else f"{seconds}s"
    if unit.startswith("±"):
        return f"{value:+,.1f} {unit[1:]}"
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"
    return f"{text} {unit}".rstrip()


def _show_tabs(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    print("\t".join(header))
    for row in rows:
        values = [cell.value if isinstance(cell, Quantity) else cell for cell in row]
        print("\t".join("" if value is None else clean(str(value)) for value in values))


def _show_aligned(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for at, name in enumerate(header):
        is_text = all(isinstance(row[at], str) for row in rows)
        table.add_column(Text(name), justify="left" if is_text else "right", overflow="fold")
    for row in rows:
        table.add_row(*(Text(readable(cell)) for cell in row))
    Console(highlight=False).print(table)
