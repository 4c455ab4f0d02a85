"""Who an event belongs to."""

import pytest

from footfall.collect.identity import Salts, guarded
from footfall.counters import Counters
from footfall.days import DAY_MS
from footfall.site import Site
from tests.builders import at

SITE = Site(id="default", timezone="Asia/Kathmandu")
NOON = at("2026-03-10T12:00:00")


@pytest.mark.parametrize(
    "text", ["", "0", "NULL", "None", "undefined", "[object Object]", "TRUE", "User_Id"]
)
def test_a_text_that_stands_for_no_id_counts_as_absent(text: str):
    assert guarded(text) == ""


def test_any_other_text_is_an_id():
    assert guarded("00") == "00"
    assert guarded(" ") == " "


def test_a_visitor_keeps_the_cookieless_id_for_a_local_day(counters: Counters):
    salts = Salts(counters)
    midnight = at("2026-03-10T18:15:00")  # in Kathmandu, UTC+05:45

    def identify(ts: int) -> str:
        return salts.cookieless_id(SITE, ts, "203.0.113.7", "agent", NOON)

    assert identify(NOON) == identify(midnight - 1)
    assert identify(NOON) != identify(midnight)


def test_site_address_and_agent_make_different_ids(counters: Counters):
    salts = Salts(counters)
    ids = {
        salts.cookieless_id(site, NOON, ip, agent, NOON)
        for site in (SITE, Site(id="other", timezone="Asia/Kathmandu"))
        for ip in ("203.0.113.7", "203.0.113.8")
        for agent in ("a", "b")
    }
    assert len(ids) == 8


def test_another_process_makes_the_same_ids(counters: Counters):
    first, second = Salts(counters), Salts(counters)
    for ts in (NOON, NOON - DAY_MS, NOON - 400 * DAY_MS):
        assert first.cookieless_id(SITE, ts, "ip", "a", NOON) == second.cookieless_id(
            SITE, ts, "ip", "a", NOON
        )


def test_after_48_hours_the_id_of_a_day_cannot_be_made_again(counters: Counters):
    salts = Salts(counters)
    end = at("2026-03-10T18:15:00")

    def identify(now: int) -> str:
        return salts.cookieless_id(SITE, NOON, "ip", "a", now)

    assert identify(NOON) == identify(end + 2 * DAY_MS - 1)
    assert identify(NOON) != identify(end + 2 * DAY_MS)


def test_a_dead_valkey_refuses_no_event_and_its_return_splits_no_visitor(
    counters: Counters, valkey
):
    class Dead(Counters):
        def salt(self, *arguments: object) -> tuple[bytes, int]:
            return counters.salt(*arguments) if is_back else super().salt(*arguments)

    import redis

    is_back = False
    salts = Salts(Dead(redis.Redis(port=1, socket_connect_timeout=0.1)))
    before = salts.cookieless_id(SITE, NOON, "ip", "a", NOON)
    is_back = True
    assert salts.cookieless_id(SITE, NOON, "ip", "a", NOON) == before
    assert Salts(counters).cookieless_id(SITE, NOON, "ip", "a", NOON) == before
