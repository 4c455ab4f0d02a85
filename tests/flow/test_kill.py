"""What was answered with 200 survives `kill -9` of the local stack at any moment, once, with nothing resent."""

import os
import threading
import time
from collections import Counter
from pathlib import Path

from tests.flow.stack import Stack

EVENTS = int(os.environ.get("KILL_TEST_EVENTS", "3000"))
BATCH, SENDERS, KILLS = 10, 4, 3


def test_what_was_answered_survives_being_killed_three_times(tmp_path: Path):
    stack = Stack(tmp_path / "data").start()
    accepted: list[str] = []
    progress = threading.Condition()
    numbers = iter(range(0, EVENTS, BATCH))

    def send() -> None:
        while True:
            with progress:
                start = next(numbers, None)
            if start is None:
                return
            names = [str(n) for n in range(start, min(start + BATCH, EVENTS))]
            items = [
                {
                    "type": "track",
                    "anonymousId": f"v{n}",
                    "event": {"name": "e", "properties": {"n": n}},
                }
                for n in names
            ]
            try:
                status, _ = stack.post("/batch", {"batch": items})
            except OSError:
                status = 0
                time.sleep(0.5)  # it is down: do not run through all events before it is back
            with progress:
                if status == 200:
                    accepted.extend(names)
                progress.notify_all()

    try:
        senders = [threading.Thread(target=send) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        for kill in range(1, KILLS + 1):
            with progress:
                progress.wait_for(
                    lambda kill=kill: (
                        len(accepted) >= kill * EVENTS // (KILLS * 3)
                        or not any(sender.is_alive() for sender in senders)
                    )
                )
            stack.kill()
            stack.start()
        for sender in senders:
            sender.join()
        stack.wait_until_stored()

        found: Counter[str] = Counter()
        while True:
            _, page = stack.get(
                "/breakdown", dimension="props:n", period="today", limit=1000, offset=len(found)
            )
            if not page["data"]:
                break
            for row in page["data"]:
                found[row["dimension"]] += row["value"]
        assert len(accepted) > EVENTS // 3
        assert [n for n in accepted if not found[n]] == []
        assert [n for n, times in found.items() if times > 1] == []
    finally:
        stack.stop()
