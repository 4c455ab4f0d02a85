"""Tables: the quick way of drawing one is rich's, and nothing in one is obeyed by a terminal."""

import csv
import io
import re
from contextlib import redirect_stdout

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall_cli import output
from footfall_cli.output import Quantity, Rows, bar, sparkline

UNITS = st.sampled_from(["", "%", "s", "±%", "±points"])
CELLS = (
    st.text(alphabet="ab /-_.%$[]", max_size=12)
    | st.text(max_size=6)
    | st.integers(-(10**6), 10**6)
    | st.floats(-1e6, 1e6)
    | st.builds(Quantity, st.none() | st.floats(-1e3, 1e6), UNITS, st.integers(-1, 1))
    | st.none()
)
TABLES = st.integers(1, 4).flatmap(
    lambda columns: st.tuples(
        st.lists(st.text(alphabet="abc d", min_size=1), min_size=columns, max_size=columns),
        st.lists(st.lists(CELLS, min_size=columns, max_size=columns), min_size=1, max_size=5),
    )
)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> "Screen":
    return terminal_of(monkeypatch)


class Screen(io.StringIO):
    """A terminal's text."""

    encoding = "utf-8"
    is_terminal = True

    def isatty(self) -> bool:
        return self.is_terminal


def terminal_of(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """A wide terminal with colours."""
    monkeypatch.setenv("COLUMNS", "500")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Screen()


def drawn(screen: Screen, header: list[str], rows: Rows, **options: object) -> str:
    """What is shown of a table."""
    screen.seek(0)
    screen.truncate()
    with redirect_stdout(screen):
        output.show(header, rows, **options)  # type: ignore[arg-type]
    return screen.getvalue()


def without_colours(text: str) -> list[str]:
    """Lines as they are read."""
    return [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", text).split("\n")]


def coloured(text: str) -> set[tuple[str, str]]:
    """The colours and what has them."""
    return {(code, what.strip()) for code, what in re.findall(r"\x1b\[(3[0-9])m([^\x1b]*)", text)}


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(TABLES)
def test_a_table_that_is_counted_out_is_the_one_that_rich_draws(table: tuple[list[str], Rows]):
    with pytest.MonkeyPatch.context() as patch:
        screen = terminal_of(patch)
        quick = drawn(screen, *table)
        # No text is narrow now: all tables are left to rich.
        patch.setattr(output, "_is_narrow", lambda _: False)
        slow = drawn(screen, *table)

    assert without_colours(quick) == without_colours(slow)
    assert coloured(quick) == coloured(slow)
    # Of the control characters, colours alone are left.
    assert not re.search(r"[\x00-\x09\x0b-\x1a\x1c-\x1f\x7f-\x9f]", quick)


def test_a_change_for_the_better_is_green_and_for_the_worse_red(terminal: Screen):
    rows = [[Quantity(1.0, "±%", 1)], [Quantity(1.0, "±points", -1)], [Quantity(0.0, "±%", 1)]]

    shown = drawn(terminal, ["change"], rows)

    assert "\x1b[32m+1.0 %\x1b[0m" in shown
    assert "\x1b[31m+1.0 points\x1b[0m" in shown
    assert "\n  +0.0 %\n" in re.sub(r" +\+0.0", "  +0.0", shown)


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colours_where_they_are_not_wanted(
    terminal: Screen, monkeypatch: pytest.MonkeyPatch, name: str, value: str
):
    monkeypatch.setenv(name, value)
    assert "\x1b" not in drawn(
        terminal, ["a", "日本"], [["x", Quantity(-1.0, "±%", 1)]], bars=[1.0]
    )
    assert "\x1b" not in drawn(terminal, ["a", "b"], [["x", Quantity(-1.0, "±%", 1)]], bars=[1.0])


def test_bars_have_the_length_of_their_numbers(terminal: Screen):
    shown = drawn(
        terminal, ["page", "views"], [["/", 8], ["/a", 4], ["/b", None]], bars=[8, 4, None]
    )

    bars = [len(re.sub(r"[^█]", "", line)) for line in without_colours(shown)]
    assert bars[1:4] == [output.BAR, output.BAR // 2, 0]
    with redirect_stdout(terminal):
        assert bar(1 / output.BAR / 8) == "▏"
        assert bar(1e-9) == "▏"


def test_a_terminal_that_cannot_show_blocks_gets_what_it_can(
    terminal: Screen, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(terminal, "encoding", "ascii")
    with redirect_stdout(terminal):
        assert (bar(0.5), sparkline([1, 2])) == ("#" * 12, "")


def test_a_sparkline_has_a_column_for_each_number(terminal: Screen):
    with redirect_stdout(terminal):
        assert sparkline([0, 4, 8]) == "▁▅█"
        assert sparkline([0, 0]) == ""


def test_csv_is_quoted_and_no_formula(capsys: pytest.CaptureFixture[str]):
    output.show(["page", "n"], [['=1+1,"', -5], ["a\x1b[31m", Quantity(None, "%")]], as_csv=True)

    text = capsys.readouterr().out
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["page", "n"],
        ["'=1+1,\"", "-5"],
        ["a\\x1b[31m", ""],
    ]


def test_a_table_of_nothing_says_so_to_a_person_alone(
    terminal: Screen, monkeypatch: pytest.MonkeyPatch
):
    assert without_colours(drawn(terminal, ["page"], [])) == ["nothing", ""]
    monkeypatch.setattr(terminal, "is_terminal", False)
    assert drawn(terminal, ["page"], []) == "page\n"


@pytest.mark.parametrize("label", ["/path/0", "日本" * 4])
@pytest.mark.parametrize("columns", [12, 20, 30, 40, 60])
def test_a_narrow_terminal_keeps_labels_and_numbers_whole_and_bars_on_one_line(
    terminal: Screen, monkeypatch: pytest.MonkeyPatch, columns: int, label: str
):
    monkeypatch.setenv("COLUMNS", str(columns))
    rows = [[label, 1_000, Quantity(99.9, "%")], ["/p", 500, Quantity(0.1, "%")]]

    lines = without_colours(drawn(terminal, ["page", "pageviews", "percentage"], rows, bars=[2, 1]))

    # A wide label may fold, but not down to less than a word.
    numbers = [line for line in lines if "1,000" in line]
    assert len(numbers) == 1
    assert numbers[0].startswith(label if label.isascii() else label[:4])
    assert "99.9 %" in numbers[0]
    bars = [len(re.sub(r"[^█]", "", line)) for line in lines if re.sub(r"[^█]", "", line)]
    assert bars in ([], [bars[0], bars[0] // 2] if bars else [])
    assert bool(bars) == (columns >= 40)
    if columns >= 40:
        assert max(map(len, lines)) <= columns


def test_a_long_label_folds_beside_a_whole_bar(terminal: Screen, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "80")

    lines = without_colours(drawn(terminal, ["page", "pageviews"], [["/" + "x" * 89, 7]], bars=[7]))

    assert [line.count("█") for line in lines if "█" in line] == [output.BAR]
    assert sum(line.count("x") for line in lines) == 89
    assert max(map(len, lines)) <= 80
