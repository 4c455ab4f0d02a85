"""Made-up traffic for the page: quiet weeks with one loud day, and a site where everything collected is hostile."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

DAYS = 66
LOUD = 3
"""So many days ago four times as many came."""

_PAGES = (
    "/",
    "/pricing",
    "/docs",
    "/docs/install",
    "/blog/launch",
    "/about",
    "/changelog",
    "/a,b/100%",
    "/größe",
)
_PAGE_WEIGHTS = (30, 14, 12, 9, 8, 4, 3, 2, 1)
_REFERRERS = (
    "", "https://www.google.com/", "https://news.ycombinator.com/item", "https://github.com/", "https://www.bing.com/",
    "https://chatgpt.com/", "https://www.reddit.com/r/selfhosted", "https://lobste.rs/s/1",
)  # fmt: skip
_REFERRER_WEIGHTS = (38, 26, 10, 9, 5, 5, 4, 3)
_CAMPAIGNS = (
    "",
    "?utm_source=newsletter&utm_medium=email&utm_campaign=spring",
    "?utm_source=google&utm_medium=cpc&utm_campaign=brand",
)
_CAMPAIGN_WEIGHTS = (80, 13, 7)
# Languages, and an address of a large provider where they are spoken.
_PLACES = (
    ("de-DE", "80.128.0.1"), ("en-US", "12.0.0.1"), ("en-GB", "81.128.0.1"), ("fr-FR", "90.0.0.1"),
    ("ja-JP", "126.0.0.1"), ("nl-NL", "145.0.0.1"), ("en-IN", "49.32.0.1"), ("pt-BR", "177.32.0.1"),
    ("en-AU", "1.128.0.1"), ("sv-SE", "90.224.0.1"), ("pl-PL", "83.0.0.1"), ("en-SG", "121.6.0.1"),
)  # fmt: skip
_PLACE_WEIGHTS = (28, 24, 10, 9, 6, 5, 5, 4, 3, 3, 2, 1)
_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
_AGENTS = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME} Safari/537.36",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) {_SAFARI}",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    f"Mozilla/5.0 (Linux; Android 15; Pixel 9) {_CHROME} Mobile Safari/537.36",
)
_AGENT_WEIGHTS = (44, 25, 11, 20)
_TRACKS = (
    {"name": "signup", "properties": {"plan": "free"}},
    {"name": "signup", "properties": {"plan": "pro"}},
    {"name": "download", "properties": {"file": "handbook.pdf"}},
    {"name": "video started"},
)
HOSTILE_PAGE = '/<img src=x onerror="window.hurt=1">'
HOSTILE_REFERRER = "javascript:window.hurt=2"
HOSTILE_CAMPAIGN = '=HYPERLINK("http://evil.example","click")'
HOSTILE_EVENT = "<script>window.hurt=3</script>"


def shop(now: datetime) -> Iterator[dict[str, Any]]:
    """Events of some weeks until now, with places, campaigns and properties."""
    today = now.astimezone(UTC).date()
    for back in range(DAYS):
        for event in _day(today - timedelta(days=back), 4 if back == LOUD else 1):
            if event["timestamp"] <= now.astimezone(UTC).isoformat():
                yield event


def _day(day: date, times: int) -> Iterator[dict[str, Any]]:
    random = Random(day.toordinal())
    busy = 0.7 if day.weekday() >= 5 else 1.0
    for number in range(int(times * busy * random.gauss(48, 5))):
        again = random.random() < 0.4
        name = f"again-{random.randrange(160)}" if again else f"{day}-{number}"
        taste = Random(name)
        locale, ip = taste.choices(_PLACES, _PLACE_WEIGHTS)[0]
        agent = taste.choices(_AGENTS, _AGENT_WEIGHTS)[0]
        campaign = random.choices(_CAMPAIGNS, _CAMPAIGN_WEIGHTS)[0]
        moment = datetime.combine(day, time(), UTC) + timedelta(seconds=random.randrange(80_000))
        for step in range(random.choice((1, 1, 2, 3, 4))):
            page = random.choices(_PAGES, _PAGE_WEIGHTS)[0]
            referrer = random.choices(_REFERRERS, _REFERRER_WEIGHTS)[0] if step == 0 else ""
            about = {
                "anonymousId": name,
                "timestamp": (moment + timedelta(seconds=40 * step)).isoformat(),
                "context": {"userAgent": agent, "locale": locale, "ip": ip},
            }
            url = f"https://shop.example{page}{campaign if step == 0 else ''}"
            yield about | {
                "type": "pageview",
                "eventId": f"{day}-{number}-{step}",
                "page": {"url": url, "referrer": referrer, "title": f"Shop {page}"},
            }
            if page == "/pricing":
                yield about | {
                    "type": "track",
                    "eventId": f"{day}-{number}-{step}-track",
                    "event": random.choices(_TRACKS, (5, 3, 2, 4))[0],
                    "page": {"path": page},
                }


def hostile(now: datetime) -> Iterator[dict[str, Any]]:
    """Two visits whose every text tries to be more than text."""
    for number in range(2):
        about = {
            "anonymousId": f"hostile-{number}",
            "timestamp": (now - timedelta(hours=1)).isoformat(),
            "context": {
                "locale": "de-DE",
                "campaign": {
                    "name": HOSTILE_CAMPAIGN,
                    "source": HOSTILE_REFERRER,
                    "medium": HOSTILE_PAGE,
                },
                "browser": {"name": HOSTILE_PAGE, "version": "1"},
                "os": {"name": HOSTILE_EVENT, "version": "1"},
                "device": {"type": "desktop"},
            },
        }
        yield about | {
            "type": "pageview",
            "eventId": f"hostile-{number}-view",
            "page": {"path": HOSTILE_PAGE, "title": HOSTILE_EVENT, "referrer": HOSTILE_REFERRER},
        }
        yield about | {
            "type": "track",
            "eventId": f"hostile-{number}-track",
            "event": {
                "name": HOSTILE_EVENT,
                "properties": {HOSTILE_PAGE: HOSTILE_CAMPAIGN, "link": HOSTILE_REFERRER},
            },
            "page": {"path": HOSTILE_PAGE},
        }
