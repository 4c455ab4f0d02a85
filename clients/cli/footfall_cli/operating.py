"""The commands that look after the rollups: build them now, build days anew, and find out whether they are right."""

import json
import time
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any

from footfall_cli import output
from footfall_cli.client import Client
from footfall_cli.errors import CliError, Unreachable, UsageError
from footfall_cli.output import Cell
from footfall_cli.parameters import Option
from footfall_cli.target import Target

PAUSE_SECONDS = 2.0
PATIENCE_SECONDS = 900.0
"""How long nothing may move while another run is at work: longer than a dead run's lease and the longest run."""

Span = tuple[str, str]
"""The first day, and the day before which to stop."""


From = Annotated[str | None, Option("--from", "The first day, in the site's zone.", metavar="DATE")]
To = Annotated[str | None, Option("--to", "The day before which to stop.", metavar="DATE")]


def rollup(
    target: Target,
    now: Annotated[
        bool,
        Option("--now", "What changed, at once (what it does when no days are named, too)."),
    ] = False,
    first: From = None,
    end: To = None,
) -> None:
    """Roll up what changed, at once.

    With --from and --to, those days are built anew from the events. Numbers are right before, too: days that changed
    are read from the events until they are rolled up.
    """
    if (first is None) != (end is None):
        raise UsageError("--from and --to are given together")
    span = (first, end) if first and end else None
    with target.client() as client:
        done = _roll_up(client, target.site, span)
    if target.as_json:
        output.tell(done)
        return
    output.show(
        ["rollup", "value"],
        [
            ["days noted", done["noted"]],
            ["days rolled up", done["windows"]],
            ["days corrected", done["corrected"]],
            ["copies removed", done["copies"]],
            ["days pending", done["pending"]],
        ],
    )


def doctor(
    target: Target,
    first: From = None,
    end: To = None,
    repair: Annotated[
        bool, Option("--repair", "Build the days that differ anew, and look again.")
    ] = False,
) -> int:
    """Check the settings, the server and its numbers.

    Says where each setting comes from, and holds what is accepted, stored and rolled up against each other, by hour;
    exit code 1 where something differs.
    Without days: the last 7, today included; at most 92.
    """
    found = target.settings.described()
    if not target.as_json:
        output.show(["setting", "value", "from"], [list(each.values()) for each in found])
        print(flush=True)
    report: dict[str, Any] = {"settings": found}
    try:
        with Client(target.settings.url) as client:
            report["health"] = client.checked(client.get("/health"))
        with target.client() as client:
            report |= _examined(client, target.site, {"start": first, "end": end}, repair=repair)
    except CliError as error:
        if target.as_json:
            output.tell(report | {"ok": False, "problem": str(error)})
        raise
    if target.as_json:
        output.tell(report)
    else:
        _show(report)
    return 0 if report["ok"] else 1


def _examined(
    client: Client, site: str | None, query: dict[str, str | None], *, repair: bool
) -> dict[str, Any]:
    """What /doctor finds; with `repair` the days that differ are built anew and examined again."""
    report = _examine(client, site, query)
    days = sorted({difference["day"] for difference in report["differences"]})
    if repair and days:
        for span in spans(days):
            _roll_up(client, site, span)
        report = _examine(client, site, query)
    return report | ({"repaired": days} if repair else {})


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
                output.say("")
                return together
        if done and done.get("windows"):
            moved_at = time.monotonic()
            continue
        if time.monotonic() - moved_at > PATIENCE_SECONDS:
            raise Unreachable(
                f"{client.url} has rolled up nothing for {PATIENCE_SECONDS / 60:g} min and "
                f"{together['pending']:,} days are pending; what happened is in the log of its rollup function"
            )
        output.say(f"another run is at work, {together['pending']:,} days are pending")
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


def _examine(client: Client, site: str | None, query: dict[str, str | None]) -> dict[str, Any]:
    return client.checked(client.get("/doctor", query | {"site": site}), UsageError)


def _show(report: dict[str, Any]) -> None:
    asked, checked = report["range"], report["checked"]
    health = report["health"]
    states = [f"{name} {state}" for name, state in health["engines"].items()]
    rows: list[list[Cell]] = [
        ["server", f"{health['status']}, version {health['version']}"],
        ["engines", ", ".join(states)],
        ["days", f"{asked['start']} until before {asked['end']}"],
        ["hours with events", checked["hours"]],
        ["events", checked["events"]],
        ["messages not stored yet", _known(report["waiting"])],
        ["messages nobody could read", _known(report["dead_letters"])],
        ["days pending", ", ".join(report["pending"]) or "none"],
        ["hours that differ", len(report["differences"])],
    ]
    if report.get("repaired"):
        rows.append(["days built anew", ", ".join(report["repaired"])])
    output.show(["doctor", "found"], rows)
    if report["accepted"]:
        print()
        output.show(
            ["UTC day", "counted live", "stored of them"],
            [[day["day"], day["events"], day["stored"]["events"]] for day in report["accepted"]],
        )
    if report["differences"]:
        print()
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


def _known(count: int | None) -> Cell:
    return "not known" if count is None else count
