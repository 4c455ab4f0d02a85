"""The commands that ask: one request, one answer, as JSON or as a table."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from footfall_cli import output
from footfall_cli.client import Client
from footfall_cli.errors import UsageError
from footfall_cli.output import Cell, Quantity

UNITS = {"bounce_rate": "%", "avg_duration": "s"}
"""Metrics that are no plain numbers. The change of a percentage is a difference, in points."""

Query = Mapping[str, str | None]


def ask(client: Client, path: str, query: Query, *, as_json: bool) -> None:
    """Ask one report and print the answer. Raises UsageError for a wrong question or key, Unreachable."""
    answer = client.get(path, query)
    report = client.checked(answer, UsageError)
    if as_json:
        print(answer.body.decode("utf-8", "replace").strip())
    else:
        TABLES[path](report)


def query(client: Client, body: bytes, site: str | None, *, as_json: bool) -> bool:
    """Ask one query or a list of them and print the answers; whether all were answered.

    Raises UsageError for a wrong question or key, Unreachable.
    """
    answer = client.post("/query", body, {"site": site})
    if answer.headers.get("content-type", "").startswith("text/csv"):
        _print_table(answer.body.decode("utf-8", "replace"))
        return True
    told = client.accepted(answer, UsageError)
    reports = told if isinstance(told, list) else [told]
    are_all = all("error" not in report for report in reports)
    if as_json:
        print(answer.body.decode("utf-8", "replace").strip())
        return are_all
    for number, report in enumerate(reports, 1):
        if number > 1:
            print()
        if "error" in report:
            output.complain(f"query {number}: {report['error'].get('message')}")
        else:
            _results(report)
    return are_all


def read(name: str) -> bytes:
    """What a file holds, `-` for stdin. Raises UsageError when it cannot be read."""
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {name}: {(error.strerror or str(error)).lower()}") from None


def _print_table(text: str) -> None:
    """CSV as it came; on a terminal its lines without what that might obey."""
    if sys.stdout.isatty():
        text = "".join(f"{output.clean(line)}\n" for line in text.splitlines())
    print(text, end="")


def _results(report: dict[str, Any]) -> None:
    """Each row: its dimensions, then each metric with its share and its change where they were asked for."""
    asked, rows = report["query"], report["results"]
    with_shares = bool(asked["include"].get("percentages"))
    with_changes = bool(asked["include"].get("compare"))
    header = list(asked["dimensions"])
    for name in asked["metrics"]:
        header += [name, *([f"{name} %"] * with_shares), *([f"{name} change"] * with_changes)]
    output.show(header, [_cells(asked["metrics"], row, with_shares, with_changes) for row in rows])


def _cells(
    metrics: Sequence[str], row: dict[str, Any], with_shares: bool, with_changes: bool
) -> list[Cell]:
    cells: list[Cell] = [value or "(none)" for value in row["dimensions"]]
    changes = (row.get("comparison") or {}).get("change") or [None] * len(metrics)
    for at, name in enumerate(metrics):
        unit = UNITS.get(name, "")
        cells.append(Quantity(row["metrics"][at], unit))
        if with_shares:
            cells.append(Quantity(row["percentages"][at], "%"))
        if with_changes:
            cells.append(Quantity(changes[at], "±points" if unit == "%" else "±%"))
    return cells


def _health(report: dict[str, Any]) -> None:
    rows = {name: report.get(name) for name in ("status", "version")}
    rows |= report.get("engines", {})
    rows |= {name: report.get(name) for name in ("waiting", "rollups_pending")}
    output.show(
        ["part", "state"],
        [[name, "–" if value is None else str(value)] for name, value in rows.items()],
    )


def _metrics(report: dict[str, Any]) -> None:
    rows: list[list[Cell]] = []
    for name, of in report["metrics"].items():
        unit = UNITS.get(name, "")
        change = Quantity(of["change"], "±points" if unit == "%" else "±%")
        rows.append([name, Quantity(of["value"], unit), Quantity(of["previous"], unit), change])
    output.show(["metric", "value", "previous", "change"], rows)


def _timeseries(report: dict[str, Any]) -> None:
    unit = UNITS.get(report["metric"], "")
    rows = [[row["date"], Quantity(row["value"], unit)] for row in report["data"]]
    output.show(["date", report["metric"]], rows)


def _breakdown(report: dict[str, Any]) -> None:
    unit = UNITS.get(report["metric"], "")
    rows = [
        [row["label"], Quantity(row["value"], unit), Quantity(row["percentage"], "%")]
        for row in report["data"]
    ]
    output.show([report["dimension"], report["metric"], "percentage"], rows)


def _realtime(report: dict[str, Any]) -> None:
    output.show(
        ["now", "value"],
        [
            ["active users", report["activeUsers"]],
            ["pageviews, last 5 min", report["pageviewsLast5Min"]],
        ],
    )
    if report["pages"]:
        output.show(
            ["page", "active users"],
            [[page["path"], page["activeUsers"]] for page in report["pages"]],
        )


def _daily(report: dict[str, Any]) -> None:
    rows: list[list[Cell]] = [["pageviews", report["pageviews"]], ["visitors", report["visitors"]]]
    rows += [[f"event {name}", number] for name, number in report["events"].items()]
    output.show([report["date"], "value"], rows)


def _values(report: dict[str, Any]) -> None:
    rows = [[row["value"] or "(none)", row["events"]] for row in report["data"]]
    output.show(["value", "events"], rows)


def _properties(report: dict[str, Any]) -> None:
    rows = [
        [row["event"], row["key"], row["events"], ", ".join(row["examples"])]
        for row in report["data"]
    ]
    output.show(["event", "key", "events", "examples"], rows)


TABLES: dict[str, Callable[[dict[str, Any]], None]] = {
    "/health": _health,
    "/metrics": _metrics,
    "/timeseries": _timeseries,
    "/breakdown": _breakdown,
    "/realtime": _realtime,
    "/daily": _daily,
    "/values": _values,
    "/properties": _properties,
}
"""How each report is shown."""
