"""The commands that ask: what they ask, and how they show the answer."""

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.http_server import Server

META = {"site": "default"}
RANGE = {"start": "2015-05-17T00:00:00+00:00", "end": "2015-05-19T00:00:00+00:00"}
METRICS = {
    "timeRange": RANGE,
    "metrics": {
        "pageviews": {"value": 2110, "previous": 1055, "change": 100.0},
        "bounce_rate": {"value": 61.25, "previous": None, "change": None},
        "avg_duration": {"value": 125.4, "previous": 100.0, "change": 25.4},
    },
    "meta": META,
}
BREAKDOWN = {
    "timeRange": RANGE,
    "dimension": "page",
    "metric": "pageviews",
    "data": [
        {"dimension": "/a", "label": "/a", "value": 1500, "percentage": 75.0},
        {
            "dimension": "/\u001b[31m\n",
            "label": "/\u001b[31m\n[bold]",
            "value": 500,
            "percentage": 25.0,
        },
    ],
    "total": 2,
    "meta": META,
}
REPORTS: dict[str, dict[str, Any]] = {
    "health": {
        "status": "degraded",
        "version": "1",
        "engines": {"store": "down"},
        "waiting": 7,
        "rollups_pending": 0,
    },
    "metrics": METRICS,
    "timeseries": {
        "timeRange": RANGE,
        "metric": "bounce_rate",
        "interval": "day",
        "data": [{"date": "2015-05-17", "value": 12.5}, {"date": "2015-05-18", "value": None}],
        "meta": META,
    },
    "breakdown page": BREAKDOWN,
    "realtime": {
        "activeUsers": 3,
        "pageviewsLast5Min": 9,
        "pages": [{"path": "/a", "activeUsers": 2}],
        "perMinute": [0] * 30,
        "meta": META,
    },
    "values page": {"data": [{"value": "", "events": 3}], "meta": META},
    "properties": {
        "data": [{"event": "buy", "key": "plan", "events": 4, "examples": ["pro", "\u001b[31m"]}],
        "meta": META,
    },
    "daily": {
        "date": "2015-05-17",
        "pageviews": 5,
        "visitors": 3,
        "events": {"signup": 2},
        "meta": META,
    },
}


def path_of(command: str) -> str:
    """The route a command asks."""
    return "/" + command.split(maxsplit=1)[0]


@pytest.mark.parametrize("command", REPORTS)
def test_json_is_the_answer_alone(run: Run, server: Server, command: str):
    server.replies[path_of(command)] = [(200, REPORTS[command])]

    done = run(*command.split(), "--json")

    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == REPORTS[command]


@pytest.mark.parametrize("command", REPORTS)
def test_a_pipe_gets_tabs_and_no_escapes(run: Run, server: Server, command: str):
    server.replies[path_of(command)] = [(200, REPORTS[command])]

    done = run(*command.split())

    assert (done.code, done.err) == (0, "")
    assert "\x1b" not in done.out
    assert "\t" in done.out


def test_a_pipe_gets_numbers_as_they_are(run: Run, server: Server):
    server.replies["/metrics"] = [(200, METRICS)]
    server.replies["/breakdown"] = [(200, BREAKDOWN)]

    assert run("metrics").out.splitlines() == [
        "metric\tvalue\tprevious\tchange",
        "pageviews\t2110\t1055\t100.0",
        "bounce_rate\t61.25\t\t",
        "avg_duration\t125.4\t100.0\t25.4",
    ]
    assert run("breakdown", "page").out.splitlines() == [
        "page\tpageviews\tpercentage",
        "/a\t1500\t75.0",
        "/\\x1b[31m\\n[bold]\t500\t25.0",
    ]


@pytest.mark.parametrize("command", REPORTS)
def test_csv_is_a_table_alone(run: Run, server: Server, command: str):
    server.replies[path_of(command)] = [(200, REPORTS[command])]

    done = run(*command.split(), "--csv")

    assert (done.code, done.err) == (0, "")
    rows = list(csv.reader(io.StringIO(done.out)))
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}
    assert "\x1b" not in done.out


