"""FORMATS: what can be imported, and how a file tells which it is."""

from collections.abc import Callable, Iterable, Iterator

from footfall_cli.errors import UsageError
from footfall_cli.importing import combined, jsonl, table
from footfall_cli.importing.ids import EventIds
from footfall_cli.importing.record import Record, text_of
from footfall_cli.importing.source import Line, Source

Parse = Callable[[Iterable[Line], EventIds], Iterator[Record]]
_SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv"}


def _combined(lines: Iterable[Line], ids: EventIds) -> Iterator[Record]:
    return combined.parse(lines, ids, requests=False)


def _requests(lines: Iterable[Line], ids: EventIds) -> Iterator[Record]:
    return combined.parse(lines, ids, requests=True)


FORMATS: dict[str, Parse] = {"combined": _combined, "jsonl": jsonl.parse, "csv": table.parse}
"""A name of `--format` and what reads it."""


def parser(name: str, *, requests: bool) -> Parse:
    """What reads a format; with `requests`, the skipped lines of an access log too."""
    return _requests if requests and name == "combined" else FORMATS[name]


def guess(source: Source) -> str:
    """The format of a file, by its name, else by its first lines (nothing is consumed).

    Raises UsageError when they say nothing, OSError, EOFError or zlib.error when the file is damaged.
    """
    name = source.name.lower().removesuffix(".gz")
    for suffix, found in _SUFFIXES.items():
        if name.endswith(suffix):
            return found
    beginning = source.stream.peek(1)
    lines = [line.strip() for line in beginning.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
    first = next((line for line in lines if line), b"")
    if first.startswith(b"{"):
        return "jsonl"
    if table.is_header(text_of(first)):
        return "csv"
    if not first or ".log" in name or any(combined.read(line) for line in lines):
        return "combined"
    raise UsageError(
        f"{source.name} looks like none of {', '.join(FORMATS)}; name one with --format"
    )
