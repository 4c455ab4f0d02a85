"""The engines of the local stack: what they keep, and that nothing but their own process is ever ended."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import redis

from local.engines import (
    CountersKeeper,
    CountersServer,
    EngineFailed,
    rewrite,
    start_counters,
    stop_left_behind,
)

ROOT = Path(__file__).parents[2]
PASSWORD = 'p@ss "word" \\ /é'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose name is not made for configuration files."""
    return tmp_path / 'my "data"'


@pytest.fixture
def server(folder: Path) -> Iterator[CountersServer]:
    """A Valkey on that folder."""
    started = start_counters(folder, "127.0.0.1", None, PASSWORD)
    yield started
    started.stop()


def client(server: CountersServer) -> "redis.Redis":
    """A client that knows the password."""
    return redis.Redis.from_url(server.url)


def test_what_was_counted_is_there_after_a_stop(folder: Path) -> None:
    first = start_counters(folder, "127.0.0.1", None, PASSWORD)
    with client(first) as counters:
        counters.set("a", "1")
    first.stop()

    second = start_counters(folder, "127.0.0.1", first.port, PASSWORD)
    with client(second) as counters:
        value = counters.get("a")
    second.stop()

    assert value == b"1"
    assert second.port == first.port
    assert not first.is_running()


def test_a_valkey_that_is_killed_comes_back_at_the_same_address(folder: Path) -> None:
    said: list[str] = []
    keeper = CountersKeeper(folder, "127.0.0.1", PASSWORD, said.append)
    first = keeper.server
    with client(first) as counters:
        counters.set("a", "1")

        os.kill(first.pid, signal.SIGKILL)
        end = time.monotonic() + 30
        while keeper.server is first and time.monotonic() < end:
            time.sleep(0.05)

        assert keeper.server.url == first.url
        assert counters.get("a") == b"1"
    keeper.stop()
    assert not keeper.server.is_running()
    assert len(said) == 1


def test_what_has_expired_is_gone_from_the_disk_after_a_rewrite(folder: Path) -> None:
    server = start_counters(folder, "127.0.0.1", None, PASSWORD)
    with client(server) as counters:
        counters.set("salt", "secret-of-yesterday", px=1)
        counters.set("kept", "still-here")
        written = [file for file in (folder / "appendonlydir").iterdir() if file.is_file()]
        assert any(b"secret-of-yesterday" in file.read_bytes() for file in written)

        end = time.monotonic() + 30
        while counters.get("salt") is not None and time.monotonic() < end:
            time.sleep(0.01)
        rewrite(server)
        while (
            counters.info("persistence")["aof_rewrite_in_progress"]
            or counters.info("persistence")["aof_rewrite_scheduled"]
        ) and time.monotonic() < end:
            time.sleep(0.05)

        left = b"".join(file.read_bytes() for file in (folder / "appendonlydir").iterdir())
        assert b"secret-of-yesterday" not in left
        assert b"still-here" in left
    server.stop()


def test_nobody_counts_without_the_password(server: CountersServer) -> None:
    for url in (
        f"redis://127.0.0.1:{server.port}/0",
        f"redis://:wrong@127.0.0.1:{server.port}/0",
    ):
        with redis.Redis.from_url(url) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.get("a")


def test_the_password_is_readable_by_its_owner_only(server: CountersServer, folder: Path) -> None:
    assert (folder / "valkey.conf").stat().st_mode & 0o077 == 0


def test_it_listens_where_it_is_told_to(server: CountersServer) -> None:
    with client(server) as counters:
        assert counters.config_get("bind") == {"bind": "127.0.0.1"}
        assert counters.config_get("appendonly") == {"appendonly": "yes"}


def test_answered_writes_survive_kill_9(folder: Path) -> None:
    answered: list[int] = []

    for _ in range(3):
        server = start_counters(folder, "127.0.0.1", None, PASSWORD)
        before = len(answered)
        writers = [
            threading.Thread(target=write_until_it_fails, args=(server, answered)) for _ in range(3)
        ]
        for writer in writers:
            writer.start()
        while len(answered) < before + 300:
            time.sleep(0.005)
        os.kill(server.pid, signal.SIGKILL)
        for writer in writers:
            writer.join()
        server.stop()

    server = start_counters(folder, "127.0.0.1", None, PASSWORD)
    with client(server) as counters:
        stored = {int(member) for member in counters.smembers("numbers")}
    server.stop()
    assert len(answered) >= 900
    assert set(answered) <= stored


def test_what_a_killed_stack_left_is_replaced(folder: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from local.engines import start_counters\n"
        "server = start_counters(Path(sys.argv[1]), '127.0.0.1', None, sys.argv[2])\n"
        "print(server.pid, server.port, flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(folder), PASSWORD],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as stack:
        assert stack.stdout is not None
        pid, port = map(int, stack.stdout.readline().split())
        stack.kill()
    with redis.Redis.from_url(
        f"redis://:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/0"
    ) as counters:
        counters.set("a", "1")

    server = start_counters(folder, "127.0.0.1", port, PASSWORD)
    with client(server) as counters:
        told = counters.info("server")["process_id"], counters.get("a")
    written = int((folder / "valkey.pid").read_text())
    server.stop()

    assert server.pid != pid
    assert told == (server.pid, b"1")
    assert written == server.pid
    assert not (folder / "valkey.pid").exists()


def test_nothing_is_ended_that_is_not_the_folders_valkey(
    server: CountersServer, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as bystander:
        for pid in (bystander.pid, server.pid, os.getpid(), 2**22 - 1):
            (other / "valkey.pid").write_text(f"{pid}\n")

            assert stop_left_behind(other) is False
            assert not (other / "valkey.pid").exists()

        assert bystander.poll() is None
        assert server.is_running()
        bystander.kill()


@pytest.mark.parametrize("content", [None, "", "no number\n"])
def test_a_folder_without_a_process_is_left_alone(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "valkey.pid").write_text(content)

    assert stop_left_behind(tmp_path) is False


def test_a_port_that_is_taken_is_told(server: CountersServer, tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match=f"127.0.0.1:{server.port}"):
        start_counters(tmp_path / "other", "127.0.0.1", server.port, PASSWORD)

    assert server.is_running()


def write_until_it_fails(server: CountersServer, answered: list[int]) -> None:
    """Add numbers to a set, noting each that was answered."""
    with client(server) as counters:
        try:
            while True:
                number = threading.get_ident() * 1_000_000 + len(answered)
                counters.sadd("numbers", number)
                answered.append(number)
        except redis.ConnectionError:
            return
