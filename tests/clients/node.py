"""Where Node and its packages are; tests say what they skip without them."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent
PACKAGES = FOLDER / "node_modules"

needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not (PACKAGES / ".stamp").exists(),
    reason="needs Node and the packages of tests/clients (make clients)",
)


def run(script: str, seconds: float = 150, **given: Any) -> dict[str, Any]:
    """What a script of this folder prints when it is given these values."""
    done = subprocess.run(
        ["node", script, json.dumps(given)],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said
