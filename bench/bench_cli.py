"""The command line: what a command takes, against `python -c pass` in the same run.

CPU time of the whole process, the least of several runs, commands taking turns. The server is in this process and its
time is not counted; the request itself (a connection, one answer of a few hundred bytes) is.

Promised: `footfall metrics` at most 6 times `python -c pass`, every other command at most 12, `--help` at most 20.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
NOTHING = ("-c", "pass")
META = {"site": "default", "timezone": "UTC"}
NUMBERS = {"value": 1234, "previous": 1000, "change": 23.4}
ROW = {"dimension": "/a", "label": "/a", "value": 10, "percentage": 10.0}
ANSWERS = {
    "/metrics": {"metrics": dict.fromkeys(("pageviews", "visitors", "sessions"), NUMBERS), "meta": META},
    "/timeseries": {"metric": "pageviews", "data": [{"date": "2026-03-01", "value": 7}] * 30, "meta": META},
    "/breakdown": {"dimension": "page", "metric": "pageviews", "data": [ROW] * 10, "meta": META},
    "/realtime": {"activeUsers": 1, "pageviewsLast5Min": 2, "pages": [], "perMinute": [1] * 30, "meta": META},
    "/sites": {"sites": []},
    "/health": {"status": "ok", "version": "1", "engines": {}, "waiting": 0, "rollups_pending": 0},
    "/import": {"accepted": 1, "eventIds": ["1"], "rejected": []},
}  # fmt: skip
COMMANDS: dict[str, tuple[Sequence[str], float]] = {
    "footfall metrics": (["metrics"], 6),
    "footfall metrics 7d --csv": (["metrics", "7d", "--csv"], 6),
    "footfall timeseries": (["timeseries"], 12),
    "footfall breakdown page": (["breakdown", "page"], 12),
    "footfall realtime": (["realtime"], 12),
    "footfall track deploy": (["track", "deploy"], 12),
    "footfall sites list": (["sites", "list"], 12),
    "footfall health": (["health"], 12),
    "footfall import one.jsonl": (["import", "one.jsonl"], 12),
    "footfall --help": (["--help"], 20),
    "footfall metrics --help": (["metrics", "--help"], 20),
    "footfall metric (a mistake)": (["metric"], 20),
}


def main() -> int:
    """Measure and print; 1 where a promise is not kept."""
    from bench.measure import table

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder, serving() as url:
        (Path(folder) / "one.jsonl").write_text('{"type":"track","event":{"name":"a"}}\n')
        os.environ.update(HOME=folder, FOOTFALL_URL=url, FOOTFALL_API_KEY="ffa_0123456789abcdef")
        # As it is installed: a script that imports the package, by its path.
        os.environ["PYTHONPATH"] = str(ROOT / "clients" / "cli")
        programs = {"python -c pass": NOTHING} | {
            name: ("-m", "footfall_cli", *arguments) for name, (arguments, _) in COMMANDS.items()
        }
        least = {name: cpu_seconds(program, folder) for name, program in programs.items()}
        for _ in range(runs - 1):
            for name, program in programs.items():
                least[name] = min(least[name], cpu_seconds(program, folder))
    base = least["python -c pass"]
    kept = {name: least[name] / base <= most for name, (_, most) in COMMANDS.items()}
    rows = [("python -c pass", f"{base * 1000:.1f}", "1.0", "", "")]
    rows += [
        (
            name,
            f"{least[name] * 1000:.1f}",
            f"{least[name] / base:.1f}",
            f"{most:g}",
            "" if kept[name] else "TOO SLOW",
        )
        for name, (_, most) in COMMANDS.items()
    ]
    table(("", "CPU ms", "times", "at most", ""), rows)
    return 0 if all(kept.values()) else 1


def cpu_seconds(program: Sequence[str], folder: str) -> float:
    """What a program takes."""
    running = subprocess.Popen(
        [sys.executable, *program],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


@contextmanager
def serving() -> Iterator[str]:
    """The URL of a server that gives the answers of above."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", "0")))
            body = json.dumps(ANSWERS.get(self.path.partition("?")[0], {"eventId": "1"})).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - http.server asks for this name

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    sys.exit(main())
