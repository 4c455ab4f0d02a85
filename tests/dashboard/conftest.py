"""One running stack with real logs and made-up traffic on several sites, and what a browser saw of it."""

import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.clients.browser import CHROMIUM
from tests.dashboard import traffic
from tests.flow.stack import ROOT, Stack

LOG = Path(
    os.environ.get("DASHBOARD_LOG", ROOT / "tests" / "data" / "logs" / "apache_combined.log")
)
"""The access log that the page is held against; the variable names another one."""
ZONE = "Europe/Berlin"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """`python -m local` with the sites default (hostile), shop, logs and bare."""
    stack = Stack(tmp_path_factory.mktemp("dashboard") / "data").start()
    now = datetime.now(UTC)
    for site in (
        {"id": "shop", "name": "Shop", "domains": ["shop.example"], "timezone": ZONE},
        {"id": "logs", "name": "Logs"},
        {"id": "bare", "name": "Bare"},
    ):
        assert stack.post("/sites", site, Authorization=f"Bearer {stack.keys['api_key']}")[0] == 200
    send(stack, "shop", traffic.shop(now))
    send(stack, "default", traffic.hostile(now))
    import_log(stack)
    stack.wait_until_stored()
    yield stack
    assert stack.stop() == 0


def send(stack: Stack, site: str, events: Iterable[dict[str, Any]]) -> None:
    """Import events into a site."""
    items = list(events)
    for start in range(0, len(items), 2000):
        batch = items[start : start + 2000]
        status, answer = stack.post(
            f"/import?site={site}",
            {"batch": batch},
            Authorization=f"Bearer {stack.keys['api_key']}",
        )
        assert (status, answer["rejected"]) == (200, []), answer


def import_log(stack: Stack) -> None:
    """Import the access log as anybody does."""
    command = [
        ROOT / ".venv" / "bin" / "footfall", "import", LOG, "--url", f"http://127.0.0.1:{stack.port}",
        "--key", stack.keys["api_key"], "--site", "logs", "--wait",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr + done.stdout


@pytest.fixture(scope="session")
def seen(stack: Stack) -> dict[str, dict[str, Any]]:
    """What each scenario of scenarios.mjs saw, by its name, in one run of Chromium."""
    read_key = stack.post(
        "/sites/shop/keys", {"scope": "read"}, Authorization=f"Bearer {stack.keys['api_key']}"
    )[1]["key"]
    given = {
        "chromium": CHROMIUM,
        "url": f"http://127.0.0.1:{stack.port}",
        "key": stack.keys["api_key"],
        "readKey": read_key,
        "hostile": {
            "page": traffic.HOSTILE_PAGE,
            "event": traffic.HOSTILE_EVENT,
            "campaign": traffic.HOSTILE_CAMPAIGN,
            "referrer": traffic.HOSTILE_REFERRER,
        },
        "loud": traffic.LOUD,
        "zone": ZONE,
        "only": os.environ.get("SCENARIO", ""),
        "shots": os.environ.get("SHOTS", ""),
    }
    done = subprocess.run(
        ["node", "scenarios.mjs", json.dumps(given)],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    told: dict[str, dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return told
