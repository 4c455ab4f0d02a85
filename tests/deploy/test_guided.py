"""`sam deploy --guided` asks for every parameter; who presses Enter gets what the template has as its default."""

import os
import pty
import re
import select
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests import translated

ROOT = Path(__file__).parents[2]
SAM = ROOT / ".venv-sam" / "bin" / "sam"
ANSWERS = {
    "Parameter StoreUrl": "https://footfall@clickhouse.example:8443/footfall",
    "Parameter StorePassword": "-",
}
"""What cannot be left empty."""
WHEN_ALL_IS_ASKED = "Looking for resources needed for deployment"
SECONDS = 180
_PROMPT = re.compile(r"[\]\w]: $")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.skipif(not SAM.is_file(), reason="SAM is not installed: make .venv-sam/sam.stamp")
def test_a_guided_deployment_needs_the_store_and_enter(tmp_path: Path):
    said = _guided(tmp_path)

    assert WHEN_ALL_IS_ASKED in said, said[-500:]
    assert "no authentication" not in said
    assert [name for name in translated.source()["Parameters"] if f"Parameter {name}" not in said] == []  # fmt: skip


def _guided(folder: Path) -> str:
    """What SAM says on a terminal whose keys are Enter and ANSWERS, until it would ask AWS or ends."""
    ours, its = pty.openpty()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
        "HOME": str(folder),
    }
    process = subprocess.Popen(
        [SAM, "deploy", "--guided", "--template-file", ROOT / "template.yaml", "--region", "eu-central-1"],
        cwd=folder, env=environ, stdin=its, stdout=its, stderr=its, start_new_session=True,
    )  # fmt: skip
    os.close(its)
    said, answered, ends = "", 0, time.monotonic() + SECONDS
    try:
        while time.monotonic() < ends and WHEN_ALL_IS_ASKED not in said:
            if not select.select([ours], [], [], 0.5)[0]:
                continue
            try:
                said += _COLOURS.sub("", os.read(ours, 65_536).decode(errors="replace"))
            except OSError:  # it ended
                break
            asked = said[answered:].rpartition("\n")[2]
            if _PROMPT.search(asked):
                answered = len(said)
                answer = next((a for name, a in ANSWERS.items() if name in asked), "")
                os.write(ours, f"{answer}\n".encode())
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(ours)
    return said
