"""`footfall realtime`: once, and as it changes."""

import csv
import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.http_server import KEY, Reply, Server


def report(visitors: int) -> dict[str, Any]:
    """What /realtime answers."""
    return {
        "activeUsers": visitors,
        "pageviewsLast5Min": 9,
        "pages": [{"path": "/a\u001b[2J", "activeUsers": 2}],
        "perMinute": [0] * 29 + [3],
        "openSessions": 1,
        "meta": {"site": "default", "at": f"2026-03-01T12:00:0{visitors}Z"},
    }


AWAY: Reply = (503, {"code": "counters_unavailable", "message": "Later."}, {"retry-after": "1"})


def watched(
    program: list[str], folder: Path, server: Server, *options: str, requests: int
) -> tuple[list[str], str, int]:
    """What is printed until Ctrl-C after some requests, what is complained of, and the exit code."""
    command = [
        *program,
        "realtime",
        "--watch",
        "--every",
        "0.1",
        "--url",
        server.url,
        "--key",
        KEY,
        *options,
    ]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        while len(server.received) < requests:
            assert running.poll() is None
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=20)
        return out.splitlines(), err, running.returncode


@pytest.mark.parametrize("options", [[], ["--json"], ["--csv"]])
def test_a_pipe_gets_a_line_each_time_until_ctrl_c(
    program: list[str], tmp_path: Path, server: Server, options: list[str]
):
    server.replies["/realtime"] = [(200, report(n)) for n in range(1, 5)]

    lines, err, code = watched(program, tmp_path, server, *options, requests=3)

    assert (code, err) == (130, "")
    if options == ["--json"]:
        assert [json.loads(line) for line in lines[:2]] == [report(1), report(2)]
    else:
        separator = "," if options else "\t"
        rows = list(csv.reader(lines, delimiter=separator))
        assert rows[0] == ["at", "active users", "pageviews, last 5 min", "open sessions"]
        assert [row[:2] for row in rows[1:3]] == [
            ["2026-03-01T12:00:01Z", "1"],
            ["2026-03-01T12:00:02Z", "2"],
        ]


def test_a_server_that_is_away_for_a_moment_is_waited_for(
    program: list[str], tmp_path: Path, server: Server
):
    server.replies["/realtime"] = [(200, report(1)), AWAY, (200, report(3)), (200, report(4))]

    lines, err, code = watched(program, tmp_path, server, "--json", requests=4)

    assert code == 130
    assert [json.loads(line)["activeUsers"] for line in lines[:2]] == [1, 3]
    assert "Later." in err


def test_a_server_that_never_answered_is_not_waited_for(run, server: Server):
    server.replies["/realtime"] = [AWAY]

    done = run("realtime", "--watch")

    assert (done.code, done.out) == (3, "")
