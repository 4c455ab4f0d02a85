"""A file as lines: plain or gzip (told by its first bytes), never whole in memory."""

import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

from footfall_cli.errors import UsageError

STDIN = "-"
LINE_BYTES = 1 << 20
DAMAGED = (OSError, EOFError, zlib.error)
"""What reading a damaged file raises."""
_BUFFER_BYTES = 1 << 18
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """A line by its number (from 1) and its bytes, without the line's end."""

    number: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class Source:
    """An open file. `stream` is what it holds, unpacked; `size` is None where it is not known before the end."""

    name: str
    stream: "gzip.GzipFile | io.BufferedReader[Any]"
    size: int | None
    _file: "io.BufferedReader[Any]"

    def position(self) -> int:
        """How many bytes of the file are read, of `size`."""
        return self._file.tell() if self.size is not None else 0

    def lines(
        self, on_broken: Callable[[int, str], None], on_damaged: Callable[[Exception], None]
    ) -> Iterator[Line]:
        """The lines; one that is longer than a line may be is told to `on_broken` instead.

        Where the file is damaged its lines end, and `on_damaged` is told why.
        """
        number = 0
        while raw := self._read(on_damaged):
            number += 1
            if number == 1:
                raw = raw.removeprefix(_BOM)
            if len(raw) >= LINE_BYTES and not raw.endswith(b"\n"):
                while (rest := self._read(on_damaged)) and not rest.endswith(b"\n"):
                    pass
                on_broken(number, "longer than 1 MiB")
            else:
                yield Line(number, raw.rstrip(b"\r\n"))

    def close(self) -> None:
        """Close the file."""
        self.stream.close()
        self._file.close()

    def _read(self, on_damaged: Callable[[Exception], None]) -> bytes:
        try:
            return self.stream.readline(LINE_BYTES)
        except DAMAGED as error:
            on_damaged(error)
            return b""


def open_source(name: str) -> Source:
    """Open a file by its name, or stdin as `-`. Raises UsageError when that is not possible."""
    if name == STDIN:
        return _source("stdin", cast("io.BufferedReader[Any]", sys.stdin.buffer), None)
    path = Path(name)
    try:
        file = io.BufferedReader(path.open("rb", 0), _BUFFER_BYTES)
        size = path.stat().st_size if path.is_file() else None
    except OSError as error:
        raise UsageError(f"cannot read {name}: {(error.strerror or str(error)).lower()}") from None
    return _source(name, file, size)


def _source(name: str, file: "io.BufferedReader[Any]", size: int | None) -> Source:
    if file.peek(2)[:2] != _GZIP:
        return Source(name, file, size, file)
    # Read without a larger buffer around it: where a file is damaged, what that held would be lost.
    return Source(name, gzip.GzipFile(fileobj=file, mode="rb"), size, file)
