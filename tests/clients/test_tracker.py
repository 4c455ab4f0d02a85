"""The tracker and the React package in headless Chromium: what they send, file by file; `tracker/` and `react/` say it.

Run one alone: `CHROMIUM=$(command -v chromium) node --test tests/clients/tracker/pages.test.mjs`.
"""

import json
import os
import re
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest

from tests.clients.browser import CHROMIUM, needs_chromium, opened, page
from tests.clients.faulty import Pages
from tests.clients.node import needs_node
from tests.flow.stack import Stack

FOLDER = Path(__file__).parent
CLIENTS = FOLDER.parents[1] / "clients"
FILES = sorted(path.relative_to(FOLDER) for path in FOLDER.glob("*/*.test.mjs"))

needs_packages = pytest.mark.skipif(
    shutil.which("node") is None or not (CLIENTS / "node_modules" / ".stamp").exists(),
    reason="needs Node and the packages of clients (make clients)",
)


def run(file: Path) -> subprocess.CompletedProcess[str]:
    """The tests of a file, in Node and Chromium."""
    return subprocess.run(
        ["node", "--test", "--test-reporter=spec", str(file)],
        cwd=FOLDER,
        env=os.environ | {"CHROMIUM": CHROMIUM},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@needs_packages
@needs_chromium
@pytest.mark.parametrize("file", FILES, ids=str)
def test_pages_send_what_the_tests_in_node_say(file: Path):
    done = run(file)

    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"^ℹ pass (\d+)$", done.stdout, re.MULTILINE)
    assert passed is not None
    assert int(passed[1]) >= 10


@pytest.mark.parametrize(
    ("name", "limit"), [("f.core.js", 1_000), ("f.js", 2_450), ("f.vitals.js", 3_600)]
)
def test_a_script_is_no_larger_than_promised(name: str, limit: int):
    compressor = zlib.compressobj(9, wbits=31)
    script = (CLIENTS / "tracker" / "dist" / name).read_bytes()

    size = len(compressor.compress(script) + compressor.flush())

    assert size <= limit
    assert f"'{name}': {limit}" in (CLIENTS / "build.mjs").read_text()
    documented = (CLIENTS.parent / "docs" / "tracker.md").read_text()
    row = re.search(
        rf"^\| `{re.escape(name)}` \| ([\d,]+) \| ([\d,]+) \|", documented, re.MULTILINE
    )
    assert row is not None
    assert row[2] == f"{limit:,}"
    # Compressors differ by a few bytes.
    assert int(row[1].replace(",", "")) == pytest.approx(size, abs=16)


PAGE = """<script>
  window.footfall ??= new Proxy([], {{ get: (q, m) => q[m] ?? ((...a) => {{ q.push([m, a]) }}) }})
  footfall.consent('granted')
  footfall.track('tracked', {{ n: 1 }})
</script>
<script defer src="{url}/{name}" data-site="{key}" data-allow="localhost webdriver"></script>
<script type="module">
  if (location.pathname === '{path}') setTimeout(() => history.pushState({{}}, '', '{path}/next'), 600)
  setTimeout(() => (window.finished = true), 1200)
</script>"""


@needs_packages
@needs_node
@needs_chromium
def test_what_a_page_sends_with_the_script_of_the_stack_is_counted_once(stack: Stack):
    path = "/of-the-tracker"
    part = PAGE.format(
        url=f"http://127.0.0.1:{stack.port}",
        name="f.js",
        key=stack.keys["write_key"],
        path=path,
    )
    pages = Pages({path: page(part, title="Of the tracker")}).start()
    try:
        seen = opened(f"{pages.url}{path}?utm_source=mail&secret=1", events=3)
    finally:
        pages.stop()

    assert seen["errors"] == []
    stack.wait_until_stored()
    filters = json.dumps(["contains", "page", [path]])
    common = {"period": "today", "bots": "include", "filters": filters}
    assert stack.value("pageviews", **common) == 2
    assert stack.value("events", **common) == 3
    assert stack.value("visitors", **common) == 1
    _, sources = stack.get("/breakdown", dimension="utm_source", **common)
    assert [(row["dimension"], row["value"]) for row in sources["data"]] == [("mail", 2)]
    _, titles = stack.get("/breakdown", dimension="title", **common)
    assert [(row["dimension"], row["value"]) for row in titles["data"]] == [("Of the tracker", 2)]
