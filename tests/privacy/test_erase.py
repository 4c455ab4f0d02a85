"""A visitor is erased: from every table, for good, whatever comes in between or later."""

from collections.abc import Callable
from typing import Any

import pytest

from footfall import erasure
from footfall.site import Site
from tests.builders import API_KEY, Product, at, pageview, track
from tests.privacy.conftest import Erase, Failing, Killed

NOW = at("2026-03-10T12:00:00")
LATER = NOW + 60_000
Stored = Callable[[], str]


def counted(product: Product, **parameters: Any) -> dict[str, Any]:
    return product.metrics(NOW, "pageviews,events,visitors,sessions", period="30d", **parameters)


def a_person(product: Product) -> None:
    """u-new, once u-old, with a phone and a laptop; and a stranger who logged in on the phone once."""
    send = product.post
    send("/pageview", pageview("phone", "/first", timestamp="2026-03-08T10:00:00Z"), NOW)
    send("/pageview", pageview("laptop", "/second"), NOW)
    send(
        "/identify",
        {"anonymousId": "phone", "userId": "u-old", "traits": {"mail": "m@x.y"}},
        NOW + 1,
    )
    send("/track", track("laptop", "buy", userId="u-new"), NOW + 2)
    alias = {"type": "alias", "previousId": "u-old", "userId": "u-new", "anonymousId": "laptop"}
    send("/batch", {"batch": [alias]}, NOW + 3)
    send("/pageview", pageview("phone", "/strangers", userId="stranger"), NOW + 4)
    send("/pageview", pageview("tablet", "/others"), NOW + 5)
    product.drain()


OTHERS = {"pageviews": 2, "events": 2, "visitors": 2, "sessions": 2}


@pytest.mark.parametrize("name", ["u-new", "u-old", "phone", "laptop"])
def test_a_person_is_erased_under_any_of_their_ids(
    product: Product, erased: Erase, stored: Stored, name: str
):
    a_person(product)
    assert counted(product) == {"pageviews": 4, "events": 5, "visitors": 3, "sessions": 4}

    receipt = erased(name, LATER)

    assert counted(product) == OTHERS
    assert product.rows(NOW, "page", period="30d") == {"/strangers": 1, "/others": 1}
    assert receipt["events"] == 5
    assert receipt["ids"] == {"actors": 2, "users": 2}
    assert receipt["days"] == ["2026-03-08", "2026-03-10"]
    left = stored()
    for text in ("u-new", "u-old", "laptop", "m@x.y", "/first", "/second", "buy"):
        assert text not in left
    # What the stranger did on the phone is the stranger's.
    assert left.count("a:phone") == 1


def test_a_receipt_names_nobody(product: Product, erased: Erase):
    a_person(product)
    receipt = erased("u-new", LATER)
    assert set(receipt) == {
        "id",
        "site",
        "erased_at",
        "events",
        "ids",
        "days",
        "live",
        "refused_until",
    }
    assert not [text for text in ("u-", "phone", "laptop") if text in str(receipt)]
    assert receipt["erased_at"] == "2026-03-10T12:01:00.000+00:00"
    assert receipt["refused_until"] == "2027-04-10T12:01:00.000+00:00"


def test_an_id_that_nobody_has_is_a_receipt_of_nothing(product: Product, erased: Erase):
    a_person(product)
    for name in ("nobody", "tablet", "tablet", "u-new", "u-new", "laptop"):
        receipt = erased(name, LATER)
    assert receipt["events"] == 0
    assert receipt["ids"] == {"actors": 0, "users": 0}
    assert receipt["days"] is None


def test_no_row_is_left_behind_not_even_a_tombstone(product: Product, erased: Erase):
    a_person(product)
    erased("u-new", LATER)
    count = "SELECT count() FROM events"
    assert product.store._open().query(count).result_rows == [(2,)]


