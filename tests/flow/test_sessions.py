"""Sessions of a real site, in random order and partly twice, against figures that were worked out independently."""

import csv
import gzip
import json
import random
from pathlib import Path

from tests.builders import API_KEY, Product, at

NOW = at("2026-03-10T12:00:00")
BATCH = 2_000


def test_sessions_of_a_real_site_in_random_order_and_partly_twice(product: Product, data: Path):
    with gzip.open(data / "sessions" / "reconstructr.csv.gz", "rt", newline="") as file:
        events = [
            {
                "type": "pageview",
                "eventId": f"reconstructr-{number}",
                "anonymousId": row["uuid"],
                "timestamp": row["timestamp"].replace(" ", "T") + "Z",
                "page": {"url": row["url"]},
            }
            for number, row in enumerate(csv.DictReader(file))
        ]
    expected = json.loads((data / "sessions" / "reconstructr.expected.json").read_text())
    shuffled = events + events[::5]
    random.Random(1).shuffle(shuffled)

    for start in range(0, len(shuffled), BATCH):
        receipt = product.post(
            "/import", {"batch": shuffled[start : start + BATCH]}, NOW, key=API_KEY
        )
        assert receipt["rejected"] == []
    product.drain()

    found = product.metrics(NOW, "pageviews,events,visitors,sessions,bounce_rate", period="all")
    assert found["pageviews"] == found["events"] == expected["events"] == len(events)
    assert found["visitors"] == expected["users"]
    assert found["sessions"] == expected["sessions"]
    assert (
        round(found["bounce_rate"] / 100 * found["sessions"]) == expected["single_event_sessions"]
    )
