"""What a person or a pipe reads: JSON as it came, tables for a terminal, tabs or CSV for a pipe.

Nothing that came over the wire reaches the terminal as a control character: paths and names are anybody's to choose.
"""

import json
import os
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

BAR = 24
"""How many characters the longest bar has where there is room."""
_LEAST_BAR = 4
_LEAST_TEXT = 8
"""So many characters of a text stand in one line, however narrow the terminal is."""
_BLOCKS = " ▏▎▍▌▋▊▉█"
_SPARKS = "▁▂▃▄▅▆▇█"
_NARROW = frozenset(f"–…{_BLOCKS}{_SPARKS}")
"""Characters beyond ASCII that take one place, whatever the terminal."""
_STYLES = {"bold": "1", "dim": "2", "green": "32", "red": "31", "cyan": "36"}


class Quantity(NamedTuple):
    """A number with a unit: `%`, `s` for a duration, `±%` and `±points` for changes.

    `good` says of a change whether more is better (1), worse (-1) or neither (0).
    """

    value: int | float | None
    unit: str
    good: int = 0


class Moment(NamedTuple):
    """A time in ISO 8601, "" for none; a person reads it to the minute."""

    text: str


Cell = str | int | float | Quantity | Moment | None
"""A text, a number, a time, or nothing."""
Rows = Sequence[Sequence[Cell]]


class _Shown(NamedTuple):
    text: str
    style: str = ""


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


