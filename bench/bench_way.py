"""What the way of one event costs: CPU of each stage an event, against a floor measured in the same run.

The floor parses a batch of JSON, writes each event as one JSON line and inserts the lines as they are: what nobody can
save. Everything above it is validation, identity, packing, enrichment and the search for copies.

    python bench/bench_way.py [events]
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "layers" / "core")]

from footfall.collect.steps import Delivery, make_event  # noqa: E402
from footfall.event_queue import pack, unpack  # noqa: E402
from footfall.ingest.batch import COPY_DAYS, settle_copies  # noqa: E402
from footfall.ingest.table import table  # noqa: E402
from footfall.location import Location  # noqa: E402
from footfall.migrate import migrate  # noqa: E402
from footfall.salts import Salts  # noqa: E402
from footfall.site import Site  # noqa: E402
from footfall.store import Store  # noqa: E402

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
BATCH = 500
NOW = 1_790_000_000_000
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


def main() -> None:
    """Measure every stage once and print it beside the floor."""
    delivery = Delivery(
        site=Site(id="bench"),
        received_at=NOW,
        ip="203.0.113.7",
        user_agent=AGENT,
        is_trusted=False,
        is_imported=False,
        sent_at=None,
        salts=Salts(None),  # type: ignore[arg-type] - every event has an anonymousId
        locate=lambda _: Location("", "", ""),
        measure=False,
    )
    bodies = [
        json.dumps({"batch": [item(n) for n in range(start, start + BATCH)]})
        for start in range(0, EVENTS, BATCH)
    ]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"chdb://{folder}/store")
        migrate(store)
        store.execute("CREATE TABLE floor (line String) ENGINE = MergeTree ORDER BY tuple()")

        parsed = measured("parse", lambda: [json.loads(body)["batch"] for body in bodies])
        lines = measured(
            "floor: write", lambda: [[{"line": json.dumps(i)} for i in batch] for batch in parsed]
        )
        floor = sum(COSTS.values())
        floor += measured_cost(
            "floor: insert", lambda: [store.insert("floor", batch) for batch in lines]
        )

        events = measured(
            "collect: steps",
            lambda: [[make_event(i, at, delivery) for at, i in enumerate(b)] for b in parsed],
        )
        messages = measured("collect: pack", lambda: [list(pack(batch)) for batch in events])
        unpacked = measured(
            "ingest: unpack", lambda: [[e for m in b for e in unpack(m).events] for b in messages]
        )
        tables = measured("ingest: enrich", lambda: [table(batch) for batch in unpacked])
        measured(
            "ingest: insert", lambda: [store.insert_columns("events", made) for made in tables]
        )
        measured(
            "ingest: copies",
            lambda: [settle_copies("bench", batch, store) for batch in unpacked],
        )
        stored = store.select("queries/first_event", {"site": "bench"}).rows[0][1]
        store.close()
    ours = COSTS["parse"] + sum(
        cost for name, cost in COSTS.items() if name.startswith(("collect", "ingest"))
    )
    size = sum(len(message) for batch in messages for message in batch) / EVENTS
    print(
        f"{EVENTS:,} events in batches of {BATCH}, each with a look {COPY_DAYS} days around for copies"
    )
    for name, cost in COSTS.items():
        print(f"  {name:<16}{cost:8.1f} µs an event")
    print(
        f"  whole way       {ours:8.1f} µs an event = {ours / floor:.1f} x the floor ({floor:.1f} µs)"
    )
    print(f"  {size:.0f} B an event on the queue, {stored:,} rows stored of {EVENTS:,}")


COSTS: dict[str, float] = {}


def measured(name: str, work: Callable[[], Any]) -> Any:
    """Do the work once, note its CPU time an event, hand on its result."""
    started = time.process_time()
    result = work()
    COSTS[name] = (time.process_time() - started) / EVENTS * 1e6
    return result


def measured_cost(name: str, work: Callable[[], Any]) -> float:
    """The CPU time an event of the work, in µs."""
    measured(name, work)
    return COSTS[name]


def item(number: int) -> dict[str, Any]:
    """A pageview as browsers send them."""
    return {
        "type": "pageview",
        "eventId": f"00000000-0000-7000-8000-{number:012}",
        "anonymousId": f"visitor-{number // 5}",
        "page": {
            "url": f"https://www.example.com/articles/{number % 1000}?utm_source=letter",
            "title": f"Article {number % 1000}",
            "referrer": "https://www.google.com/",
        },
        "context": {"locale": "de-DE", "screen": {"width": 1920, "height": 1080}},
    }


if __name__ == "__main__":
    main()
