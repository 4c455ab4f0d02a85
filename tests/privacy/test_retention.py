"""What is too old is refused, and what has become too old leaves the store."""

from typing import Any

import pytest

from footfall.config import InvalidSetting, Settings
from footfall.days import DAY_MS
from footfall.errors import FootfallError
from footfall.privacy.retention import expire
from footfall.site import Site
from tests.builders import API_KEY, Product, at, pageview

NOW = at("2026-03-31T12:00:00")
KOLKATA = Site(id="default", timezone="Asia/Kolkata", retention_days=30, back_dating_days=60)


def imported(product: Product, *times: str, **changes: Any) -> dict[str, Any]:
    batch = [pageview(f"v-{time}", f"/{time}", timestamp=time, **changes) for time in times]
    return product.post("/import", {"batch": batch}, NOW, key=API_KEY)


def left(product: Product) -> list[str]:
    rows = product.store._open().query("SELECT path FROM events ORDER BY path").result_rows
    return [path for (path,) in rows]


@pytest.mark.parametrize(
    ("site", "horizon"),
    [
        (Site(id="default"), None),
        (Site(id="default", retention_days=30), "2026-03-01T00:00:00"),
        (KOLKATA, "2026-02-28T18:30:00"),
        (Site(id="default", retention_days=31), "2026-02-28T00:00:00"),
    ],
)
def test_the_horizon_is_the_start_of_the_first_kept_local_day(site: Site, horizon: str | None):
    assert site.horizon_ms(NOW) == (None if horizon is None else at(horizon))


def test_a_day_that_is_not_kept_is_refused_and_the_next_is_taken(product: Product):
    product.site = KOLKATA
    answer = imported(product, "2026-02-28T18:29:59Z", "2026-02-28T18:30:00Z")
    assert [refused["code"] for refused in answer["rejected"]] == ["beyond_retention"]
    old = pageview("v1", timestamp="2026-02-28T18:29:59Z")
    with pytest.raises(FootfallError) as refused:
        product.post("/pageview", old, NOW)
    assert refused.value.code == "beyond_retention"


def test_nothing_is_refused_where_everything_is_kept(product: Product):
    assert imported(product, "1971-01-01T00:00:00Z")["rejected"] == []


def test_raw_events_stay_three_days_longer_and_go_for_good(product: Product):
    imported(product, "2026-02-24T23:59:59Z", "2026-02-25T00:00:00Z", "2026-03-31T11:00:00Z")
    product.drain()
    product.site = Site(id="default", retention_days=31)

    done = expire(product.site, NOW, product.store)

    assert done == {
        "site": "default",
        "before": "2026-02-25",
        "events": 1,
        "links": 0,
        "aliases": 0,
    }
    assert left(product) == ["/2026-02-25T00:00:00Z", "/2026-03-31T11:00:00Z"]
    assert expire(product.site, NOW, product.store)["events"] == 0


def test_another_site_and_one_that_keeps_everything_keep_theirs(product: Product):
    imported(product, "2020-01-01T00:00:00Z")
    product.drain()
    assert expire(product.site, NOW, product.store) == {"site": "default", "before": None}
    expire(Site(id="other", retention_days=30), NOW, product.store)
    assert len(left(product)) == 1


def test_ids_of_which_nothing_is_kept_are_forgotten(product: Product):
    """Of chains that are not needed any more the outer end goes first, one a run."""
    received = at("2026-01-01T00:00:00")
    alias = {"type": "alias", "previousId": "older", "userId": "old"}
    batch = [pageview("gone", userId="old"), alias, pageview("stays", userId="current")]
    batch.append(alias | {"previousId": "former", "userId": "current", "anonymousId": "stays"})
    product.post("/batch", {"batch": batch}, received)
    product.post("/pageview", pageview("stays"), NOW)
    product.post("/identify", {"anonymousId": "late", "userId": "old"}, NOW)
    product.drain()
    site = Site(id="default", retention_days=30)

    done = [expire(site, NOW, product.store) for _ in range(3)]

    links = "SELECT actor FROM links ORDER BY actor"
    assert product.store._open().query(links).result_rows == [("a:late",), ("a:stays",)]
    aliases = "SELECT previous_id FROM aliases ORDER BY previous_id"
    assert product.store._open().query(aliases).result_rows == []
    assert [run["events"] for run in done] == [4, 0, 0]
    assert product.metrics(NOW, "visitors", period="30d") == {"visitors": 1}


def test_a_link_that_is_still_needed_stays(product: Product):
    product.post("/pageview", pageview("v1", userId="u1"), at("2026-01-01T00:00:00"))
    product.post("/pageview", pageview("v1"), NOW)
    product.post("/pageview", pageview("v2", userId="u1"), NOW)
    product.drain()
    expire(Site(id="default", retention_days=30), NOW, product.store)
    assert product.metrics(NOW, "visitors", period="30d") == {"visitors": 1}


def test_an_id_counts_again_once_its_event_has_expired(product: Product):
    body = pageview("v1", "/a", eventId="e1")
    product.post("/pageview", body, NOW - 40 * DAY_MS)
    product.drain()
    expire(Site(id="default", retention_days=30), NOW, product.store)
    product.post("/pageview", body, NOW)
    product.drain()
    assert product.metrics(NOW, "pageviews", period="today") == {"pageviews": 1}


@pytest.mark.parametrize("days", ["1", "29", "-1", "36501"])
def test_a_retention_of_less_than_thirty_days_is_no_setting(days: str):
    with pytest.raises(InvalidSetting):
        Settings.from_environ({"RETENTION_DAYS": days})


@pytest.mark.parametrize("days", ["0", "30", "365"])
def test_thirty_days_or_more_or_for_good_are(days: str):
    assert Settings.from_environ({"RETENTION_DAYS": days}).retention_days == int(days)