def test_csv_has_the_numbers_as_they_are(run: Run, server: Server):
    server.replies["/metrics"] = [(200, METRICS)]

    assert run("metrics", "--csv").out.splitlines()[1:3] == [
        "pageviews,2110,1055,100.0",
        "bounce_rate,61.25,,",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["metrics", "--csv", "--json"], "--json or --csv, not both"),
        (["--csv", "track", "deploy"], "--csv cannot be had"),
        (["metrics", "7d", "--period", "30d"], "given twice"),
    ],
)
def test_options_that_exclude_each_other_are_a_wrong_use(
    run: Run, server: Server, arguments: list[str], said: str
):
    done = run(*arguments)

    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert server.received == []


def test_a_terminal_gets_readable_numbers(
    run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
):
    server.replies["/metrics"] = [(200, METRICS)]
    server.replies["/breakdown"] = [(200, BREAKDOWN)]
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda self: True)

    shown = [line.split() for line in run("metrics").out.splitlines()]
    assert ["pageviews", "2,110", "1,055", "+100.0", "%"] in shown
    assert ["bounce_rate", "61.2", "%", "–", "–"] in shown
    assert ["avg_duration", "2m", "05s", "1m", "40s", "+25.4", "%"] in shown
    out = run("breakdown", "page").out
    assert "/\\x1b[31m\\n[bold]" in out
    assert "\x1b[31m" not in out


def test_options_become_parameters_and_nothing_else_does(run: Run, server: Server):
    server.replies["/metrics"] = [(200, METRICS)] * 3
    server.replies["/breakdown"] = [(200, BREAKDOWN)]
    server.replies["/timeseries"] = [(200, REPORTS["timeseries"])]
    server.replies["/values"] = [(200, REPORTS["values page"])]
    server.replies["/properties"] = [(200, REPORTS["properties"])]
    filters = '["is","country",["DE"]]'

    run("metrics")
    run("metrics", "--period", "7d", "--metrics", "visitors", "--compare", "year", "--bots", "only",
        "--timezone", "Asia/Kathmandu", "--filters", filters, "--site", "shop")  # fmt: skip
    run("metrics", "7d", "--site", "shop")
    run("values", "page", "--search", "docs", "--limit", "5", "--period", "7d")
    run("properties", "buy", "--bots", "only")
    run("breakdown", "props:plan", "--metric", "events", "--limit", "5", "--offset", "10")
    run(
        "timeseries",
        "--start",
        "2015-05-17",
        "--end",
        "2015-05-19",
        "--interval",
        "hour",
        "--metric",
        "visitors",
    )

    assert [request.query for request in server.received] == [
        {},
        {"period": "7d", "metrics": "visitors", "compare": "year", "bots": "only", "timezone": "Asia/Kathmandu",
         "filters": filters, "site": "shop"},
        {"period": "7d", "site": "shop"},
        {"dimension": "page", "search": "docs", "limit": "5", "period": "7d"},
        {"event": "buy", "bots": "only"},
        {"dimension": "props:plan", "metric": "events", "limit": "5", "offset": "10"},
        {"start": "2015-05-17", "end": "2015-05-19", "interval": "hour", "metric": "visitors"},
    ]  # fmt: skip


def test_options_of_all_commands_may_stand_before_or_after_the_command(run: Run, server: Server):
    server.replies["/realtime"] = [(200, REPORTS["realtime"])] * 2

    assert run("--json", "--site", "before", "realtime").out.startswith("{")
    assert run("--site", "before", "realtime", "--site", "after", "--json").out.startswith("{")

    assert [request.query["site"] for request in server.received] == ["before", "after"]


RESULTS = {
    "results": [
        {
            "dimensions": ["", "2015-05-17"],
            "metrics": [2110, 61.25],
            "percentages": [75.5, None],
            "comparison": {"dimensions": ["", "2015-05-16"], "metrics": [1055, 60], "change": [100.0, 1.25]},
        },
        {"dimensions": ["/a", "2015-05-18"], "metrics": [1, None], "percentages": [0.1, None], "comparison": None},
    ],
    "meta": META,
    "query": {
        "metrics": ["pageviews", "bounce_rate"],
        "dimensions": ["page", "time:day"],
        "include": {"compare": "previous", "percentages": True},
    },
}  # fmt: skip
PLAIN = {
    "results": [{"dimensions": [], "metrics": [3]}],
    "query": {"metrics": ["visitors"], "dimensions": [], "include": {}},
}


