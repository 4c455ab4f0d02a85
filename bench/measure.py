"""What work costs: CPU and wall time as the median of warm runs, the rows and statements that the store was asked for.

CPU is that of the process: the embedded engine works in it, all its threads are counted.
"""

import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from footfall.store import Fragment, Rows, Store

RUNS = 5


class MeteredStore(Store):
    """A store that counts its reads, on one thread, without the cache that makes a second run of a filter a lie."""

    rows_read = 0
    statements = 0

    def select(
        self,
        name: str,
        parameters: Mapping[str, Any],
        fragments: Mapping[str, Fragment] | None = None,
    ) -> Rows:
        """As Store.select, counted."""
        return self._counted(super().select(name, parameters, fragments))

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Rows:
        """The rows of a statement given as text, counted."""
        result = self._open().query(sql, parameters=dict(parameters or {}))
        rows_read = int((result.summary or {}).get("read_rows", 0))
        return self._counted(Rows([tuple(row) for row in result.result_rows], rows_read))

    def _counted(self, rows: Rows) -> Rows:
        self.rows_read += rows.rows_read
        self.statements += 1
        return rows

    def _connect(self) -> Any:
        client = super()._connect()
        for setting, value in ONE_THREAD.items():
            client.command(f"SET {setting} = {value}")
        return client


ONE_THREAD = {"max_threads": 1, "use_query_condition_cache": 0}


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run costs: times in ms (medians), rows read and statements of one run, and its last answer."""

    cpu: float
    wall: float
    rows_read: int
    statements: int
    answer: Any
    least: float = 0
    """CPU of the cheapest run: what it costs where nothing else is at work."""


def cost(work: Callable[[], Any], store: MeteredStore, runs: int = RUNS) -> Cost:
    """Do the work once to warm up, then `runs` times; with 0 runs the first one counts."""
    times: list[tuple[float, float]] = []
    answer: Any = None
    for _ in range(runs + 1):
        rows_read, statements = store.rows_read, store.statements
        cpu, wall = time.process_time(), time.perf_counter()
        answer = work()
        times.append((time.process_time() - cpu, time.perf_counter() - wall))
    warm = times[1:] or times
    return Cost(
        cpu=statistics.median(cpu for cpu, _ in warm) * 1000,
        wall=statistics.median(wall for _, wall in warm) * 1000,
        rows_read=store.rows_read - rows_read,
        statements=store.statements - statements,
        answer=answer,
        least=min(cpu for cpu, _ in warm) * 1000,
    )


def total(parts: Iterable[Cost]) -> Cost:
    """What several things cost together."""
    parts = list(parts)
    return Cost(
        sum(part.cpu for part in parts),
        sum(part.wall for part in parts),
        sum(part.rows_read for part in parts),
        sum(part.statements for part in parts),
        [part.answer for part in parts],
        sum(part.least for part in parts),
    )


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under a header, the first column to the left, numbers to the right."""
    texts = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[at]) for row in texts) for at in range(len(header))]
    for row in texts:
        first, *rest = (
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print(f"  {first}  {'  '.join(rest)}".rstrip())


def costs(rows: Mapping[str, Cost | str]) -> None:
    """Print what named things cost; a text stands for what could not be measured."""
    table(
        ("", "CPU ms", "least", "wall ms", "rows read", "statements"),
        [
            (name, found, "", "", "", "")
            if isinstance(found, str)
            else (
                name,
                f"{found.cpu:,.1f}",
                f"{found.least:,.1f}",
                f"{found.wall:,.1f}",
                f"{found.rows_read:,}",
                found.statements,
            )
            for name, found in rows.items()
        ],
    )