def say(progress: str) -> None:
    """A line on stderr that the next one replaces, for somebody who watches; "" takes it away."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{clean(progress)}", end="", file=sys.stderr, flush=True)


def tell(answer: Any) -> None:
    """One line of JSON on stdout, at once."""
    print(json.dumps(answer), flush=True)


def show(
    header: Sequence[str],
    rows: Rows,
    *,
    as_csv: bool = False,
    bars: Sequence[float | None] | None = None,
    with_header: bool = True,
) -> None:
    """Print a table on stdout: aligned, with readable numbers, on a terminal; else tabs, or CSV, and the numbers as
    they are. `bars` has a number for each row, which a terminal also gets as a bar. Without its header
    (of a pipe alone) rows may follow others.
    """
    if as_csv:
        _show_csv(header if with_header else (), rows)
    elif sys.stdout.isatty():
        _show_aligned(header, rows, bars)
    else:
        if with_header:
            print("\t".join(header))
        for row in rows:
            print("\t".join(clean(text) for text in _plain(row)))


def readable(cell: Cell) -> str:
    """A cell for a person: `1,234`, `12.3 %`, `1m 05s`; nothing is a dash."""
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, Moment):
        return clean(cell.text[:16].replace("T", " "))
    value, unit = (cell.value, cell.unit) if isinstance(cell, Quantity) else (cell, "")
    if value is None:
        return "–"
    if unit == "s":
        minutes, seconds = divmod(round(value), 60)
        return f"{minutes}m {seconds:02}s" if minutes else f"{seconds}s"
    if unit.startswith("±"):
        return f"{value:+,.1f} {unit[1:]}"
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"
    return f"{text} {unit}".rstrip()


def caption(text: str) -> None:
    """A line above a table, for a person at a terminal."""
    if sys.stdout.isatty():
        print(_line([_Shown(clean(text), "dim")], [0], [True], is_coloured()))


def bar(share: float | None, room: int = BAR) -> str:
    """A bar of up to `room` characters for a share between 0 and 1, an eighth of a character exact."""
    if not share or share < 0:
        return ""
    eighths = max(1, round(share * room * 8))
    if not _can_show(_BLOCKS):
        return "#" * max(1, round(eighths / 8))
    return (_BLOCKS[8] * (eighths // 8) + _BLOCKS[eighths % 8]).rstrip()


def sparkline(numbers: Sequence[float]) -> str:
    """Numbers as a line of small columns; "" where nothing happened or the terminal cannot show it."""
    most = max(numbers, default=0)
    if not most or not _can_show(_SPARKS):
        return ""
    return "".join(_SPARKS[round(number / most * 7)] for number in numbers)


def width() -> int:
    """How many characters a line of the terminal has."""
    if (said := os.environ.get("COLUMNS", "")).isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def is_coloured() -> bool:
    """Whether stdout takes colours: a terminal, without NO_COLOR (https://no-color.org), that is not dumb."""
    return (
        sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM", "") not in ("dumb", "unknown")
    )


def _can_show(characters: str) -> bool:
    try:
        characters.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _plain(row: Sequence[Cell]) -> list[str]:
    return ["" if value is None else str(value) for value in map(_value, row)]


def _value(cell: Cell) -> str | int | float | None:
    if isinstance(cell, Quantity):
        return cell.value
    return cell.text if isinstance(cell, Moment) else cell


def _show_csv(header: Sequence[str], rows: Rows) -> None:
    import csv

    writer = csv.writer(sys.stdout)
    if header:
        writer.writerow(header)
    for row in rows:
        writer.writerow(
            [_harmless(text, cell) for text, cell in zip(_plain(row), row, strict=True)]
        )


def _harmless(text: str, cell: Cell) -> str:
    """A text that a spreadsheet does not take for a formula, as the API's own CSV has it."""
    text = clean(text)
    return f"'{text}" if isinstance(cell, str) and text.startswith(("=", "+", "-", "@")) else text


def _show_aligned(header: Sequence[str], rows: Rows, bars: Sequence[float | None] | None) -> None:
    if not rows:
        caption("nothing")
        return
    cells = [[_shown(cell) for cell in row] for row in rows]
    titles = [clean(name) for name in header]
    lefts = [any(isinstance(row[at], str | Moment) for row in rows) for at in range(len(titles))]
    widths = [
        max(len(texts[at].text) for texts in [*cells, [_Shown(title) for title in titles]])
        for at in range(len(titles))
    ]
    # Texts give way to bars down to the length of one, and bars to texts.
    room = min(BAR, width() - _least(widths, lefts, BAR) - 2)
    if bars is not None and room >= _LEAST_BAR:
        most = max((share for share in bars if share), default=0)
        for row, share in zip(cells, bars, strict=True):
            row.append(_Shown(bar(share / most if share and most else 0, room), "cyan"))
        titles.append("")
        lefts.append(True)
        widths.append(max(len(row[-1].text) for row in cells))
    fits = sum(widths) + 2 * (len(widths) - 1) <= width()
    lines = [[_Shown(title, "bold") for title in titles], *cells]
    if fits and all(_is_narrow(cell.text) for row in lines for cell in row):
        for line in lines:
            print(_line(line, widths, lefts, is_coloured()).rstrip())
    else:
        _show_rich(titles, cells, lefts, max(width(), _least(widths, lefts, _LEAST_TEXT)))


def _least(widths: Sequence[int], lefts: Sequence[bool], text: int) -> int:
    """How wide a table is at least whose numbers stand whole, and of whose texts `text` characters in a line do."""
    rooms = (
        min(room, text) if is_left else room for room, is_left in zip(widths, lefts, strict=True)
    )
    return sum(rooms) + 2 * (len(widths) - 1)


def _is_narrow(text: str) -> bool:
    """Whether a text takes as many places as it has characters; spaces at its end are none to rely on."""
    return text.rstrip() == text and (
        text.isascii() or all(c < "\x7f" or c in _NARROW for c in text)
    )


def _shown(cell: Cell) -> _Shown:
    style = ""
    if isinstance(cell, Quantity) and cell.value and cell.good:
        style = "green" if (cell.value > 0) == (cell.good > 0) else "red"
    return _Shown(readable(cell), style)


def _line(
    cells: Sequence[_Shown], widths: Sequence[int], lefts: Sequence[bool], is_coloured: bool
) -> str:
    parts = []
    for cell, room, is_left in zip(cells, widths, lefts, strict=True):
        space = " " * (room - len(cell.text))
        text = cell.text
        if is_coloured and cell.style and text:
            text = f"\x1b[{_STYLES[cell.style]}m{text}\x1b[0m"
        parts.append(text + space if is_left else space + text)
    return "  ".join(parts)


def _show_rich(
    titles: Sequence[str], cells: Sequence[Sequence[_Shown]], lefts: Sequence[bool], room: int
) -> None:
    """The same table where it is no matter of counting: wide characters, lines that do not fit."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    coloured = is_coloured()
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="")
    for title, is_left in zip(titles, lefts, strict=True):
        table.add_column(
            Text(title, style="bold" if coloured else ""),
            justify="left" if is_left else "right",
            overflow="fold",
            no_wrap=not (is_left and title),
        )
    for row in cells:
        table.add_row(*(Text(cell.text, style=cell.style if coloured else "") for cell in row))
    console = Console(highlight=False, no_color=not coloured, width=room)
    with console.capture() as capture:
        console.print(table)
    print("\n".join(line.rstrip() for line in capture.get().splitlines()))
