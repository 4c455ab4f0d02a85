"""The command line as a person runs it, against a server of the test's own."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from footfall_cli.__main__ import main
from tests.cli.http_server import KEY, Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


class Run:
    """Runs `footfall` in this process, in a folder of its own and with no settings but the test's."""

    def __init__(self, server: Server, capfd: pytest.CaptureFixture[str]) -> None:
        self.server = server
        self._capfd = capfd

    def __call__(
        self, *arguments: str | Path, key: str | None = KEY, url: str | None = None
    ) -> Done:
        options = ["--url", url or self.server.url, *(["--key", key] if key else [])]
        self._capfd.readouterr()
        code = main([*options, *map(str, arguments)])
        out, err = self._capfd.readouterr()
        return Done(code, out, err)


@pytest.fixture
def run(
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Run:
    for name in ("URL", "API_KEY", "WRITE_KEY", "SITE"):
        monkeypatch.delenv(f"FOOTFALL_{name}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    return Run(server, capfd)


@pytest.fixture
def log() -> Path:
    """300 lines of a real access log."""
    return Path(__file__).parents[1] / "data" / "logs" / "apache_combined.log"


@pytest.fixture
def program() -> list[str]:
    """The command line as a program of its own."""
    return [sys.executable, "-m", "footfall_cli"]
