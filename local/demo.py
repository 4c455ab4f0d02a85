"""A month of made-up traffic, so that there is something to look at: `make run DEMO=1`.

Sent through `/import` like anybody's old events. The same day makes the same events with the same ids, so a second
start adds what is missing and changes nothing else.
"""

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

DAYS = 30
_BATCH = 500

_PAGES = (
    "/",
    "/pricing",
    "/docs",
    "/docs/install",
    "/docs/api",
    "/blog/why-we-count",
    "/blog/launch",
    "/about",
)
_PAGE_WEIGHTS = (30, 12, 14, 9, 7, 11, 6, 3)
_REFERRERS = (
    "",
    "https://www.google.com/",
    "https://news.ycombinator.com/item",
    "https://github.com/",
    "https://chatgpt.com/",
    "https://www.reddit.com/r/selfhosted/",
)
_REFERRER_WEIGHTS = (40, 30, 10, 9, 6, 5)
_CAMPAIGNS = ("", "?utm_source=newsletter&utm_medium=email&utm_campaign=spring")
_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6"
_AGENTS = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME} Safari/537.36",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) {_SAFARI} Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_SAFARI} Safari/605.1.15",
    f"Mozilla/5.0 (Linux; Android 15; Pixel 9) {_CHROME} Mobile Safari/537.36",
)
_LOCALES = ("en-US", "de-DE", "en-GB", "fr-FR", "ja-JP")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who does not exist."""

    id: str
    agent: str
    locale: str


def run(url: str, api_key: str, now: datetime) -> int:
    """Send the traffic of the last days to a running stack; how many events there were. Raises OSError."""
    count = 0
    batch: list[dict[str, Any]] = []
    for event in traffic(now):
        batch.append(event)
        if len(batch) == _BATCH:
            count += _send(url, api_key, batch)
            batch = []
    return count + _send(url, api_key, batch)


def traffic(now: datetime) -> Iterator[dict[str, Any]]:
    """Items of a batch, oldest day first, none later than `now`."""
    for back in range(DAYS - 1, -1, -1):
        day = now.astimezone(UTC).date() - timedelta(days=back)
        for event in _day(day):
            if event["timestamp"] <= now.astimezone(UTC).isoformat():
                yield event


def _day(day: date) -> Iterator[dict[str, Any]]:
    random = Random(day.toordinal())  # noqa: S311 - made-up traffic needs no secrets
    busy = 0.6 if day.weekday() >= 5 else 1.0
    for number in range(int(random.gauss(140, 15) * busy)):
        # One in three comes again on other days.
        name = (
            f"regular-{random.randrange(400)}" if random.random() < 0.35 else f"new-{day}-{number}"
        )
        taste = Random(name)  # noqa: S311
        visitor = Visitor(
            f"demo-{name}", taste.choices(_AGENTS, (40, 25, 8, 15, 12))[0], taste.choice(_LOCALES)
        )
        yield from _session(visitor, day, number, random)


def _session(visitor: Visitor, day: date, number: int, random: Random) -> Iterator[dict[str, Any]]:
    hour = min(23.9, max(0.0, random.gauss(14, 4.5)))
    moment = datetime.combine(day, time(), UTC) + timedelta(hours=hour)
    referrer = random.choices(_REFERRERS, _REFERRER_WEIGHTS)[0]
    campaign = random.choices(_CAMPAIGNS, (92, 8))[0]
    for step in range(1 if random.random() < 0.45 else random.randint(2, 7)):
        path = random.choices(_PAGES, _PAGE_WEIGHTS)[0]
        yield _event(visitor, f"{day}-{number}-{step}", moment) | {
            "type": "pageview",
            "page": {
                "url": f"https://footfall.example{path}{campaign if step == 0 else ''}",
                "referrer": referrer if step == 0 else "https://footfall.example/",
            },
        }
        if path == "/pricing" and random.random() < 0.2:
            plan = random.choice(("free", "pro", "team"))
            yield _event(
                visitor, f"{day}-{number}-{step}-signup", moment + timedelta(seconds=20)
            ) | {
                "type": "track",
                "event": {"name": "signup", "properties": {"plan": plan}},
                "page": {"path": path},
            }
        moment += timedelta(seconds=random.expovariate(1 / 50) + 3)


def _event(visitor: Visitor, name: str, moment: datetime) -> dict[str, Any]:
    return {
        "eventId": f"demo-{name}",
        "anonymousId": visitor.id,
        "timestamp": moment.isoformat(),
        "context": {"userAgent": visitor.agent, "locale": visitor.locale},
    }


def _send(url: str, api_key: str, batch: list[dict[str, Any]]) -> int:
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{url}/import",
        json.dumps({"batch": batch}).encode(),
        {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        accepted: int = json.load(answer)["accepted"]
    return accepted
