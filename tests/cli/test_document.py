"""docs/cli.md shows what the commands print, and knows all of them with all their options."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from footfall_cli import quick
from footfall_cli.commands import COMMANDS
from footfall_cli.parameters import Option, parameters
from footfall_cli.target import Target
from tests.cli.test_readers import PATHS, command

ROOT = Path(__file__).parents[2]
WRITER = ROOT / "clients" / "cli" / "document.py"
PAGE = (ROOT / "docs" / "cli.md").read_text()
NOT_RUN = {"login"}
"""Commands that need an account, and are only told of."""


@pytest.fixture(scope="module")
def document() -> ModuleType:
    """The script that writes the page."""
    spec = importlib.util.spec_from_file_location("document", WRITER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_list_of_all_commands_is_the_codes_own(document: ModuleType):
    assert document.with_commands(PAGE) == PAGE


def test_every_command_that_is_shown_can_be_read(document: ModuleType):
    shown = document.commands_shown(PAGE)

    assert len(shown) > 30
    assert [words for words in shown if quick.read(words) is None] == []
    assert {words[0] for words in shown} == set(COMMANDS) - NOT_RUN


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_every_option_of_a_command_is_documented(path: tuple[str, ...]):
    _, _, rest = PAGE.partition(f"### `footfall {' '.join(path)}")
    section = rest.partition("###")[0]

    entry = command(path)
    shared = [each for each in parameters(Target.__init__) if each.name in entry.common]
    flags = [
        each.said.flag
        for each in [*parameters(entry.function()), *shared]
        if isinstance(each.said, Option)
    ]
    assert flags
    assert [flag for flag in flags if not re.search(rf"`{flag}\b", section)] == []


def test_the_page_shows_what_a_terminal_shows_now():
    done = subprocess.run(
        [sys.executable, str(WRITER), "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "\n"), done.stdout + done.stderr


def test_what_differs_from_run_to_run_is_no_difference(document: ModuleType):
    one = "at 2026-11-27 11:47, 0.6 s, ffa_0123456789abcdef, 174 events"

    assert (
        document.compared(one, "at 2027-01-01 00:00, 12.3 s, ffa_aaaaaaaaaaaaaaaa, 174 events")
        == []
    )
    assert document.compared(one, one.replace("174", "173")) != []
