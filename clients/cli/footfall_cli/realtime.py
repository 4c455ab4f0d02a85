"""`footfall realtime`: who is there now, once or as it changes."""

import sys
import time
from functools import partial
from typing import Annotated, Any

from footfall_cli import output
from footfall_cli.client import Client
from footfall_cli.errors import Unreachable
from footfall_cli.output import Rows
from footfall_cli.parameters import Option
from footfall_cli.reading import answered, understood
from footfall_cli.target import Target

_HEADER = ("at", "active users", "pageviews, last 5 min", "open sessions")


def realtime(
    target: Target,
    watch: Annotated[bool, Option("--watch", "Go on until Ctrl-C.", short="-w")] = False,
    every: Annotated[
        float, Option("--every", "How often to look with --watch.", metavar="SECONDS", least=0.1)
    ] = 2.0,
) -> None:
    """Show who is there now, once or with --watch.

    In a pipe --watch prints a line each time. A server that is away for a while is waited for.
    """
    with target.client() as client:
        report = answered(target, client, "/realtime", {"site": target.site})
        if report is not None:
            show = partial(_show, target, is_first=True, watch=watch)
            understood(client, report, show)
        while watch:
            time.sleep(every)
            _look_again(target, client, watch)


def _look_again(target: Target, client: Client, watch: bool) -> None:
    """Look once more; a server that is away for a while is no reason to stop."""
    try:
        report = answered(target, client, "/realtime", {"site": target.site})
    except Unreachable as error:
        output.complain(str(error))
        return
    if report is not None:
        understood(client, report, partial(_show, target, is_first=False, watch=watch))


def _show(target: Target, report: dict[str, Any], *, is_first: bool, watch: bool) -> None:
    is_picture = sys.stdout.isatty() and not target.as_csv
    if is_picture:
        if watch:
            # From the top left corner, and then nothing below.
            print("\x1b[H\x1b[2J" if is_first else "\x1b[H\x1b[J", end="")
        _picture(report)
    elif watch or target.as_csv:
        _line(target, report, is_first=is_first)
    else:
        output.show(("now", "value"), _totals(report))
        if report["pages"]:
            output.show(("page", "active users"), _pages(report))
    sys.stdout.flush()


def _picture(report: dict[str, Any]) -> None:
    output.show(("now", report["meta"].get("site", "")), _totals(report))
    if line := output.sparkline(report["perMinute"]):
        print(f"\npageviews a minute  {line}  now")
    if report["pages"]:
        print()
        bars = [page["activeUsers"] for page in report["pages"]]
        output.show(("page", "active users"), _pages(report), bars=bars)


def _line(target: Target, report: dict[str, Any], *, is_first: bool) -> None:
    """One line of the totals, below a header the first time."""
    row = [report["meta"].get("at", ""), *(number for _, number in _totals(report))]
    output.show(_HEADER, [row], as_csv=target.as_csv, with_header=is_first)


def _totals(report: dict[str, Any]) -> Rows:
    return [
        ["active users", report["activeUsers"]],
        ["pageviews, last 5 min", report["pageviewsLast5Min"]],
        ["open sessions", report.get("openSessions")],
    ]


def _pages(report: dict[str, Any]) -> Rows:
    return [[page["path"], page["activeUsers"]] for page in report["pages"]]
