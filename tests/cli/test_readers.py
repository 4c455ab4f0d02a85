"""The two readers of a command line say the same: quick.py, and typer for whatever is not plain."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall_cli import program, quick
from footfall_cli.commands import COMMANDS, Command, Commands
from footfall_cli.parameters import Argument, Option, Parameter, parameters
from footfall_cli.target import Target


def paths(commands: Commands, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command."""
    for name, entry in commands.items():
        if isinstance(entry, Command):
            yield (*before, name)
        else:
            yield from paths(entry.commands, (*before, name))


PATHS = list(paths(COMMANDS))
SHARED = parameters(Target.__init__)


def command(path: tuple[str, ...]) -> Command:
    """The command of its words."""
    entry: Any = COMMANDS[path[0]]
    for word in path[1:]:
        entry = entry.commands[word]
    return entry


def by_typer(arguments: list[str]) -> tuple[Any, ...] | None:
    """What typer reads; None where it complains."""
    read: list[tuple[Any, ...]] = []

    def note(*asked: Any) -> int:
        read.append(asked)
        return 0

    code = program.main(arguments, note)
    return read[0] if code == 0 and read else None


TEXTS = st.text(alphabet="ab-=.1 é\x1b", max_size=4) | st.sampled_from(
    ["-", "--", "7", "0", "-1", "1.5", "1e3", "nan", "inf", "write", "csv", "--json", "-y", "٣"]
)


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """Command lines that are right, or nearly."""
    path = draw(st.sampled_from(PATHS))
    entry = command(path)
    shared = [each for each in SHARED if each.name in entry.common]
    own = parameters(entry.function())
    parts: list[list[str]] = []
    for each in own:
        if isinstance(each.said, Argument):
            least = 1 if each.is_required else 0
            most = 3 if each.is_list else 1
            parts += [[value(draw, each)] for _ in range(draw(st.integers(least, most)))]
    options = [each for each in [*own, *shared] if isinstance(each.said, Option)]
    parts += [option(draw, each) for each in draw(st.lists(st.sampled_from(options), max_size=4))]
    if draw(st.integers(0, 5)) == 0:
        parts.append([draw(TEXTS)])
    before = [option(draw, each) for each in draw(st.lists(st.sampled_from(SHARED), max_size=2))]
    after = draw(st.permutations(parts))
    return [*chain(*before), *path, *chain(*after)]


def option(draw: st.DrawFn, parameter: Parameter) -> list[str]:
    """An option as it stands on a command line."""
    assert isinstance(parameter.said, Option)
    flag = draw(st.sampled_from([parameter.said.flag, parameter.said.short or parameter.said.flag]))
    if parameter.kind is bool:
        return [flag]
    text = value(draw, parameter)
    return draw(st.sampled_from([[flag, text], [f"{flag}={text}"]]))


def value(draw: st.DrawFn, parameter: Parameter) -> str:
    """A value that a parameter takes, most of the time."""
    if draw(st.integers(0, 9)) == 0:
        return draw(TEXTS)
    if parameter.choices:
        return draw(st.sampled_from(parameter.choices))
    if parameter.kind in (int, float):
        return draw(st.integers(0, 99).map(str))
    return draw(TEXTS)


def test_what_the_quick_reader_reads_typer_reads_the_same(capfd: pytest.CaptureFixture[str]):
    plain: list[str] = []

    @settings(max_examples=400, deadline=None, derandomize=True, database=None)
    @given(command_lines())
    def each(arguments: list[str]) -> None:
        read = quick.read(arguments)
        if read is not None:
            plain.append(read.command.place)
            assert by_typer(arguments) == tuple(read)

    each()
    assert len(plain) > 100
    assert len(set(plain)) > len(PATHS) * 0.7


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_a_plain_command_needs_no_typer(path: tuple[str, ...]):
    entry = command(path)
    words: list[str] = []
    for each in parameters(entry.function()):
        if each.is_required:
            words += [each.said.flag] if isinstance(each.said, Option) else []
            words.append(each.choices[0] if each.choices else "x")

    shared = ["--url", "http://x", "--key=y"] if "url" in entry.common else []
    assert quick.read([*path, *words, "--json", *shared]) is not None
    assert quick.read([*path, *words, "--nothing"]) is None
    assert quick.read([*path, *words, "--help"]) is None


def test_what_stands_before_the_command_gives_way_to_what_stands_behind_it():
    read = quick.read(["--site", "a", "--json", "metrics", "--site=b", "7d"])

    assert read is not None
    assert read.common == {"site": "b", "as_json": True}
    assert read.given["place"] == "7d"


@pytest.mark.parametrize(
    ("arguments", "is_taken"),
    [
        (["demo", "--days", "0"], False),
        (["demo", "--days", "3650"], True),
        (["demo", "--days", "3651"], False),
        (["demo", "--days", "1"], True),
        (["demo", "--days", "1.5"], False),
        (["realtime", "--every", "0"], False),
        (["realtime", "--every", "0.1"], True),
        (["import", "a", "b", "--wait-timeout", "0"], True),
        (["import"], False),
        (["keys", "add", "nobody"], False),
        (["metrics", "7d", "8d"], False),
        (["sites", "set", "a", "--set", "b=c", "--set=d"], True),
    ],
)
def test_both_readers_have_the_same_bounds(
    arguments: list[str], is_taken: bool, capfd: pytest.CaptureFixture[str]
):
    assert (quick.read(arguments) is not None) == is_taken
    assert (by_typer(arguments) is not None) == is_taken
