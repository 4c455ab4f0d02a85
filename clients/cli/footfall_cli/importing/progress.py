"""How far an import is, on a terminal; nothing anywhere else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[int, int], None]
"""Told how far it is (bytes or days) and how many events were accepted."""


@contextmanager
def progress(total: int | None, unit: str = "bytes") -> Iterator[Advance]:
    """A bar on stderr while the body runs, if that is a terminal. `total` is None where nobody knows it."""
    if not sys.stderr.isatty():
        yield lambda _read, _accepted: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        BarColumn(),
        DownloadColumn() if unit == "bytes" else MofNCompleteColumn(),
        TextColumn("{task.fields[accepted]:,} events"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("import", total=total, accepted=0)
        yield lambda read, accepted: bar.update(task, completed=read, accepted=accepted)
