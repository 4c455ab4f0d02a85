"""A visitor without an id is the same one before and after `kill -9`, even where Valkey's data is lost with it."""

import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

from tests.builders import BROWSER
from tests.flow.stack import Stack


def test_a_visitor_without_an_id_survives_kill_and_the_loss_of_valkey(tmp_path: Path):
    stack = Stack(tmp_path / "data").start()
    view = {"page": {"path": "/"}}
    try:
        assert stack.post("/pageview", view, **{"User-Agent": BROWSER})[0] == 200
        assert (stack.data / "salts.json").stat().st_mode & 0o777 == 0o600
        pid = int((stack.data / "valkey" / "valkey.pid").read_text())

        stack.kill()
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(stack.data / "valkey")
        stack.start()
        assert stack.post("/pageview", view, **{"User-Agent": BROWSER})[0] == 200

        stack.wait_until_stored()
        # Around midnight the two are of two days.
        assert stack.value("pageviews", period="7d") == 2
        views = stack.get("/timeseries", metric="pageviews", period="7d")[1]["data"]
        days = sum(bucket["value"] > 0 for bucket in views if bucket["value"] is not None)
        assert stack.value("visitors", period="7d") == days
    finally:
        stack.stop()
