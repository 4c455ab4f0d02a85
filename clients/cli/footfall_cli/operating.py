"""The commands that look after the rollups: build them now, build days anew, and find out whether they are right."""

import json
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from footfall_cli import output
from footfall_cli.client import Client
from footfall_cli.errors import Unreachable, UsageError
from footfall_cli.output import Cell

PAUSE_SECONDS = 2.0
PATIENCE_SECONDS = 900.0
"""How long nothing may move while another run is at work: longer than a dead run's lease and the longest run."""

Span = tuple[str, str]
"""The first day, and the day before which to stop."""


def roll_up(client: Client, site: str | None, span: Span | None, *, as_json: bool) -> None:
    """Roll up everything that changed, after noting the days of `span` as changed; print what was done.

    Raises UsageError for days that make no sense or a wrong key, Unreachable when it does not come to an end.
    """
    done = _roll_up(client, site, span)
    if as_json:
        print(json.dumps(done))
    else:
        rows: list[list[Cell]] = [
            ["days noted", done["noted"]],
            ["days rolled up", done["windows"]],
            ["days corrected", done["corrected"]],
            ["copies removed", done["copies"]],
            ["days pending", done["pending"]],
        ]
        output.show(["rollup", "value"], rows)


def doctor(
    client: Client, site: str | None, query: dict[str, str | None], *, repair: bool, as_json: bool
) -> bool:
    """Print what is accepted, stored and rolled up, hour by hour where that differs; whether all is well.

    With `repair` the days that differ are built anew and examined again. Raises as `roll_up`.
    """
    report = _examine(client, site, query)
    days = sorted({difference["day"] for difference in report["differences"]})
    if repair and days:
        for span in spans(days):
            _roll_up(client, site, span)
        report = _examine(client, site, query)
    if repair:
        report["repaired"] = days
    if as_json:
        print(json.dumps(report))
    else:
        _show(report)
    return bool(report["ok"])


def spans(days: Sequence[str]) -> list[Span]:
    """Sorted dates as ranges of those that follow each other."""
    found: list[tuple[date, date]] = []
    for day in map(date.fromisoformat, days):
        after = day + timedelta(days=1)
        if found and found[-1][1] == day:
            found[-1] = (found[-1][0], after)
        else:
            found.append((day, after))
    return [(str(first), str(end)) for first, end in found]


def _roll_up(client: Client, site: str | None, span: Span | None) -> dict[str, Any]:
    """Ask for runs until one is complete; what they did together."""
    body = {"start": span[0], "end": span[1]} if span else {}
    together = {"runs": 0, "noted": 0, "windows": 0, "corrected": 0, "copies": 0, "pending": 0}
    moved_at = time.monotonic()
    while True:
        done = _run(client, site, body)
        # A gateway that gave up waiting has passed the request on: its days are noted.
        body = {}
        if done is not None:
            together["runs"] += not done["busy"]
            for name in ("noted", "windows", "corrected", "copies"):
                together[name] += done.get(name, 0)
            together["pending"] = done["pending"]
            if done["complete"]:
                _say("")
                return together
        if done and done.get("windows"):
            moved_at = time.monotonic()
            continue
        if time.monotonic() - moved_at > PATIENCE_SECONDS:
            raise Unreachable(
                f"{client.url} has rolled up nothing for {PATIENCE_SECONDS / 60:g} min and "
                f"{together['pending']:,} days are pending; what happened is in the log of its rollup function"
            )
        _say(f"another run is at work, {together['pending']:,} days are pending")
        time.sleep(PAUSE_SECONDS)


def _run(client: Client, site: str | None, body: dict[str, str]) -> dict[str, Any] | None:
    """One run; None when the gateway did not wait for it: it goes on."""
    answer = client.post("/rollup", json.dumps(body).encode(), {"site": site})
    if answer.status in (503, 504):
        try:
            is_ours = "code" in answer.json()
        except ValueError:
            is_ours = False
        if not is_ours:
            return None
    return client.checked(answer, UsageError)


def _say(progress: str) -> None:
    """A line that the next one replaces, for somebody who watches."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{progress}", end="", file=sys.stderr, flush=True)


def _examine(client: Client, site: str | None, query: dict[str, str | None]) -> dict[str, Any]:
    return client.checked(client.get("/doctor", query | {"site": site}), UsageError)


def _show(report: dict[str, Any]) -> None:
    asked, checked = report["range"], report["checked"]
    rows: list[list[Cell]] = [
        ["days", f"{asked['start']} until before {asked['end']}"],
        ["hours with events", str(checked["hours"])],
        ["events", str(checked["events"])],
        ["messages not stored yet", _number(report["waiting"])],
        ["messages nobody could read", _number(report["dead_letters"])],
        ["days pending", ", ".join(report["pending"]) or "none"],
        ["hours that differ", str(len(report["differences"]))],
    ]
    if report.get("repaired"):
        rows.append(["days built anew", ", ".join(report["repaired"])])
    output.show(["doctor", "found"], rows)
    if report["accepted"]:
        output.show(
            ["UTC day", "counted live", "stored of them"],
            [[day["day"], day["events"], day["stored"]["events"]] for day in report["accepted"]],
        )
    if report["differences"]:
        output.show(
            ["hour", "pageviews", "rolled up", "events", "rolled up"],
            [_difference(difference) for difference in report["differences"]],
        )
        output.complain("rollups differ from the events; --repair builds these days anew")
    if report["dead_letters"]:
        output.complain(
            f"{report['dead_letters']:,} messages lie on the dead-letter queue: accepted and not stored; "
            "see docs/operating.md, When something is wrong"
        )


def _difference(difference: dict[str, Any]) -> list[Cell]:
    raw, rollup = difference["raw"], difference["rollup"]
    return [
        difference["hour"],
        raw["pageviews"],
        rollup["pageviews"],
        raw["events"],
        rollup["events"],
    ]


def _number(count: int | None) -> str:
    return "not known" if count is None else str(count)
