"""`python -m local` as a person meets it: starting, starting again, being ended."""

import signal
import socket
import subprocess
import sys
import threading
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest

from footfall_cli import settings
from local import keys, template
from local.__main__ import _background, _settings_of_the_command_line
from local.functions import Functions
from tests.flow.stack import ROOT, Stack


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A running stack on a new folder."""
    stack = Stack(tmp_path / "data")
    try:
        yield stack.start()
    finally:
        stack.stop()


def local(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A start that is expected to end by itself."""
    command = [sys.executable, "-m", "local", *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def test_any_signal_ends_everything_cleanly_and_the_data_is_there_again(stack: Stack):
    statuses = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        stack.post("/pageview", {"anonymousId": "v", "page": {"path": "/"}})
        assert stack.process is not None
        stack.process.send_signal(number)
        statuses.append(stack.process.wait(timeout=30))
        stack.start()
    stack.wait_until_stored()

    assert statuses == [0, 0, 0]
    assert stack.value("pageviews", period="today") == 3
    assert (stack.data.parent / "stack.log").read_text() == ""


def test_a_start_ends_the_stack_that_runs_on_its_folder(stack: Stack):
    first, keys = stack.process, stack.keys
    assert first is not None
    stack.post("/pageview", {"anonymousId": "v", "page": {"path": "/"}})

    second = Stack(stack.data)
    try:
        second.start()
        second.wait_until_stored()

        assert first.wait(timeout=30) == 0
        assert second.keys == keys | {"url": f"http://127.0.0.1:{second.port}"}
        assert second.value("pageviews", period="today") == 1
    finally:
        second.stop()


def test_a_start_on_a_taken_port_says_so_in_one_line(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        result = local("--port", port, "--data", str(tmp_path / "data"))

    assert result.returncode == 1
    assert f"port {port}" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_start_with_keys_that_cannot_be_read_says_so_in_one_line(tmp_path: Path):
    (tmp_path / "keys.json").write_text("{")

    result = local("--port", "0", "--data", str(tmp_path))

    assert result.returncode == 1
    assert "keys.json" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="what listens is read from /proc")
def test_the_engines_and_the_api_are_reached_on_this_machine_only(stack: Stack):
    assert stack.process is not None
    listening = {
        bytes.fromhex(line.split()[1].partition(":")[0])[::-1]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{stack.process.pid}/net/{table}").read_text().splitlines()[1:]
        if line.split()[3] == "0A" and _is_of(line.split()[9], stack.process.pid)
    }

    assert listening == {bytes([127, 0, 0, 1])}


def _is_of(inode: str, pid: int) -> bool:
    """Whether a socket belongs to a process or one of its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for owner in (str(pid), *children):
        for descriptor in Path(f"/proc/{owner}/fd").iterdir():
            try:
                if str(descriptor.readlink()) == f"socket:[{inode}]":
                    return True
            except OSError:
                continue
    return False


def test_without_triggers_the_queue_and_the_schedules_are_left_to_others(tmp_path: Path):
    options = Namespace(no_triggers=True, demo=False)
    deployed = template.load(ROOT / "template.yaml")
    made = keys.keep(tmp_path / "keys.json", "http://127.0.0.1:8787")

    threads = _background(options, made, deployed, Functions(deployed), threading.Event())

    assert deployed.schedules
    assert deployed.sources
    assert threads == []


@pytest.mark.parametrize("place", ["else", "below/.footfall"])
def test_keys_that_the_command_line_does_not_find_are_told_to_it_as_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / place).mkdir(parents=True)
    made = keys.keep(tmp_path / place / "keys.json", "http://127.0.0.1:1234")

    text = _settings_of_the_command_line(tmp_path / place, made)
    (command,) = (line for line in text.splitlines() if line.startswith("  export "))
    shell = subprocess.run(
        ["sh", "-c", f"{command}\nenv"], env={}, capture_output=True, text=True, check=True
    )

    told = dict(line.split("=", 1) for line in shell.stdout.splitlines())
    found = settings.find({}, told, tmp_path, tmp_path)
    assert found.need_api_key().value == made.api_key
    assert found.url.value == made.url


def test_keys_that_the_command_line_finds_by_itself_are_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".footfall").mkdir()
    made = keys.keep(tmp_path / ".footfall" / "keys.json", "http://127.0.0.1:1234")

    assert "export" not in _settings_of_the_command_line(tmp_path / ".footfall", made)
    assert settings.find({}, {}, tmp_path, tmp_path).need_api_key().value == made.api_key
