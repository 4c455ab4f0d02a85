"""What the doctor finds, and that building days anew mends it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from footfall import journal
from footfall.errors import BadRequest, Unavailable, Unprocessable
from footfall.lease import lease
from footfall.rollup.doctor import asked_days, examine
from footfall.rollup.on_demand import roll_up
from footfall.site import Site
from footfall.store import Rows, Store
from tests.builders import API_KEY, Product, at, pageview, track

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
NOW_MS = at("2026-03-10T12:00:00")
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
MARCH = {"start": "2026-03-01", "end": "2026-03-11"}


def look(product: Product, store: Store | None = None, **query: str) -> dict[str, Any]:
    used = store or product.store
    return examine(query or MARCH, product.site, NOW, used, product.queue, product.counters)


def rolled(product: Product, **body: Any) -> dict[str, Any]:
    return roll_up(body, product.site, NOW, product.store, product.queue, product.site_of)


def imported(product: Product, *times: str, **changes: Any) -> None:
    batch = [pageview(f"v{n}", timestamp=f"{time}Z", **changes) for n, time in enumerate(times)]
    product.post("/import", {"batch": batch}, NOW_MS, key=API_KEY)
    product.drain()


def spoil(product: Product, sql: str) -> None:
    product.store.execute(sql)


def test_what_is_rolled_up_is_what_is_stored(product: Product):
    imported(product, "2026-03-02T10:05:00", "2026-03-02T10:50:00", "2026-03-03T00:00:00")
    product.roll_up()
    answer = look(product)
    assert answer["ok"] is True
    assert (answer["pending"], answer["differences"]) == ([], [])
    assert answer["checked"] == {"days": 10, "hours": 2, "events": 3}
    assert (answer["waiting"], answer["dead_letters"]) == (0, 0)
    assert answer["range"] == MARCH
    assert answer["meta"]["rows_read"] > 0


def test_a_row_that_is_lost_is_named_and_mended(product: Product):
    imported(product, "2026-03-02T10:05:00", "2026-03-02T10:50:00", "2026-03-03T00:00:00")
    product.roll_up()
    spoil(product, "DELETE FROM totals WHERE quarter = '2026-03-02 10:45:00'")

    answer = look(product)
    assert answer["ok"] is False
    assert answer["differences"] == [
        {
            "day": "2026-03-02",
            "hour": "2026-03-02T10:00:00+00:00",
            "raw": {"pageviews": 2, "events": 2},
            "rollup": {"pageviews": 1, "events": 1},
        }
    ]
    done = rolled(product, start="2026-03-02", end="2026-03-03")
    assert (done["noted"], done["windows"], done["pending"], done["busy"]) == (1, 1, 0, False)
    assert look(product)["ok"] is True


def test_events_that_nobody_noted_are_a_difference(product: Product):
    imported(product, "2026-03-02T10:05:00")
    product.roll_up()
    spoil(
        product,
        "INSERT INTO events (site_id, ts, type, actor, event_id) "
        "VALUES ('default', '2026-03-05 09:00:00', 'track', 'a:x', generateUUIDv4())",
    )
    (difference,) = look(product)["differences"]
    assert (difference["day"], difference["rollup"]) == (
        "2026-03-05",
        {"pageviews": 0, "events": 0},
    )
    rolled(product, **MARCH)
    assert look(product)["ok"] is True


def test_an_event_that_came_late_is_pending_and_not_wrong(product: Product):
    imported(product, "2026-03-02T10:05:00")
    product.roll_up()
    imported(product, "2026-03-02T10:20:00", eventId="late")
    answer = look(product)
    assert (answer["ok"], answer["pending"], answer["differences"]) == (True, ["2026-03-02"], [])
    assert rolled(product)["pending"] == 0
    assert look(product)["pending"] == []


def test_bots_and_identities_are_no_activity(product: Product):
    product.post("/pageview", pageview(), NOW_MS, user_agent=BOT)
    identify = {"type": "identify", "anonymousId": "v1", "userId": "u1"}
    product.post("/batch", {"batch": [identify, track()]}, NOW_MS)
    product.drain()
    product.roll_up()
    answer = look(product)
    assert (answer["ok"], answer["checked"]["events"]) == (True, 1)


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        ("Asia/Kathmandu", "2026-03-01", "2026-03-04"),
        ("America/New_York", "2026-03-07", "2026-03-10"),
        ("Australia/Lord_Howe", "2025-10-04", "2025-10-07"),
        ("Pacific/Apia", "2011-12-29", "2012-01-01"),
    ],
)
def test_hours_are_those_of_the_sites_clock(product: Product, zone: str, start: str, end: str):
    product.site = Site(id="default", timezone=zone)
    first = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    times = [first + timedelta(minutes=50 * n) for n in range(-2, 90)]
    imported(product, *(f"{time:%Y-%m-%dT%H:%M:%S}" for time in times))
    product.roll_up()
    assert look(product, start=start, end=end)["ok"] is True
    spoil(product, "ALTER TABLE totals DELETE WHERE 1 SETTINGS mutations_sync = 1")
    answer = look(product, start=start, end=end)
    assert sum(d["raw"]["events"] for d in answer["differences"]) == answer["checked"]["events"]
    assert all(d["hour"].startswith(d["day"]) for d in answer["differences"])
    assert all(d["hour"][14:19] == "00:00" for d in answer["differences"])


class Late(Store):
    """A store in which a run publishes between the first look at the builds and the one at the events."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._is_done = False

    def select(
        self, name: str, parameters: Mapping[str, Any], fragments: Mapping[str, Any] | None = None
    ) -> Rows:
        if name == "doctor/events" and not self._is_done:
            self._is_done = True
            imported(self._product, "2026-03-02T10:20:00", eventId="late")
            self._product.roll_up()
        return self._product.store.select(name, parameters, fragments)


