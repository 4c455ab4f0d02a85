"""The commands that ask: one request, one answer, as JSON or as a table."""

from collections.abc import Callable, Mapping
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


TABLES: dict[str, Callable[[dict[str, Any]], None]] = {
    "/health": _health,
    "/metrics": _metrics,
    "/timeseries": _timeseries,
    "/breakdown": _breakdown,
    "/realtime": _realtime,
    "/daily": _daily,
}
"""How each report is shown."""
