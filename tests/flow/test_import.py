"""A real access log through the command line and the running stack, against a few independent lines of Python."""

import gzip
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.flow.stack import ROOT, Stack

ASSETS = {
    "css",
    "js",
    "mjs",
    "map",
    "json",
    "xml",
    "txt",
    "rss",
    "atom",
    "png",
    "jpg",
    "jpeg",
    "gif",
    "svg",
    "ico",
    "webp",
    "avif",
    "bmp",
    "woff",
    "woff2",
    "ttf",
    "otf",
    "eot",
    "mp3",
    "mp4",
    "webm",
    "ogg",
    "avi",
    "mov",
    "zip",
    "gz",
    "tgz",
    "pdf",
    "exe",
    "dmg",
}
PERIOD = {"start": "2015-05-01", "end": "2015-06-01", "bots": "include"}


@pytest.fixture(scope="module")
def log() -> Path:
    return Path(__file__).parents[1] / "data" / "logs" / "apache_combined.log"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory):
    stack = Stack(tmp_path_factory.mktemp("import") / "data").start()
    yield stack
    assert stack.stop() == 0


def imported(stack: Stack, *files: Path) -> dict[str, object]:
    """What `footfall import` says it did."""
    command = [sys.executable, "-m", "footfall_cli", "import", *map(str, files), "--wait", "--json"]
    keys = {"FOOTFALL_URL": stack.keys["url"], "FOOTFALL_API_KEY": stack.keys["api_key"]}
    done = subprocess.run(
        command,
        env=keys | {"PYTHONPATH": str(ROOT / "clients" / "cli")},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def expected(log: Path) -> dict[str, object]:
    """The same log, read by nothing of ours."""
    views = []
    for line in log.read_text(errors="replace").splitlines():
        found = re.match(
            r'(\S+) \S+ \S+ \[([^]]+)\] "GET (\S+)[^"]*" (\d+) \S+ "[^"]*" "(.*)"', line
        )
        if found and int(found[4]) < 400:
            path = re.split(r"[?#]", found[3])[0]
            if (
                path.rsplit("/")[-1].rpartition(".")[2].lower() not in ASSETS
                or "." not in path.rsplit("/")[-1]
            ):
                moment = datetime.strptime(found[2], "%d/%b/%Y:%H:%M:%S %z").astimezone(UTC)
                views.append((found[1], found[5], path, moment))
    return {
        "pageviews": len(views),
        "pages": dict(Counter(path for _, _, path, _ in views)),
        "hours": len({moment.replace(minute=0, second=0) for *_, moment in views}),
        "visitor_days": len({(ip, agent, moment.date()) for ip, agent, _, moment in views}),
    }


def answered(stack: Stack) -> dict[str, object]:
    """What the running product says of it."""
    days = stack.get("/timeseries", metric="visitors", interval="day", **PERIOD)[1]["data"]
    hours = stack.get("/timeseries", metric="pageviews", interval="hour", **PERIOD)[1]["data"]
    pages = stack.get("/breakdown", dimension="page", limit=1000, **PERIOD)[1]["data"]
    return {
        "pageviews": stack.value("pageviews", **PERIOD),
        "pages": {row["dimension"]: row["value"] for row in pages},
        "hours": sum(hour["value"] > 0 for hour in hours),
        "visitor_days": sum(day["value"] for day in days),
    }


def test_a_log_is_counted_as_it_is_and_twice_changes_nothing(
    stack: Stack, log: Path, tmp_path: Path
):
    right = expected(log)
    assert right["pageviews"] > 50
    assert imported(stack, log)["accepted"] == right["pageviews"]
    assert answered(stack) == right
    assert imported(stack, log)["accepted"] == right["pageviews"]
    assert answered(stack) == right
    packed = tmp_path / "access.log.gz"
    with log.open("rb") as plain, gzip.open(packed, "wb") as out:
        shutil.copyfileobj(plain, out)
    assert imported(stack, packed)["accepted"] == right["pageviews"]
    assert answered(stack) == right


def test_retries_over_a_restart_and_by_other_routes_are_one_event(stack: Stack):
    event = {"anonymousId": "r", "eventId": "over-a-restart", "page": {"path": "/retried"}}
    asked = {"period": "7d", "filters": '["is","page",["/retried"]]'}
    assert stack.post("/pageview", event)[0] == 200
    stack.wait_until_stored()
    stack.kill()
    stack.start()
    assert stack.post("/pageview", event)[0] == 200
    assert stack.post("/batch", {"batch": [event | {"type": "pageview"}] * 2})[0] == 200
    assert stack.post("/pageview", event | {"timestamp": datetime.now(UTC).isoformat()})[0] == 200
    stack.wait_until_stored()
    assert stack.value("pageviews", **asked) == 1
    assert stack.value("sessions", **asked) == 1
