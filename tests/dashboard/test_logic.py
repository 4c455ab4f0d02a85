"""What the page works out by itself: periods, filters and the address, the verdict. The cases are in logic.test.mjs."""

import subprocess
from pathlib import Path

from tests.dashboard.test_build import needs_packages

pytestmark = needs_packages


def test_periods_filters_addresses_and_verdicts_are_as_logic_test_mjs_says():
    done = subprocess.run(
        ["node", "--test", "logic.test.mjs"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