def test_a_file_of_one_query_becomes_a_table(run: Run, server: Server, tmp_path: Path):
    server.replies["/query"] = [(200, RESULTS)] * 2
    asked = {"metrics": ["pageviews"], "date_range": "7d"}
    (tmp_path / "q.json").write_text(json.dumps(asked))

    done = run("query", "q.json", "--site", "shop")

    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "page\ttime:day\tpageviews\tpageviews %\tpageviews change\tbounce_rate\tbounce_rate %\tbounce_rate change",
        "(none)\t2015-05-17\t2110\t75.5\t100.0\t61.25\t\t1.25",
        "/a\t2015-05-18\t1\t0.1\t\t\t\t",
    ]  # fmt: skip
    assert (server.received[0].body, server.received[0].query) == (asked, {"site": "shop"})
    assert json.loads(run("query", "q.json", "--json").out) == RESULTS


def test_queries_from_stdin_become_tables_and_one_that_fails_a_line(
    run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
):
    failed = {"error": {"code": "unknown_metric", "message": "There is no such metric."}}
    server.replies["/query"] = [(200, [PLAIN, failed, PLAIN])] * 2
    for options in ([], ["--json"]):
        stdin = io.TextIOWrapper(io.BytesIO(b'[{"metrics":["visitors"]}]'))
        monkeypatch.setattr(sys, "stdin", stdin)
        done = run("query", "-", *options)
        assert done.code == 1
        if options:
            assert json.loads(done.out) == [PLAIN, failed, PLAIN]
        else:
            assert done.out == "visitors\n3\n\n\nvisitors\n3\n"
            assert done.err == "footfall: query 2: There is no such metric.\n"


def test_a_query_that_asks_for_csv_gets_it_as_it_came(run: Run, server: Server, tmp_path: Path):
    server.replies["/query"] = [(200, b"page,visitors\r\n/a,1\r\n", {"content-type": "text/csv"})]
    (tmp_path / "q.json").write_text("{}")
    assert run("query", "q.json").out == "page,visitors\r\n/a,1\r\n"


def test_a_query_that_cannot_be_read_is_wrong_usage(run: Run, server: Server, tmp_path: Path):
    server.replies["/query"] = [(400, {"code": "invalid_json", "message": "No JSON."})]
    server.intercept = lambda _: server.replies["/query"].pop()
    (tmp_path / "q.json").write_text("{}")
    assert (run("query", "missing.json").code, len(server.received)) == (2, 0)
    done = run("query", "q.json")
    assert (done.code, done.out, done.err) == (2, "", "footfall: No JSON.\n")


def test_health_needs_no_key(run: Run):
    done = run("health", key=None)

    assert done.code == 0
    assert "status\tok" in done.out


@pytest.mark.parametrize(
    ("reply", "code", "said"),
    [
        ((422, {"code": "unknown_metric", "message": "Unknown.", "allowed": ["a", "b"]}), 2, "Unknown. Allowed: a, b."),
        ((401, {"code": "wrong_key", "message": "Not known."}), 2, "ffa_…7f3c from --key: Not known."),
        ((503, {"code": "store_unavailable", "message": "Later."}, {"retry-after": "5"}), 3, "Later."),
        ((404, {"code": "not_found", "message": "Nothing here."}), 3, "not as Footfall does"),
        ((200, b"<html>"), 3, "not as Footfall does"),
        ((503, b"<html>"), 3, "try again later"),
        ((502, b""), 3, "try again later"),
        ((429, [1]), 3, "try again later"),
        ((200, [1]), 3, "not as Footfall does"),
        ("reset", 3, "cannot reach Footfall at"),
    ],
)  # fmt: skip
def test_a_failure_is_one_line_and_an_exit_code(
    run: Run, server: Server, reply, code: int, said: str
):
    server.replies["/metrics"] = [reply]

    done = run("metrics", "--json")

    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert len(done.err.splitlines()) == 1
    assert "Traceback" not in done.err


@pytest.mark.parametrize("command", REPORTS)
@pytest.mark.parametrize("answer", [{}, {"data": [1], "metrics": [], "meta": {}}])
def test_an_answer_of_another_kind_is_one_line_and_no_traceback(
    run: Run, server: Server, command: str, answer: dict[str, Any]
):
    server.intercept = lambda _: (200, answer)

    done = run(*command.split())

    assert "Traceback" not in done.err
    assert (done.code, len(done.err.splitlines())) in ((0, 0), (3, 1))
    assert done.code == 3 or command == "health"