def test_the_pages_of_a_long_history_go_one_after_the_other(
    product: Product, erased: Erase, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(erasure, "EVENTS_A_PAGE", 3)
    monkeypatch.setattr(erasure, "EVENT_IDS_A_STATEMENT", 2)
    monkeypatch.setattr(erasure, "IDS_A_STATEMENT", 2)
    batch = [pageview(f"device-{n % 5}", f"/{n}", userId="u") for n in range(20)]
    batch += [pageview(f"device-{n % 5}", f"/{n}") for n in range(20)]
    batch.append(pageview("other", eventId="00000000-0000-0000-0000-000000000000", userId="u"))
    product.post("/batch", {"batch": batch}, NOW)
    product.post("/pageview", pageview("other"), NOW + 1)
    product.post("/pageview", pageview("stranger"), NOW + 1)
    product.drain()

    receipt = erased("device-3", LATER)

    assert (receipt["events"], receipt["ids"]) == (42, {"actors": 6, "users": 1})
    assert counted(product)["visitors"] == 1


@pytest.mark.parametrize("statement", range(14))
def test_an_erasure_that_was_cut_off_is_finished_by_the_next(
    product: Product, erased: Erase, stored: Stored, statement: int
):
    a_person(product)
    failing = Failing(product.store, statement)
    try:
        erased("laptop", LATER, store=failing)
    except Killed:
        assert failing.left == 0
    else:
        pytest.skip(f"{statement} statements are enough")

    erased("laptop", LATER + 1)

    assert counted(product) == OTHERS
    left = stored()
    assert not [text for text in ("u-new", "u-old", "laptop", "m@x.y", "/first") if text in left]
    assert product.store._open().query("SELECT count() FROM events").result_rows == [(2,)]
    product.post("/pageview", pageview("laptop"), LATER + 2)
    product.drain()
    assert counted(product)["visitors"] == 3


def test_what_waits_on_the_queue_goes_with_the_rest(
    product: Product, erased: Erase, stored: Stored
):
    """Nothing is stored yet when the user is erased: who has which device stands on the queue."""
    send = product.post
    send("/pageview", pageview("phone", "/first"), NOW)
    product.drain()
    send("/pageview", pageview("phone", "/second"), NOW + 1)
    send("/identify", {"anonymousId": "phone", "userId": "u-old"}, NOW + 2)
    alias = {"type": "alias", "previousId": "u-old", "userId": "u", "anonymousId": "laptop"}
    send("/batch", {"batch": [alias, pageview("laptop", "/third"), pageview("x", "/x")]}, NOW + 3)
    send("/pageview", pageview("tablet", "/fourth", userId="u"), NOW + 4)

    erased("u", LATER)
    product.drain()
    product.drain()

    assert product.rows(NOW, "page", period="30d") == {"/x": 1}
    left = stored()
    assert not [text for text in ("phone", "laptop", "tablet", "u-old", "'u'") if text in left]


def test_one_message_at_a_time_is_the_same(product: Product, erased: Erase, stored: Stored):
    product.post("/pageview", pageview("phone", "/first"), NOW)
    (early,) = product.receive()
    product.post("/identify", {"anonymousId": "phone", "userId": "u"}, NOW + 2)
    erased("u", LATER)
    from footfall.ingest.batch import ingest

    (late,) = product.receive()
    for message in (early, late, early, late):
        ingest({"m": message["Body"]}, product.store, product.queue, product.zone_of)

    assert counted(product)["events"] == 0
    assert "phone" not in stored()


def test_a_device_that_was_somebody_elses_first_stays_theirs(product: Product, erased: Erase):
    product.post("/pageview", pageview("kiosk", "/first"), NOW)
    product.post("/identify", {"anonymousId": "kiosk", "userId": "owner"}, NOW + 1)
    product.drain()
    product.post("/track", track("kiosk", userId="guest-7"), NOW + 2)
    product.post("/pageview", pageview("kiosk", "/second"), NOW + 3)

    erased("guest-7", LATER)
    product.drain()

    assert product.rows(NOW, "page", period="30d") == {"/first": 1, "/second": 1}
    assert counted(product)["visitors"] == 1


def test_retries_of_erased_events_never_count_again(
    product: Product, erased: Erase, stored: Stored
):
    body = pageview("v1", "/secret", eventId="e1", timestamp="2026-03-10T11:00:00Z")
    linking = {"anonymousId": "v1", "userId": "u1", "eventId": "e2"}
    product.post("/pageview", body, NOW)
    product.post("/identify", linking, NOW)
    product.post("/pageview", pageview("v1", "/queued", eventId="e3"), NOW + 2)
    erased("v1", LATER)
    product.drain()
    erased("u1", LATER + 1)

    for moment in (LATER + 2, LATER + 86_400_000):
        product.post("/pageview", body, moment)
        product.post("/identify", linking, moment)
        product.post("/pageview", pageview("v2", "/queued", eventId="e3"), moment)
        product.post("/import", {"batch": [body | {"anonymousId": "v9"}]}, moment, key=API_KEY)
        product.drain()

    assert counted(product)["events"] == 0
    assert "v1" not in stored()
    assert "u1" not in stored()


def test_what_an_erased_visitor_does_afterwards_is_new(product: Product, erased: Erase):
    a_person(product)
    erased("u-new", LATER)
    product.post("/pageview", pageview("phone", "/new"), LATER + 1)
    product.post("/pageview", pageview("laptop", "/new", userId="u-new"), LATER + 2)
    product.post("/pageview", pageview("laptop", "/new"), LATER + 3)
    product.drain()

    assert product.rows(NOW, "page", period="30d") == {"/strangers": 1, "/others": 1, "/new": 3}
    assert counted(product)["visitors"] == 4
    assert erased("laptop", LATER + 4)["events"] == 2
    assert counted(product)["visitors"] == 3


def test_a_link_to_an_erased_id_from_before_is_not_made(product: Product, erased: Erase):
    """Two users on one device: the first is erased, what the second sent before is kept and links nothing."""
    product.post("/pageview", pageview("phone", userId="first"), NOW)
    product.drain()
    product.post("/track", track("phone", userId="second"), NOW + 1)
    erased("first", LATER)
    product.drain()
    product.post("/pageview", pageview("phone", "/new"), LATER + 1)
    product.drain()

    assert counted(product) == {"pageviews": 1, "events": 2, "visitors": 2, "sessions": 1}


class Between(Failing):
    """A store that lets something happen before one of its changes."""

    def __init__(self, store: Any, table: str, happen: Callable[[], object]) -> None:
        super().__init__(store, 1_000)
        self._table, self._happen = table, happen

    def insert(self, table: str, rows: Any) -> None:
        self._look(table)
        super().insert(table, rows)

    def insert_columns(self, table: str, columns: Any) -> None:
        self._look(table)
        super().insert_columns(table, columns)

    def _look(self, table: str) -> None:
        if table == self._table:
            self._table = ""
            self._happen()


@pytest.mark.parametrize("table", ["links", "events", "changes"])
def test_an_erasure_while_a_batch_is_being_stored_takes_it_along(
    product: Product, erased: Erase, stored: Stored, table: str
):
    from footfall.ingest.batch import ingest

    product.post("/pageview", pageview("v1", userId="u1", eventId="e1"), NOW)
    product.post("/pageview", pageview("v2"), NOW)
    messages = {m["MessageId"]: m["Body"] for m in product.receive()}
    store = Between(product.store, table, lambda: erased("u1", LATER))
    ingest(messages, store, product.queue, product.zone_of)

    assert counted(product)["visitors"] == 1
    assert "v1" not in stored()
    assert "u1" not in stored()


def test_what_a_batch_left_that_died_during_an_erasure_goes_when_it_comes_again(
    product: Product, erased: Erase, stored: Stored
):
    from footfall.ingest.batch import ingest

    product.post("/pageview", pageview("v1", userId="u1", eventId="e1"), NOW)
    messages = {m["MessageId"]: m["Body"] for m in product.receive()}
    dying = Between(product.store, "events", lambda: erased("u1", LATER))
    dying.left = 3
    with pytest.raises(Killed):
        ingest(messages, dying, product.queue, product.zone_of)
    assert "u1" in stored()

    ingest(messages, product.store, product.queue, product.zone_of)

    assert counted(product)["events"] == 0
    assert "u1" not in stored()


def test_a_copy_of_somebody_elses_event_does_not_appear(product: Product, erased: Erase):
    """Two deliveries of one id under two actors: the hidden one must not show when the other is erased."""
    for day, name in (("09", "early"), ("10", "late")):
        product.post(
            "/pageview",
            pageview(name, f"/{name}", eventId="e", timestamp=f"2026-03-{day}T10:00:00Z"),
            NOW,
        )
        product.drain()
    assert product.rows(NOW, "page", period="30d") == {"/early": 1}

    assert erased("late", LATER)["events"] == 0
    assert product.rows(NOW, "page", period="30d") == {"/early": 1}
    assert erased("early", LATER)["events"] == 1
    assert counted(product)["events"] == 0


def test_the_live_counters_forget(product: Product, erased: Erase):
    for body in (pageview("v1", "/a"), pageview("v2", "/a", eventId="e"), pageview("v1", "/b")):
        product.post("/pageview", body, NOW)
    product.drain()
    before = product.counters.live("default", NOW)
    assert (before.active_users, before.pageviews_last_5_min) == (2, 3)

    assert erased("v1", NOW)["live"] == "forgotten"

    live = product.counters.live("default", NOW)
    assert (live.active_users, live.pageviews_last_5_min, live.pages) == (1, 1, [("/a", 1)])


def test_erasing_works_while_the_counters_are_down(
    product: Product, erased: Erase, monkeypatch: pytest.MonkeyPatch
):
    a_person(product)
    monkeypatch.setattr(product.counters, "_ask", lambda commands: None)
    assert erased("u-new", LATER)["live"] == "expires"
    assert counted(product) == OTHERS


def test_the_changed_windows_are_noted(product: Product, erased: Erase):
    from footfall.journal import PEOPLE, pending

    a_person(product)
    before = pending(product.store, "default")
    erased("u-new", LATER)
    after = pending(product.store, "default")
    changed = {
        str(day) for day, changes in after.items() if len(changes) > len(before.get(day, []))
    }
    assert {"2026-03-07", "2026-03-08", "2026-03-09", "2026-03-10", "2026-03-11"} <= changed
    assert str(PEOPLE) in changed


@pytest.mark.parametrize(
    "name", ["' OR 1=1 --", "a\\", "a\nb\tc", "\0", "{actors:String}", "%", "💥é", "a" * 256, "a:b"]
)
def test_hostile_ids_are_ids(product: Product, erased: Erase, name: str):
    product.post("/pageview", pageview(name, "/a"), NOW)
    product.post("/pageview", pageview("v", "/b", userId=name), NOW)
    product.post("/pageview", pageview("other", "/c"), NOW)
    product.drain()
    assert erased(name, LATER)["events"] == 2
    assert product.rows(NOW, "page", period="30d") == {"/c": 1}


def test_sites_are_apart(product: Product, erased: Erase):
    a_person(product)
    product.site = Site(id="other")
    assert erased("u-new", LATER)["events"] == 0
    product.site = Site(id="default")
    assert counted(product)["events"] == 5
