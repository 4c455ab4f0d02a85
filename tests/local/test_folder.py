"""One stack a data folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.folder import FolderInUse, hold, is_local_stack


def test_the_folder_is_made_for_its_owner_and_names_who_holds_it(tmp_path: Path):
    folder = tmp_path / "a" / "data"

    with hold(folder):
        held = (folder / "local.pid").read_text()
        mode = folder.stat().st_mode & 0o777
    left = (folder / "local.pid").read_text()

    assert (held, left, mode) == (str(os.getpid()), "", 0o700)


def test_a_folder_that_something_else_holds_is_refused_and_nothing_is_ended(tmp_path: Path):
    with hold(tmp_path), pytest.raises(FolderInUse, match=str(os.getpid())), hold(tmp_path):
        pytest.fail("held twice")


def test_the_process_whose_number_a_killed_stack_left_is_let_alone(tmp_path: Path):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        (tmp_path / "local.pid").write_text(str(other.pid))

        with hold(tmp_path):
            assert (tmp_path / "local.pid").read_text() == str(os.getpid())
            assert other.poll() is None


def test_a_stack_is_known_by_its_command_line():
    # The program only has to look like one to whoever reads the process table.
    with subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()", "-m", "local"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as like_one:
        assert like_one.stdout is not None
        like_one.stdout.readline()  # its command line is there once it runs
        assert is_local_stack(like_one.pid)

    assert not is_local_stack(os.getpid())
