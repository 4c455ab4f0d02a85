"""`footfall demo`: made-up traffic, so that there is something to look at. `make run DEMO=1` sends it, too.

Sent through `/import` like anybody's old events. The same day makes the same events with the same ids, so that sending
it again adds what is missing and changes nothing else.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Annotated, Any

from footfall_cli import output
from footfall_cli.client import Client
from footfall_cli.importing.batches import batches
from footfall_cli.importing.delivery import Delivery
from footfall_cli.importing.progress import Advance, progress
from footfall_cli.importing.record import Item
from footfall_cli.importing.run import WAIT_SECONDS, wait_until_stored
from footfall_cli.importing.tally import Tally
from footfall_cli.parameters import Option
from footfall_cli.target import Target

DAYS = 90
MOST_DAYS = 3650
"""Ten years: about two million events."""

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
_AGENT_WEIGHTS = (40, 25, 8, 15, 12)
_PLACES = (
    ("en-US", "12.0.0.1"),
    ("de-DE", "80.128.0.1"),
    ("en-GB", "81.128.0.1"),
    ("fr-FR", "90.0.0.1"),
    ("ja-JP", "126.0.0.1"),
)
"""Languages, and addresses of large providers where they are spoken."""
_PLACE_WEIGHTS = (38, 24, 16, 12, 10)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who does not exist."""

    id: str
    agent: str
    locale: str
    ip: str


def demo(
    target: Target,
    days: Annotated[
        int, Option("--days", "How many days, today included.", least=1, most=MOST_DAYS)
    ] = DAYS,
    wait: Annotated[bool, Option("--wait", "Return when everything can be queried.")] = False,
) -> int:
    """Fill a site with made-up traffic of the last days.

    Sending it again adds the events since, and nothing twice. A site of its own keeps it apart from yours: --site.
    """
    with target.client() as client, progress(days, "days") as advance:
        # A server that is not there is told at once.
        client.get("/health")
        tally = fill(target.client, target.site, datetime.now(UTC), days, advance)
        if wait:
            wait_until_stored(client, WAIT_SECONDS)
    for example in tally.refused_examples:
        output.complain(f"refused: {example}")
    if target.as_json:
        refused = dict(tally.refused)
        output.tell({"days": days, "accepted": tally.accepted, "refused": refused})
    else:
        print(f"{tally.accepted:,} made-up events of the last {days} days are in")
    return tally.exit_code


def fill(
    connect: Callable[[], Client],
    site: str | None,
    now: datetime,
    days: int = DAYS,
    advance: Advance = lambda _days, _accepted: None,
) -> Tally:
    """Send the traffic of the last days; what became of it. Raises CliError."""
    tally = Tally()
    first = now.astimezone(UTC).date() - timedelta(days=days - 1)
    items = (Item(n, "", event) for n, event in enumerate(traffic(now, days), 1))

    def too_large(_: int) -> None:
        raise AssertionError("no made-up event is large")

    with Delivery(connect, site, tally) as delivery:
        for batch in batches("demo", items, too_large):
            delivery.send(batch)
            last: str = json.loads(batch.events[-1])["timestamp"]
            advance((date.fromisoformat(last[:10]) - first).days, tally.accepted)
        delivery.finish()
    advance(days, tally.accepted)
    return tally


def traffic(now: datetime, days: int = DAYS) -> Iterator[dict[str, Any]]:
    """Items of a batch, oldest day first, none later than `now`."""
    for back in range(days - 1, -1, -1):
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
        agent = taste.choices(_AGENTS, _AGENT_WEIGHTS)[0]
        visitor = Visitor(f"demo-{name}", agent, *taste.choices(_PLACES, _PLACE_WEIGHTS)[0])
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
        "context": {
            "userAgent": visitor.agent,
            "locale": visitor.locale,
            "ip": visitor.ip,
        },
    }
