"""What ingest costs before the store works: CPU of a batch from queue messages to the bytes of its one insert.

The events are mixed as traffic is: 40 agents, 1,000 pages, 30 referrers, a sixth of them tracks with properties. Then
what the embedded store takes for the same rows in each format: JSONColumns, which is used, JSONEachRow, and Native,
which clickhouse-connect encodes.

    python bench/bench_ingest.py [events]
"""

import json
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "layers" / "core")]

from footfall.event import Event  # noqa: E402
from footfall.event_queue import pack, unpack_all  # noqa: E402
from footfall.ingest.batch import uncollected  # noqa: E402
from footfall.ingest.table import table  # noqa: E402
from footfall.migrate import migrate  # noqa: E402
from footfall.store import Store  # noqa: E402

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
BATCH = 5_000
"""Events an insert: what SQS hands to one call while traffic is high."""
A_MESSAGE = (1, 10, 100, 500)
ROUNDS = 7
NOW = 1_790_000_000_000
encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def main() -> None:
    """Measure from messages to bytes, then the formats."""
    events = [event(number) for number in range(EVENTS)]
    print(f"{EVENTS:,} events, one insert of {BATCH:,}; CPU, median and minimum of {ROUNDS} rounds")
    print("  events a message    µs an event (min)    events a CPU-s    B an event on the queue")
    for size in A_MESSAGE:
        packed = [next(iter(pack(events[at : at + size]))) for at in range(0, EVENTS, size)]
        a_batch = max(1, BATCH // size)
        messages = [packed[at : at + a_batch] for at in range(0, len(packed), a_batch)]
        costs = rounds(lambda messages=messages: to_bytes(messages))
        cost = statistics.median(costs)
        length = sum(map(len, packed)) / EVENTS
        print(f"  {size:>16}{cost:>15.1f} ({min(costs):.1f}){1e6 / cost:>17,.0f}{length:>20.0f}")
    formats(events[:BATCH])


def to_bytes(messages: list[list[str]]) -> list[bytes]:
    """What ingest does with messages, by insert, until the store's client is called."""
    with uncollected():
        return [to_insert(own) for own in messages]


def to_insert(messages: list[str]) -> bytes:
    """The bytes of one insert."""
    unpacked = unpack_all(messages)
    events = [event for message in unpacked if message for event in message.events]
    return encoded(table(events)).encode("utf-8", "replace")


def formats(events: list[Event]) -> None:
    """Encoding and inserting one batch in each format; the store works in this process, so it is in the CPU time."""
    columns = table(events)
    rows = [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
    typed = {name: list(values) for name, values in columns.items()}
    typed["ts"] = [datetime.fromtimestamp(each.ts / 1000, UTC) for each in events]
    typed["event_id"] = [uuid.UUID(event_id) for event_id in typed["event_id"]]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"chdb://{folder}/store")
        migrate(store)
        client = store._open()
        context = client.create_insert_context(
            "events", column_names=list(typed), data=list(typed.values()), column_oriented=True
        )

        def native() -> None:
            context.data = list(typed.values())
            client.insert(context=context)

        def raw(body: bytes, name: str) -> Callable[[], Any]:
            return lambda: client.raw_insert("events", insert_block=body, fmt=name)

        by_column, by_row = encoded(columns).encode(), "\n".join(map(encoded, rows)).encode()
        print(
            f"  one insert of {len(events):,}        encode µs an event    store µs an event    B an event"
        )
        for name, body, encode in (
            ("JSONColumns", by_column, lambda: encoded(columns).encode()),
            ("JSONEachRow", by_row, lambda: "\n".join(map(encoded, rows)).encode()),
        ):
            cost, stored = (min(rounds(work, len(events))) for work in (encode, raw(body, name)))
            print(f"  {name:<24}{cost:>19.1f}{stored:>21.1f}{len(body) / len(events):>14.0f}")
        cost = min(rounds(native, len(events)))
        print(f"  {'Native (both together)':<24}{'':>19}{cost:>21.1f}")
        store.close()


def rounds(work: Callable[[], Any], events: int = EVENTS) -> list[float]:
    """CPU µs an event of each round, after one that warms up."""
    work()
    costs = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        costs.append((time.process_time() - started) / events * 1e6)
    return costs


def event(number: int) -> Event:
    """An event as collect makes it of a browser's."""
    visitor = f"visitor-{number // 5}"
    is_track = number % 6 == 0
    return Event(
        "bench", f"00000000-0000-7000-8000-{number:012}", "track" if is_track else "pageview",
        NOW + number * 37, NOW + number * 37, number % 500, f"a:{visitor}",
        anonymous_id=visitor,
        name="signup" if is_track else "",
        path=f"/articles/{number % 1000}",
        hostname="example.com",
        title=f"Article {number % 1000}",
        referrer=f"https://www.site{number % 30}.example/page" if number % 5 == 0 else "",
        utm_source="letter" if number % 7 == 0 else "",
        user_agent=f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/{100 + number % 40}.0.0.0 Safari/537.36",
        country="DE" if number % 3 else "AT",
        language="de-DE",
        screen_size="1920x1080",
        properties={"plan": "pro", "amount": str(number % 90)} if is_track else {},
    )  # fmt: skip


if __name__ == "__main__":
    main()
