"""One stack a data folder: chDB allows one process a path, so a start ends what still runs on its folder.

`local.pid` names the process and is locked as long as it lives; the kernel drops the lock however the process ends. A
process is ended by the pid in that file, and only when its command line says that it is a local stack.
"""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import IO

PATIENCE_SECONDS = 30


class FolderInUse(Exception):
    """Something else works on the data folder and could not be ended."""


@contextmanager
def hold(folder: Path, say: Callable[[str], object] = print) -> Iterator[None]:
    """Have the data folder (made if it is not there) for this process alone; a stack that runs on it is ended first.

    Raises FolderInUse when the other does not stop, or is no local stack.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise FolderInUse(f"{folder} cannot be a data folder ({error.strerror})") from None
    with (folder / "local.pid").open("a+", encoding="ascii") as file:
        if not _lock(file):
            _end_holder(file, folder, say)
        _write(file, str(os.getpid()))
        try:
            yield
        finally:
            # Emptied, not removed: somebody may be waiting for the lock of this very file.
            _write(file, "")


def is_local_stack(pid: int) -> bool:
    """Whether a process is `python -m local`, by its command line."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        # macOS has no /proc.
        command = ["/bin/ps", "-o", "command=", "-p", str(pid)]
        listed = subprocess.run(command, capture_output=True, text=True, check=False)
        words = listed.stdout.split()
    return any(pair == ("-m", "local") for pair in pairwise(words))


def _end_holder(file: IO[str], folder: Path, say: Callable[[str], object]) -> None:
    """Ask whoever holds the lock to end, and take it."""
    asked = 0
    until = time.monotonic() + PATIENCE_SECONDS
    while not _lock(file):
        if time.monotonic() > until:
            raise FolderInUse(
                f"what runs on {folder} does not stop (pid {asked or 'unknown'}); end it yourself"
            )
        file.seek(0)
        text = file.read().strip()
        if text.isdigit() and int(text) != asked:
            asked = int(text)
            if not is_local_stack(asked):
                raise FolderInUse(f"{folder} is in use by another process (pid {asked})")
            say(f"ending the stack that runs on {folder} (pid {asked})")
            with suppress(ProcessLookupError):
                os.kill(asked, signal.SIGTERM)
        time.sleep(0.05)


def _lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write(file: IO[str], text: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()
