"""The live counters of a real Valkey."""

from datetime import date

import redis

from footfall.counters import Counters
from footfall.event import Event
from footfall.valkey import ValkeyError
from footfall.watchers import Watchers
from tests.builders import at

NOW = at("2026-03-10T12:00:30")


def view(
    event_id: str, actor: str = "a:v1", path: str = "/", seconds_ago: int = 0, **changes: object
) -> Event:
    event = Event(
        "default", event_id, "pageview", NOW - seconds_ago * 1_000, NOW, 0, actor, path=path
    )
    return event._replace(**changes)


def test_the_last_five_minutes_are_counted_by_event_time(counters: Counters):
    counters.count(
        [
            view("1", path="/a"),
            view("2", path="/a", seconds_ago=60),
            view("3", "a:v2", path="/a", seconds_ago=299),
            view("4", "a:v2", path="/b", seconds_ago=299),
            view("5", "a:v3", seconds_ago=300),
            view("6", "a:v4", seconds_ago=1_800),
        ],
        NOW,
    )
    live = counters.live("default", NOW)
    assert (live.active_users, live.open_sessions, live.pageviews_last_5_min) == (2, 3, 4)
    assert live.pages == [("/a", 2), ("/b", 1)]
    assert len(live.per_minute) == 30
    assert (live.per_minute[-1], live.per_minute[-2], sum(live.per_minute)) == (1, 1, 5)


def test_a_retry_changes_nothing(counters: Counters):
    for _ in range(3):
        counters.count([view("1")], NOW)
    counters.count([view("1", seconds_ago=120)], NOW + 1_000)
    live = counters.live("default", NOW + 1_000)
    assert (live.active_users, live.pageviews_last_5_min, sum(live.per_minute)) == (1, 1, 1)


def test_activity_without_a_pageview_makes_an_active_user(counters: Counters):
    counters.count(
        [view("1", type="track", name="signup"), view("2", "a:v2", type="identify")], NOW
    )
    live = counters.live("default", NOW)
    assert (live.active_users, live.pageviews_last_5_min, live.pages) == (1, 0, [])


def test_deliveries_of_a_day_are_counted_and_a_day_that_is_forgotten_is_left_out(
    counters: Counters,
):
    for _ in range(2):
        counters.count([view("1"), view("2", type="track", name="signup")], NOW)
    today, yesterday = date(2026, 3, 10), date(2026, 3, 9)
    assert counters.deliveries("default", [yesterday, today]) == {today: (2, 4)}
    assert counters.deliveries("default", []) == {}
    assert counters.deliveries("other", [today]) == {}


def test_sites_do_not_see_each_other(counters: Counters):
    counters.count([view("1"), view("2", site_id="other")], NOW)
    assert counters.live("default", NOW).pageviews_last_5_min == 1


def test_a_request_is_one_round_trip_and_every_key_names_its_site_and_expires(
    valkey, counters: Counters
):
    client = redis.Redis(host=valkey.host, port=valkey.port)
    before = client.info("stats")["total_reads_processed"]
    counters.count([view(str(n), f"a:v{n}", path=f"/{n}") for n in range(100)], NOW)
    assert client.info("stats")["total_reads_processed"] - before <= 2 + 1  # ours, and asking
    keys = client.keys()
    assert keys
    assert all(key.startswith(b"footfall:{default}:") for key in keys)
    assert all(client.ttl(key) > 0 for key in keys)
    client.close()


def test_counting_tells_which_events_somebody_watches(counters: Counters):
    watchers = Watchers(counters._valkey)
    events = [view("1"), view("2", site_id="other"), view("3", site_id="other", type="identify")]
    assert counters.count(events, NOW) == []
    ticket, _ = watchers.make_ticket("other", NOW + 10**7, NOW)
    watchers.open(ticket, "c1=", NOW)
    old = view("4", site_id="other", seconds_ago=1_800)
    assert counters.count([*events, old], NOW, taken={"default": 2}) == [events[1]]
    assert counters.taken("default", NOW) == 2
    watchers.close("c1=")
    assert counters.count(events, NOW) == []


def test_no_id_of_a_visitor_lies_in_the_counters(valkey, counters: Counters):
    client = redis.Redis(host=valkey.host, port=valkey.port)
    counters.count([view("1", "a:somebody@example.com")], NOW)
    dumped = [client.dump(key) for key in client.keys()]  # noqa: SIM118 - a Redis client is no dictionary
    assert dumped
    assert not any(b"somebody" in value for value in dumped)
    client.close()


def test_a_dead_valkey_costs_one_time_out_and_not_one_a_request():
    class Failing:
        tries = 0

        def ask(self, commands: list) -> list:
            self.tries += 1
            raise ValkeyError

    client, clock = Failing(), [0.0]
    counters = Counters(client, monotonic=lambda: clock[0])
    for _ in range(5):
        assert counters.count([view("1")], NOW) is None
    assert client.tries == 1
    clock[0] = 3.0
    counters.count([view("1")], NOW)
    assert client.tries == 2


def test_the_first_salt_of_a_day_stands(counters: Counters):
    assert counters.salt("default", "2026-03-10", b"first", 100)[0] == b"first"
    salt, seconds = counters.salt("default", "2026-03-10", b"second", 1_000)
    assert salt == b"first"
    assert 0 < seconds <= 100
