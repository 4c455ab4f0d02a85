"""Files as lines: plain, gzip, damaged, and told apart by what they hold."""

import gzip
from pathlib import Path

import pytest

from footfall_cli.errors import UsageError
from footfall_cli.importing import formats
from footfall_cli.importing.source import LINE_BYTES, open_source

ACCESS = b'203.0.113.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "-"\n'


def lines(path: Path) -> tuple[list[tuple[int, bytes]], list[tuple[int, str]], list[Exception]]:
    """The lines of a file, those told as broken, and why it ended early."""
    broken: list[tuple[int, str]] = []
    damaged: list[Exception] = []
    source = open_source(str(path))
    try:
        found = source.lines(lambda line, why: broken.append((line, why)), damaged.append)
        return [tuple(line) for line in found], broken, damaged
    finally:
        source.close()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_lines_end_with_a_feed_a_return_and_a_feed_or_the_file(tmp_path: Path, pack):
    path = tmp_path / "log"
    path.write_bytes(pack(b"\xef\xbb\xbfa\r\n\n b \nc\xff"))

    assert lines(path) == ([(1, b"a"), (2, b""), (3, b" b "), (4, b"c\xff")], [], [])


def test_gzip_may_come_in_several_members_under_any_name(tmp_path: Path):
    path = tmp_path / "access.log"
    path.write_bytes(gzip.compress(b"a\nb") + gzip.compress(b"c\n"))

    assert lines(path)[0] == [(1, b"a"), (2, b"bc")]


def test_a_line_longer_than_a_line_may_be_is_broken_and_not_kept(tmp_path: Path):
    path = tmp_path / "log"
    path.write_bytes(b"a\n" + b"x" * (3 * LINE_BYTES) + b"\nb\n" + b"y" * LINE_BYTES)

    found, broken, damaged = lines(path)

    assert found == [(1, b"a"), (3, b"b")]
    assert [line for line, _ in broken] == [2, 4]
    assert damaged == []


@pytest.mark.parametrize("harm", ["cut", "flipped"])
def test_the_lines_of_a_damaged_file_end_where_it_is_damaged(tmp_path: Path, harm: str):
    path = tmp_path / "log.gz"
    text = b"".join(b"line %d of the log\n" % number for number in range(200_000))
    packed = bytearray(gzip.compress(text, mtime=0))
    if harm == "cut":
        packed = packed[: len(packed) // 2]
    else:
        packed[-6] ^= 0xFF
    path.write_bytes(packed)

    found, _, damaged = lines(path)

    assert len(damaged) == 1
    assert found[0] == (1, b"line 0 of the log")
    assert len(found) > 50_000


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("events.jsonl", b"", "jsonl"),
        ("events.NDJSON.gz", b"x", "jsonl"),
        ("events.csv", b"x", "csv"),
        ("events", b'\n {"type":"pageview"}\n', "jsonl"),
        ("export.txt", b"\xef\xbb\xbf\"anonymousId\",path, timestamp\n", "csv"),
        ("access.log", b"nothing\n", "combined"),
        ("access.log.3.gz", b"nothing\n", "combined"),
        ("other", b"nothing\n" + ACCESS, "combined"),
        ("empty", b"", "combined"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_tells_its_format_by_its_name_or_its_first_lines(
    tmp_path: Path, name: str, content: bytes, found: str, pack
):
    path = tmp_path / name
    path.write_bytes(pack(content))
    source = open_source(str(path))

    assert formats.guess(source) == found
    assert source.stream.read() == content
    source.close()


def test_a_file_that_tells_nothing_has_to_be_named(tmp_path: Path):
    path = tmp_path / "notes.txt"
    path.write_bytes(b"nothing\nof the kind\n")
    source = open_source(str(path))

    with pytest.raises(UsageError, match="--format"):
        formats.guess(source)
    source.close()


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path):
    with pytest.raises(UsageError, match=r"cannot read .*gone\.log: no such file"):
        open_source(str(tmp_path / "gone.log"))
    with pytest.raises(UsageError, match="is a directory"):
        open_source(str(tmp_path))
