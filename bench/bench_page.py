"""What the dashboard weighs, and how long it takes to be complete: a real browser on a real local stack.

    python bench/bench_page.py [--events 200000] [--data FOLDER] [--runs 7]

Sizes are of the built page, gzip -9. Times begin where the browser begins to ask for the page and end where every part
of the overview shows its numbers; the browser keeps nothing between runs. The period is 30 days with their comparison
and the 8 weeks that tell what is usual. A folder given by --data is kept, and used again when it has events. Without
Node, its packages (`make clients`) or Chromium only the sizes are printed.
"""

import argparse
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "layers" / "core")]

from bench.measure import table  # noqa: E402
from bench.traffic import MAIN  # noqa: E402

DIST = ROOT / "clients" / "dashboard" / "dist"
PLAYWRIGHT = ROOT / "tests" / "clients" / "node_modules" / "playwright-core"
CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
SCRIPT_BYTES = 150_000
"""What the script may weigh, the map apart."""
FULL_MS = 1000
PERIOD = "start=2025-05-31&end=2025-06-29"


def main() -> None:
    """Print the sizes, and the times where a browser is at hand."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--data", help="a data folder to keep, or where it is")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--load", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.load:
        load(Path(given.load), given.events)
        return
    sizes()
    if not (shutil.which("node") and PLAYWRIGHT.exists() and CHROMIUM):
        print(
            "Times need Node, `make clients` and Chromium (the variable CHROMIUM names another one)."
        )
    elif given.data:
        times(Path(given.data), given)
    else:
        with tempfile.TemporaryDirectory() as folder:
            times(Path(folder), given)


def sizes() -> None:
    """The built page, file by file; exits with 1 where the script is too heavy."""
    weights = {
        str(path.relative_to(DIST)): (
            len(path.read_bytes()),
            len(gzip.compress(path.read_bytes(), 9, mtime=0)),
        )
        for path in sorted(DIST.rglob("*"))
        if path.suffix in (".html", ".js", ".css")
    }
    table(
        ("file", "bytes", "gzip -9"),
        [(name, f"{raw:,}", f"{small:,}") for name, (raw, small) in weights.items()],
    )
    script = sum(
        small
        for name, (_, small) in weights.items()
        if name.endswith(".js") and "world" not in name
    )
    print(
        f"Script without the map: {script / 1000:.1f} kB gzip of at most {SCRIPT_BYTES / 1000:.0f}.\n"
    )
    if script > SCRIPT_BYTES:
        sys.exit(1)


def load(folder: Path, events: int) -> None:
    """Fill the store of a data folder with made-up traffic and roll it up, in a process of its own."""
    from bench import dashboard, traffic
    from bench.bench_dashboard import has_events, roll_up
    from bench.measure import MeteredStore
    from footfall.migrate import migrate
    from local.__main__ import DATABASE

    path = str(folder / "store")
    with closing(MeteredStore(f"chdb://{path}")) as first:
        first.execute(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
    store = MeteredStore(f"chdb://{path}?database={DATABASE}")
    dashboard.wire(store, path, "UTC")
    migrate(store)
    if not has_events(store):
        traffic.load(store, traffic.Traffic(events, 13_000, 0))
    roll_up(store, "UTC")
    store.close()


def times(folder: Path, given: argparse.Namespace) -> None:
    """Start a stack on the folder, open the page some times, print what it took."""
    from tests.flow.stack import Stack

    folder.mkdir(parents=True, exist_ok=True)
    keys = folder / "keys.json"
    if not keys.exists():
        keys.write_text(json.dumps({"site": MAIN}))
    subprocess.run(
        [sys.executable, __file__, "--load", folder, "--events", str(given.events)], check=True
    )
    stack = Stack(folder).start()
    try:
        events = stack.value("events", start="2025-04-01", end="2025-06-30")
        started = cpu_seconds(stack.process.pid) if stack.process else 0.0
        runs = opened(stack, given.runs)
        used = cpu_seconds(stack.process.pid) - started if stack.process else 0.0
    finally:
        stack.stop()
    print(
        f"{events:,} events of 90 days; the first of {len(runs)} runs, then the median and the least of the others:"
    )
    rows = [
        (name, *(f"{value:,.0f} ms" for value in told(runs, key)))
        for name, key in (
            ("complete", "complete"),
            ("of this the question", "query"),
            ("script began", "script"),
        )
    ]
    table(("", "first", "median", "least"), rows)
    asked = f"{runs[0]['queries']} question(s) of {runs[0]['parts']} parts"
    print(f"{asked}; the stack used {1000 * used / len(runs):,.0f} ms of CPU a run.")
    if min(run["complete"] for run in runs) > FULL_MS:
        print(f"SLOWER than {FULL_MS} ms")


def told(runs: Sequence[dict[str, float]], key: str) -> tuple[float, float, float]:
    """The first, the median and the least of the others."""
    others = [run[key] for run in runs[1:]] or [runs[0][key]]
    return runs[0][key], statistics.median(others), min(others)


def opened(stack: Any, runs: int) -> list[dict[str, float]]:
    """What the browser measured of each run."""
    given = {
        "chromium": CHROMIUM,
        "address": f"http://127.0.0.1:{stack.port}/?{PERIOD}#key={stack.keys['api_key']}",
        "runs": runs,
    }
    done = subprocess.run(
        ["node", "page.mjs", json.dumps(given)],
        cwd=ROOT / "bench",
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    answer: list[dict[str, float]] = json.loads(done.stdout)
    return answer


def cpu_seconds(pid: int) -> float:
    """CPU that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
