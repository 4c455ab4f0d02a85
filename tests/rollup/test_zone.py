"""A site whose zone is changed answers as one that had that zone from the start: at once, rolled up, and in between."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from footfall import builds, journal
from footfall.admin.sites import change_site
from footfall.days import FIRST_DAY, LAST_DAY
from footfall.keys import Access
from footfall.privacy.retention import expire
from footfall.registry.writing import write_site
from footfall.rollup.run import run
from footfall.site import Site
from footfall.store import Store
from tests.builders import API_KEY, Product, at, pageview, track

NOW = at("2026-03-20T12:00:00")
ALL = Access("admin", None)
ASKED: list[tuple[str, dict[str, Any]]] = [
    ("metrics", {"metrics": "pageviews,visitors,sessions,bounce_rate,avg_duration,events", "period": "all"}),
    ("metrics", {"metrics": "visitors", "start": "2026-03-05", "end": "2026-03-09"}),
    ("timeseries", {"metric": "visitors", "interval": "day", "period": "2026-03"}),
    ("timeseries", {"metric": "sessions", "interval": "hour", "period": "2026-03-07"}),
    ("timeseries", {"metric": "events", "interval": "week", "period": "30d"}),
    ("breakdown", {"dimension": "page", "metric": "visitors", "period": "7d"}),
    ("breakdown", {"dimension": "entry_page", "metric": "sessions", "period": "2026-03"}),
    ("breakdown", {"dimension": "event", "period": "2026-03", "timezone": "America/New_York"}),
    ("daily", {"date": "2026-03-08"}),
]  # fmt: skip


def history() -> list[dict[str, Any]]:
    """Two weeks of visits, most of them near the midnights of some zone."""
    rows = []
    at_random = random.Random(7)
    for visit in range(120):
        start = at("2026-03-02T00:00:00") + at_random.randint(0, 15 * 24 * 4) * 900_000
        for step in range(at_random.randint(1, 4)):
            start += at_random.choice([1_000, 600_000, 1_799_999, 1_800_000])
            moment = datetime.fromtimestamp(start / 1000, UTC).isoformat()
            visitor = f"v{visit % 17}"
            rows.append(
                track(visitor, timestamp=moment, eventId=f"{visit}-{step}")
                if step % 3 == 2
                else pageview(visitor, f"/{step}", timestamp=moment, eventId=f"{visit}-{step}")
            )
    rows.append({"type": "identify", "anonymousId": "v3", "userId": "u", "timestamp": moment})
    return rows


def answers(product: Product, site: Site) -> list[Any]:
    """The answers about a site, without what may differ: whose they are and from where."""
    product.site = site
    told = [product.ask(name, NOW, **parameters) for name, parameters in ASKED]
    for answer in told:
        answer["meta"] = answer["meta"]["timezone"]
    return told


def sites(product: Product, before: str, after: str) -> tuple[Site, Site]:
    """Two sites with the same events: one whose zone is about to be changed, one in that zone from the start."""
    moved, model = Site(id="moved", timezone=before), Site(id="model", timezone=after)
    for site in (moved, model):
        write_site(site, None, NOW, product.store)
    product.registry.carry()
    for site in (moved, model):
        product.post("/import", {"batch": history(), "site": site.id}, NOW, key=API_KEY)
    product.drain()
    return moved, model


def move(product: Product, zone: str) -> Site:
    """Change the zone of the one site."""
    change_site("moved", {"timezone": zone}, ALL, NOW, product.registry, product.store)
    return product.registry.stored_site("moved")


class Interrupted(Exception):
    pass


class OnlySome(Store):
    """A store in which a run ends after it has published some days."""

    def __init__(self, store: Store, publications: int) -> None:
        self._whole, self._left = store, publications
        self.select, self.execute, self.run = store.select, store.execute, store.run  # type: ignore[method-assign]

    def insert(self, table: str, rows: Any) -> None:
        if table == "builds":
            if not self._left:
                raise Interrupted
            self._left -= 1
        self._whole.insert(table, rows)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("UTC", "Asia/Kolkata"),
        ("Pacific/Kiritimati", "Pacific/Pago_Pago"),
        ("America/New_York", "UTC"),
    ],
)
def test_a_site_that_moved_answers_as_one_that_was_always_there(
    product: Product, monkeypatch: pytest.MonkeyPatch, before: str, after: str
):
    moved, model = sites(product, before, after)
    product.roll_up()
    expected = answers(product, model)
    assert answers(product, moved) != expected

    moved = move(product, after)
    assert journal.backlog(product.store)["moved"].windows >= 15
    assert answers(product, moved) == expected, "before a run"

    monkeypatch.setattr("footfall.rollup.run.ROWS_A_BUILD", 100)
    some = OnlySome(product.store, 1)
    with pytest.raises(Interrupted):
        run(datetime.now(UTC), some, product.queue, product.site_of, eager=True)
    zones = {b.zone for b in builds.current(product.store, "moved", FIRST_DAY, LAST_DAY).values()}
    assert {before, after} <= zones
    assert answers(product, moved) == expected, "between two builds"

    product.roll_up()
    assert "moved" not in journal.backlog(product.store)
    assert answers(product, moved) == expected, "rolled up"
    product.site = moved
    assert product.ask("metrics", NOW, period="all", compare="none")["meta"]["source"] == "rollup"


def test_before_the_change_is_noted_nobody_uses_days_of_another_zone(product: Product):
    moved, model = sites(product, "UTC", "Asia/Kolkata")
    product.roll_up()
    expected = answers(product, model)

    moved = moved.changed(timezone="Asia/Kolkata")
    write_site(moved, None, NOW, product.store)
    assert "moved" not in journal.backlog(product.store)

    assert answers(product, moved) == expected


def test_who_still_believes_in_the_old_zone_uses_no_days_of_the_new_one(product: Product):
    moved, _ = sites(product, "UTC", "Asia/Kolkata")
    product.roll_up()
    expected = answers(product, moved)

    move(product, "Asia/Kolkata")
    product.roll_up()

    assert answers(product, moved) == expected


def test_events_that_arrive_after_the_change_are_counted_in_the_new_days(product: Product):
    sites(product, "UTC", "Asia/Kolkata")
    product.roll_up()
    moved = move(product, "Asia/Kolkata")
    product.roll_up()
    late = [pageview(f"n{n}", timestamp=f"2026-03-06T{n:02}:45:00Z") for n in range(24)]
    for site in ("moved", "model"):
        product.post("/import", {"batch": late, "site": site}, NOW, key=API_KEY)
    product.drain()

    model = Site(id="model", timezone="Asia/Kolkata")
    assert answers(product, moved) == answers(product, model)
    product.roll_up()
    assert answers(product, moved) == answers(product, model)


def test_the_same_zone_again_changes_nothing(product: Product):
    sites(product, "UTC", "Asia/Kolkata")
    product.roll_up()
    move(product, "UTC")
    assert "moved" not in journal.backlog(product.store)


def test_a_change_that_was_cut_off_before_it_was_noted_is_noted_by_the_next_try(product: Product):
    moved, _ = sites(product, "UTC", "Asia/Kolkata")
    product.roll_up()
    write_site(moved.changed(timezone="Asia/Kolkata"), None, NOW, product.store)

    move(product, "Asia/Kolkata")

    assert "moved" in journal.backlog(product.store)


def test_days_whose_events_have_expired_keep_their_totals(product: Product):
    moved, _ = sites(product, "UTC", "Asia/Kolkata")
    product.roll_up()
    moved = moved.changed(retention_days=30)
    write_site(moved, None, NOW, product.store)
    later = at("2026-04-12T12:00:00")
    expire(moved, later, product.store)
    asked = {"metrics": "pageviews,events", "start": "2026-03-03", "end": "2026-03-08"}
    product.site = moved
    total = product.metrics(later, **asked)
    assert total["pageviews"] > 0

    product.site = move(product, "Asia/Kolkata")
    moment = datetime.fromtimestamp(later / 1000, UTC)
    run(moment, product.store, product.queue, product.site_of, eager=True)

    assert product.metrics(later, **asked) == total
