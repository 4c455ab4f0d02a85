"""Where events have expired, stored totals answer, and an erased person leaves what was rolled up of them."""

from datetime import UTC, date, datetime

import pytest

from footfall.errors import Unprocessable
from footfall.journal import Change, note
from footfall.privacy.erase import erase
from footfall.privacy.retention import expire
from footfall.rollup.run import run
from footfall.site import Site
from tests.builders import API_KEY, Product, at, pageview

EARLY, NOW = at("2026-03-10T12:00:00"), at("2026-06-10T12:00:00")
OLD = {"start": "2026-03-01", "end": "2026-03-08"}


def rolled_up(product: Product, now_ms: int) -> None:
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    assert run(now, product.store, product.queue, product.site_of, eager=True)["pending"] == 0


@pytest.fixture
def expired(product: Product) -> Product:
    items = [
        pageview(who, "/", timestamp=f"2026-03-0{day}T10:00:00Z", userId=user)
        for who, user, days in (
            ("phone", "ada", (2, 3)),
            ("laptop", "ada", (3, 5)),
            ("v", None, (2, 5)),
        )
        for day in days
    ]
    recent = [pageview("phone", "/", timestamp="2026-06-09T10:00:00Z")]
    for now_ms, batch in ((EARLY, items), (NOW, recent)):
        product.post("/import", {"batch": batch}, now_ms, key=API_KEY)
        product.drain()
        rolled_up(product, now_ms)
    product.site = Site(id="default", retention_days=30)
    assert expire(product.site, NOW, product.store)["events"] == 6
    return product


def test_stored_totals_and_visitors_answer_before_the_horizon(expired: Product):
    assert expired.metrics(NOW, "pageviews,sessions,visitors", **OLD) == {
        "pageviews": 6,
        "sessions": 6,
        "visitors": 2,
    }
    assert expired.rows(NOW, "page", **OLD) == {"/": 6}


@pytest.mark.parametrize(
    "asked",
    [
        {"metrics": "visitors", "start": "2026-03-01"},
        {"metrics": "pageviews", "filters": [["is", "page", ["/"]]], **OLD},
        {"metrics": "pageviews", "filters": [["is", "props:plan", ["pro"]]], **OLD},
        {"metrics": "pageviews", "bots": "include", **OLD},
        {"metrics": "pageviews", "start": "2026-03-02T10:00:00", "end": "2026-03-03T10:10:00"},
    ],
)
def test_what_needs_expired_events_is_refused(expired: Product, asked):
    with pytest.raises(Unprocessable) as refused:
        expired.ask("metrics", NOW, **asked)
    assert refused.value.code == "beyond_retention"


def test_totals_cross_the_horizon(expired: Product):
    assert expired.metrics(NOW, "pageviews", start="2026-03-01") == {"pageviews": 7}


def test_a_late_change_leaves_expired_days_as_they_are(expired: Product):
    windows = frozenset(date(2026, 3, day) for day in (2, 3, 5))
    note(expired.store, [Change("default", windows)])
    rolled_up(expired, NOW)
    assert expired.metrics(NOW, "pageviews,visitors", **OLD) == {"pageviews": 6, "visitors": 2}


def test_an_erased_person_leaves_days_whose_events_have_expired(expired: Product):
    erase("ada", expired.site, NOW, bytes(10), expired.store, expired.counters)
    rolled_up(expired, NOW)
    assert expired.metrics(NOW, "pageviews,visitors", **OLD) == {"pageviews": 6, "visitors": 1}
    assert expired.rows(NOW, "page", metric="visitors", **OLD) == {"/": 1}
    series = expired.ask("timeseries", NOW, metric="visitors", **OLD)["data"]
    assert [point["value"] for point in series] == [0, 1, 0, 0, 1, 0, 0]
    rows = expired.store._open().query(
        "SELECT count() FROM people UNION ALL SELECT uniqExact(identity) FROM sessions "
        "WHERE (day, build_id) IN (SELECT day, max(build_id) FROM builds WHERE kind = 'base' GROUP BY day)"
    )
    assert sorted(n for (n,) in rows.result_rows) == [0, 1]
