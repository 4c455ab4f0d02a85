"""`footfall` as a program: how it starts, how it ends, what it leaves on stdout and stderr."""

import os
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import footfall_cli
from footfall_cli.commands import COMMANDS
from tests.cli.http_server import KEY, Server

ROOT = Path(__file__).parents[2]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment without settings."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("FOOTFALL_", "XDG_"))
    }
    return clean | {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "clients" / "cli")}


def footfall(
    program: list[str], environ: dict[str, str], folder: Path, *arguments: str, **options
) -> subprocess.CompletedProcess[str]:
    """Run the program and wait for it."""
    command = [*program, *arguments]
    return subprocess.run(
        command,
        env=environ,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **options,
    )


def test_settings_come_from_the_local_stacks_file(
    program, environ, tmp_path: Path, server: Server, log: Path
):
    (tmp_path / ".footfall").mkdir()
    keys = f'{{"url":"{server.url}","site":"default","write_key":"ffw_x","api_key":"{KEY}"}}'
    (tmp_path / ".footfall" / "keys.json").write_text(keys)

    done = footfall(program, environ, tmp_path, "import", "-", input=log.read_text())

    assert (done.returncode, done.stderr) == (0, "")
    assert "accepted        174" in done.stdout
    assert "\x1b" not in done.stdout
    assert server.received[-1].query == {"site": "default"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"],
        ["import"],
        ["metrics", "--nothing"],
        ["import", "x", "--format", "xml"],
        ["breakdown"],
    ],
)
def test_a_wrong_command_is_exit_code_2(program, environ, tmp_path: Path, arguments: list[str]):
    done = footfall(program, environ, tmp_path, *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_a_server_that_is_not_there_is_one_line_and_exit_code_3(program, environ, tmp_path: Path):
    done = footfall(program, environ, tmp_path, "health", "--url", "http://127.0.0.1:1", "--json")

    assert (done.returncode, done.stdout) == (3, "")
    assert (
        done.stderr == "footfall: cannot reach Footfall at http://127.0.0.1:1: connection refused\n"
    )


def test_a_pipe_that_is_closed_is_no_error(program, environ, tmp_path: Path, server: Server):
    rows = [
        {"dimension": f"/{n}", "label": f"/{n}" * 50, "value": 1, "percentage": 1.0}
        for n in range(1_000)
    ]
    server.replies["/breakdown"] = [
        (200, {"dimension": "page", "metric": "pageviews", "data": rows})
    ]
    command = [*program, "breakdown", "page", "--url", server.url, "--key", KEY]

    with subprocess.Popen(
        command, env=environ, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.read(4) == b"page"
        running.stdout.close()
        assert running.stderr.read() == b""
        running.wait(timeout=30)


def redirected(program: list[str], environ, folder: Path, arguments: list[str], redirection: str):
    """A run whose streams a shell has put elsewhere."""
    command = ["sh", "-c", f'exec "$@" {redirection}', "sh", *program, *arguments]
    return footfall(command, environ, folder)


def test_a_closed_stdout_is_told_before_anything_is_sent(
    program, environ, tmp_path: Path, server: Server
):
    command = ["track", "signup", "--url", server.url]

    done = redirected(program, environ, tmp_path, command, ">&-")

    assert done.returncode == 2
    assert done.stderr == "footfall: stdout is closed; send it to a file, or to /dev/null\n"
    assert server.received == []


def test_a_closed_stderr_and_stdin_are_no_failure(program, environ, tmp_path: Path, server: Server):
    command = ["import", "-", "--url", server.url, "--key", KEY]

    done = redirected(program, environ, tmp_path, command, "2>&- <&-")

    assert (done.returncode, done.stderr) == (0, "")
    assert "accepted          0" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk is as full as /dev/full")
@pytest.mark.parametrize("arguments", [["health"], ["health", "--json"], ["--help"]])
def test_a_full_disk_is_one_line(
    program, environ, tmp_path: Path, server: Server, arguments: list[str]
):
    command = [*arguments, "--url", server.url, "--key", KEY]
    command = arguments if arguments == ["--help"] else command

    done = redirected(program, environ, tmp_path, command, ">/dev/full")

    assert done.returncode == 1
    assert done.stderr == "footfall: what it prints cannot be written: no space left on device\n"


@pytest.mark.parametrize("command", [["metrics", "--site"], ["export"]])
def test_a_text_that_is_no_utf_8_is_one_line_and_exit_code_2(
    program, environ, tmp_path: Path, server: Server, command: list[str]
):
    done = footfall(
        program, environ, tmp_path, *command, "\udcff", "--url", server.url, "--key", KEY
    )

    assert (done.returncode, done.stdout, server.received) == (2, "", [])
    assert done.stderr == "footfall: '\\udcff' holds bytes that are no UTF-8; write it in UTF-8\n"


def test_ctrl_c_ends_an_import_at_once(program, environ, tmp_path: Path, server: Server, log: Path):
    server.replies["/import"] = [
        (503, {"code": "x", "message": "Later."}, {"retry-after": "60"})
    ] * 9
    command = [*program, "import", str(log), "--url", server.url, "--key", KEY]

    with subprocess.Popen(
        command, env=environ, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stderr is not None
        while len(server.received) < 2:
            assert running.poll() is None
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=20) == 130
        assert b"Traceback" not in running.stderr.read()


def test_what_nobody_foresaw_is_one_line_and_the_whole_story_for_who_asks(
    program, environ, tmp_path: Path, server: Server
):
    server.intercept = lambda _: (200, {"sites": [{"id": "shop"}]})
    command = ["sites", "list", "--url", server.url, "--key", KEY]

    done = footfall(program, environ, tmp_path, *command)
    asked = footfall(program, environ | {"FOOTFALL_DEBUG": "1"}, tmp_path, *command)

    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert "KeyError: 'name'" in done.stderr
    assert "Traceback" in asked.stderr


def test_help_names_every_command_and_the_exit_codes(program, environ, tmp_path: Path):
    done = footfall(program, environ, tmp_path, "--help")

    assert done.returncode == 0
    for name in COMMANDS:
        assert re.search(rf"^  {name} ", done.stdout, re.MULTILINE)
    assert "3 cannot reach" in " ".join(done.stdout.split())


def test_a_misspelt_command_is_told_what_it_may_have_meant(program, environ, tmp_path: Path):
    done = footfall(program, environ, tmp_path, "metric")

    assert (done.returncode, done.stdout) == (2, "")
    assert "Did you mean 'metrics'?" in done.stderr


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("footfall bre", {"breakdown"}),
        ("footfall breakdown utm_s", {"utm_source"}),
        ("footfall timeseries --interval m", {"minute", "month"}),
        ("footfall sites s", {"show", "set"}),
        ("footfall import --format c", {"combined", "csv"}),
    ],
)
def test_a_shell_is_offered_what_may_follow(
    program, environ, tmp_path: Path, words: str, offered: set[str]
):
    asked = {
        "_FOOTFALL_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    done = footfall(program, environ | asked, tmp_path)

    assert set(done.stdout.split()) == offered


def test_the_version_is_the_packages(program, environ, tmp_path: Path):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert footfall_cli.__version__ == project["version"]
    assert (
        footfall(program, environ, tmp_path, "--version").stdout
        == f"footfall {project['version']}\n"
    )


def test_nothing_heavy_is_imported_before_it_is_needed(environ, tmp_path: Path, server: Server):
    code = (
        "import sys; from footfall_cli.__main__ import main; "
        f"main(['metrics', '--json', '--url', {server.url!r}, '--key', {KEY!r}]); "
        "print(sorted({'typer', 'rich', 'inspect', 'gzip', 'footfall'} & set(sys.modules)))"
    )
    server.replies["/metrics"] = [(200, {"metrics": {}})]

    done = footfall([sys.executable, "-c", code], environ, tmp_path)

    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr
