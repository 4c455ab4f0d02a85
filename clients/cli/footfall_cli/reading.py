"""The commands that ask: one request, one answer, as JSON or as a table."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple, TypeVar

from footfall_cli import output, words
from footfall_cli.client import Client
from footfall_cli.errors import Unreachable, UsageError
from footfall_cli.output import Cell, Quantity
from footfall_cli.parameters import Argument, Option, Together
from footfall_cli.target import Target

UNITS = {"bounce_rate": "%", "avg_duration": "s"}
"""Metrics that are no plain numbers. The change of a percentage is a difference, in points."""
_BETTER = {"bounce_rate": -1}
"""Metrics of which less is better."""

_PERIODS = "today, yesterday, 24h, 7d, 30d (default), 12mo, all, 2015-05, 2015-05-17 …"
Period = Annotated[str | None, Argument("[PERIOD]", _PERIODS, words.PERIODS)]
Zone = Annotated[str | None, Option("--timezone", "IANA name (default: the site's).")]
Bots = Annotated[
    str | None, Option("--bots", "exclude (default), include or only.", words=words.BOTS)
]
Metric = Annotated[
    str | None,
    Option("--metric", "What to count (default: pageviews; events for event and props).", words=words.METRICS),
]  # fmt: skip
Dimension = Annotated[
    str, Argument("DIMENSION", "page, source, country, device, event, props:plan …", words.DIMENSIONS)
]  # fmt: skip

T = TypeVar("T")
Query = dict[str, str | None]
Report = dict[str, Any]


class Selection(Together):
    """Which events a question is about: the options of every command that counts some."""

    def __init__(
        self,
        period: Annotated[str | None, Option("--period", _PERIODS, words=words.PERIODS)] = None,
        start: Annotated[
            str | None,
            Option("--start", "First day or moment, instead of a period.", metavar="TIME"),
        ] = None,
        end: Annotated[
            str | None, Option("--end", "The day or moment before which to stop.", metavar="TIME")
        ] = None,
        timezone: Zone = None,
        filters: Annotated[
            str | None,
            Option("--filters", """JSON, such as '["is","country",["DE"]]'.""", metavar="JSON"),
        ] = None,
        bots: Bots = None,
    ) -> None:
        self._query: Query = {
            "period": period,
            "start": start,
            "end": end,
            "timezone": timezone,
            "filters": filters,
            "bots": bots,
        }

    def query(self, period: str | None = None) -> Query:
        """A question's parameters; a period may be given by its place. Raises UsageError when it is given twice."""
        named = self._query["period"]
        if period is not None and named is not None:
            raise UsageError(f"the period is given twice: {period} and --period {named}")
        return self._query | {"period": named if period is None else period}


class Table(NamedTuple):
    """What is shown of a report."""

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    bars: Sequence[float | None] | None = None
    meta: Mapping[str, Any] | None = None

    def show(self, *, as_csv: bool = False) -> None:
        """Print it, on a terminal below what it is about."""
        if self.meta and sys.stdout.isatty() and not as_csv:
            output.caption(_about(self.meta))
        output.show(self.header, self.rows, as_csv=as_csv, bars=self.bars)


Build = Callable[[Report], Table]
"""A report as the table that it becomes."""


def metrics(
    target: Target,
    selected: Selection,
    place: Period = None,
    names: Annotated[
        str | None,
        Option(
            "--metrics", "Comma list (default: pageviews,visitors,sessions).", words=words.METRICS
        ),
    ] = None,
    compare: Annotated[
        str | None,
        Option(
            "--compare", "previous (default), year, none or start..end.", words=words.COMPARISONS
        ),
    ] = None,
) -> None:
    """Show the numbers of a period and of the one before."""
    asked = selected.query(place)
    _show(target, "/metrics", asked | {"metrics": names, "compare": compare}, _metrics)


def timeseries(
    target: Target,
    selected: Selection,
    place: Period = None,
    metric: Metric = None,
    interval: Annotated[
        str | None,
        Option("--interval", "minute, hour, day (default), week or month.", words=words.INTERVALS),
    ] = None,
) -> None:
    """Show a metric over time."""
    asked = selected.query(place)
    _show(target, "/timeseries", asked | {"metric": metric, "interval": interval}, _timeseries)


def breakdown(
    target: Target,
    dimension: Dimension,
    selected: Selection,
    place: Period = None,
    metric: Metric = None,
    limit: Annotated[int | None, Option("--limit", "How many rows (default: 10).")] = None,
    offset: Annotated[int | None, Option("--offset", "How many rows to leave out first.")] = None,
) -> None:
    """Show the most frequent values of a dimension."""
    asked = selected.query(place)
    asked |= {"dimension": dimension, "metric": metric}
    _show(
        target,
        "/breakdown",
        asked | {"limit": _number(limit), "offset": _number(offset)},
        _breakdown,
    )


def daily(
    target: Target,
    date: Annotated[
        str | None, Argument("[DATE]", "The day, such as 2015-05-17 (default: today).")
    ] = None,
    timezone: Zone = None,
    bots: Bots = None,
) -> None:
    """Show a day's pageviews, visitors and events by name."""
    _show(target, "/daily", {"date": date, "timezone": timezone, "bots": bots}, _daily)


def values(
    target: Target,
    dimension: Dimension,
    selected: Selection,
    search: Annotated[
        str | None, Option("--search", "Only values that contain this, in any case.")
    ] = None,
    limit: Annotated[int | None, Option("--limit", "How many values (default: 100).")] = None,
) -> None:
    """Show the values of a dimension that occur."""
    asked = selected.query()
    asked |= {"dimension": dimension, "search": search, "limit": _number(limit)}
    _show(target, "/values", asked, _values)


def properties(
    target: Target,
    selected: Selection,
    event: Annotated[
        str | None, Argument("[EVENT]", "The event's name (default: every event's).")
    ] = None,
) -> None:
    """Show the properties of events and their values."""
    asked = selected.query() | {"event": event}
    _show(target, "/properties", asked, _properties)


def query(
    target: Target,
    file: Annotated[str, Argument("FILE", "JSON: a query or a list of queries; - is stdin.")],
) -> int:
    """Answer the queries of a JSON file.

    Any metrics by any dimensions, over time, compared, such as
    {"metrics":["visitors"],"dimensions":["country"],"date_range":"7d"}; the API's documentation says the rest.
    """
    body = _read(file)
    with target.client() as client:
        answer = client.post("/query", body, {"site": target.site})
        if answer.headers.get("content-type", "").startswith("text/csv"):
            _print_csv(answer.body.decode("utf-8", "replace"))
            return 0
        told = client.accepted(answer, UsageError)
    reports = told if isinstance(told, list) else [told]
    are_all = all("error" not in report for report in reports)
    if target.as_json:
        print(answer.body.decode("utf-8", "replace").strip())
        return 0 if are_all else 1
    for number, report in enumerate(reports, 1):
        if number > 1:
            print()
        if "error" in report:
            output.complain(f"query {number}: {report['error'].get('message')}")
        else:
            understood(client, report, _results).show(as_csv=target.as_csv)
    return 0 if are_all else 1


def health(target: Target) -> None:
    """Show whether events are accepted and stored."""
    with Client(target.settings.url) as client:
        report = answered(target, client, "/health", {})
    if report is not None:
        understood(client, report, _health).show(as_csv=target.as_csv)


def answered(target: Target, client: Client, path: str, query: Query) -> Report | None:
    """The answer to a question; None when it was printed as it came, because JSON was asked for.

    Raises UsageError for a wrong question or key, Unreachable.
    """
    answer = client.get(path, query)
    report = client.checked(answer, UsageError)
    if not target.as_json:
        return report
    print(answer.body.decode("utf-8", "replace").strip(), flush=True)
    return None


def _show(target: Target, path: str, query: Query, build: Build) -> None:
    """Ask, and print the answer. Raises as `answered`."""
    with target.client() as client:
        report = answered(target, client, path, query | {"site": target.site})
    if report is not None:
        understood(client, report, build).show(as_csv=target.as_csv)


def understood(client: Client, report: Report, build: Callable[[Report], T]) -> T:
    """What is made of an answer. Raises Unreachable for one that lacks what Footfall's have."""
    try:
        return build(report)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        why = f"its answer has no {error}" if isinstance(error, KeyError) else str(error)
        raise Unreachable(f"{client.url} answers, but not as Footfall does: {why}") from None


def _number(number: int | None) -> str | None:
    return None if number is None else str(number)


def _read(name: str) -> bytes:
    from pathlib import Path

    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {name}: {(error.strerror or str(error)).lower()}") from None


def _print_csv(text: str) -> None:
    """CSV as it came; on a terminal its lines without what that might obey."""
    if sys.stdout.isatty():
        text = "".join(f"{output.clean(line)}\n" for line in text.splitlines())
    print(text, end="")


def _about(meta: Mapping[str, Any]) -> str:
    """The site, the days (both included) and their zone, as far as an answer tells them."""
    period = meta.get("period")
    told = [meta.get("site"), _days(period["start"], period["end"]) if period else None]
    return " · ".join(str(each) for each in [*told, meta.get("timezone")] if each)


def _days(start: str, end: str) -> str:
    from datetime import datetime, timedelta

    first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
    if first.time() != last.time() or first.hour or first.minute or first.second:
        return f"{start[:16].replace('T', ' ')} – {end[:16].replace('T', ' ')}"
    last -= timedelta(days=1)
    return str(first.date()) if first.date() == last.date() else f"{first.date()} – {last.date()}"


def _results(report: Report) -> Table:
    """Each row: its dimensions, then each metric with its share and its change where they were asked for."""
    asked, rows = report["query"], report["results"]
    with_shares = bool(asked["include"].get("percentages"))
    with_changes = bool(asked["include"].get("compare"))
    header = list(asked["dimensions"])
    for name in asked["metrics"]:
        header += [name, *([f"{name} %"] * with_shares), *([f"{name} change"] * with_changes)]
    return Table(
        header,
        [_cells(asked["metrics"], row, with_shares, with_changes) for row in rows],
        meta=report.get("meta"),
    )


def _cells(
    metrics: Sequence[str], row: dict[str, Any], with_shares: bool, with_changes: bool
) -> list[Cell]:
    cells: list[Cell] = [value or "(none)" for value in row["dimensions"]]
    changes = (row.get("comparison") or {}).get("change") or [None] * len(metrics)
    for at, name in enumerate(metrics):
        cells.append(Quantity(row["metrics"][at], UNITS.get(name, "")))
        if with_shares:
            cells.append(Quantity(row["percentages"][at], "%"))
        if with_changes:
            cells.append(_change(name, changes[at]))
    return cells


def _change(metric: str, change: float | None) -> Quantity:
    unit = "±points" if UNITS.get(metric) == "%" else "±%"
    return Quantity(change, unit, _BETTER.get(metric, 1))


def _health(report: Report) -> Table:
    rows = {name: report.get(name) for name in ("status", "version")}
    rows |= report.get("engines", {})
    rows |= {name: report.get(name) for name in ("waiting", "rollups_pending")}
    return Table(
        ["part", "state"],
        [[name, "–" if value is None else str(value)] for name, value in rows.items()],
    )


def _metrics(report: Report) -> Table:
    rows: list[list[Cell]] = []
    for name, of in report["metrics"].items():
        unit = UNITS.get(name, "")
        rows.append(
            [
                name,
                Quantity(of["value"], unit),
                Quantity(of["previous"], unit),
                _change(name, of["change"]),
            ]
        )
    return Table(["metric", "value", "previous", "change"], rows, meta=report.get("meta"))


def _timeseries(report: Report) -> Table:
    unit = UNITS.get(report["metric"], "")
    rows = [[row["date"], Quantity(row["value"], unit)] for row in report["data"]]
    return Table(
        ["date", report["metric"]],
        rows,
        [row["value"] for row in report["data"]],
        report.get("meta"),
    )


def _breakdown(report: Report) -> Table:
    unit = UNITS.get(report["metric"], "")
    rows = [
        [row["label"], Quantity(row["value"], unit), Quantity(row["percentage"], "%")]
        for row in report["data"]
    ]
    header = [report["dimension"], report["metric"], "percentage"]
    return Table(header, rows, [row["value"] for row in report["data"]], report.get("meta"))


def _daily(report: Report) -> Table:
    rows: list[list[Cell]] = [["pageviews", report["pageviews"]], ["visitors", report["visitors"]]]
    rows += [[f"event {name}", number] for name, number in report["events"].items()]
    return Table([report["date"], "value"], rows, meta=report.get("meta"))


def _values(report: Report) -> Table:
    rows = [[row["value"] or "(none)", row["events"]] for row in report["data"]]
    return Table(
        ["value", "events"], rows, [row["events"] for row in report["data"]], report.get("meta")
    )


def _properties(report: Report) -> Table:
    rows = [
        [row["event"], row["key"], row["events"], ", ".join(row["examples"])]
        for row in report["data"]
    ]
    return Table(["event", "key", "events", "examples"], rows, meta=report.get("meta"))