def test_a_run_that_publishes_meanwhile_makes_no_difference(product: Product):
    imported(product, "2026-03-02T10:05:00")
    product.roll_up()
    assert look(product, Late(product))["ok"] is True


def test_what_the_live_counters_counted_stands_beside_what_is_stored(product: Product):
    for _ in range(2):
        product.post("/pageview", pageview(eventId="e"), NOW_MS)
    product.post("/track", track(), NOW_MS)
    imported(product, "2026-03-10T11:59:00", eventId="imported")
    product.roll_up()
    assert look(product)["accepted"] == [
        {
            "day": "2026-03-10",
            "pageviews": 2,
            "events": 3,
            "stored": {"pageviews": 1, "events": 2},
        }
    ]
    assert look(product, start="2026-03-01", end="2026-03-05")["accepted"] == []


def test_engines_that_do_not_answer_are_null(product: Product):
    class Away:
        def waiting(self) -> int:
            raise Unavailable("queue_unavailable", "Away.")

        dead_letters = waiting

    answer = examine(MARCH, product.site, NOW, product.store, Away(), None)  # type: ignore[arg-type]
    assert (answer["waiting"], answer["dead_letters"], answer["accepted"]) == (None, None, None)
    assert answer["ok"] is True


def test_a_dead_letter_is_not_well(product: Product):
    product.queue.bury("damaged")
    answer = look(product)
    assert (answer["ok"], answer["dead_letters"]) == (False, 1)


def test_without_days_the_last_seven_are_meant():
    site = Site(id="default", timezone="Pacific/Auckland")
    days = asked_days({}, site, NOW_MS)
    assert (days[0], days[-1]) == (date(2026, 3, 5), date(2026, 3, 11))
    assert len(asked_days({"start": "2026-03-11"}, site, NOW_MS)) == 1
    assert asked_days({"end": "2026-01-08"}, site, NOW_MS)[0] == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"start": "yesterday"}, "invalid_period"),
        ({"start": "2026-02-30"}, "invalid_period"),
        ({"start": "1969-12-31"}, "invalid_period"),
        ({"start": "2026-03-02", "end": "2026-03-02"}, "end_before_start"),
        ({"start": "2025-01-01", "end": "2026-01-01"}, "invalid_period"),
        ({"start": "1970-01-01", "end": "1970-01-08"}, "beyond_retention"),
    ],
)
def test_days_that_make_no_sense_are_refused(query: dict[str, str], code: str):
    with pytest.raises(Unprocessable) as refused:
        asked_days(query, Site(id="default"), NOW_MS)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("body", "error", "code"),
    [
        ({"start": "2026-03-01"}, Unprocessable, "invalid_period"),
        ({"end": "2026-03-01"}, Unprocessable, "invalid_period"),
        ({"start": "2026-03-01", "end": 20260302}, Unprocessable, "invalid_period"),
        ({"start": None, "end": None}, Unprocessable, "invalid_period"),
        ({"start": "2026-03-01", "end": "2026-02-01"}, Unprocessable, "end_before_start"),
        ({"start": "2000-01-01", "end": "2026-01-01"}, Unprocessable, "invalid_period"),
        ({"from": "2026-03-01", "to": "2026-03-02"}, BadRequest, "invalid_field"),
    ],
)
def test_a_body_that_makes_no_sense_changes_nothing(
    product: Product, body: dict[str, Any], error: type[Exception], code: str
):
    with pytest.raises(error) as refused:
        rolled(product, **body)
    assert refused.value.code == code  # type: ignore[attr-defined]
    assert journal.backlog(product.store) == {}


def test_days_whose_events_are_gone_are_not_built_anew(product: Product):
    product.site = Site(id="default", retention_days=30)
    assert rolled(product, start="2026-01-01", end="2026-02-10")["noted"] == 2
    with pytest.raises(Unprocessable) as refused:
        rolled(product, start="2026-01-01", end="2026-02-08")
    assert refused.value.code == "beyond_retention"


def test_a_run_that_finds_another_at_work_has_noted_the_days(product: Product):
    imported(product, "2026-03-02T10:05:00")
    product.roll_up()
    with lease(product.store, "rollup"):
        done = rolled(product, start="2026-03-02", end="2026-03-05")
    assert done == {
        "site": "default",
        "noted": 3,
        "busy": True,
        "complete": False,
        "pending": 3,
    }
    done = rolled(product)
    assert (done["windows"], done["complete"], done["pending"]) == (3, True, 0)
