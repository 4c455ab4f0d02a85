"""Live numbers over a WebSocket, at the doorways: a ticket over HTTP, a socket opened, asked and closed, and what is
pushed to it. Valkey is real, and so is the way through collect; sockets only record what they are sent.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from footfall import wiring
from footfall.config import Settings
from footfall.counters import Counters
from footfall.days import iso
from footfall.keys import digest
from footfall.realtime.push import push
from footfall.sockets import Posted
from footfall.telemetry import Failed
from footfall.user_agent import bot_reason
from footfall.valkey import ValkeyError
from footfall.watchers import FED, SOCKET_MS, SOCKETS, Watchers
from local.websocket import MESSAGE_BYTES
from tests.builders import API_KEY, BROWSER, WRITE_KEY, Product, Send, at, doorway, pageview, track
from tests.functions.conftest import LIVE_URL

ADMIN = {"authorization": f"Bearer {API_KEY}"}
NOW = at("2026-03-10T12:00:30")
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)


class Heard:
    """Sockets that record what they are sent; some are gone, some refuse."""

    def __init__(self) -> None:
        self.messages: dict[str, list[dict[str, Any]]] = {}
        self.gone: set[str] = set()
        self.refuses = False

    def post_all(self, messages: Mapping[str, Sequence[str]]) -> Posted:
        if self.refuses:
            return Posted(0, frozenset(), len(messages))
        gone = frozenset(self.gone & messages.keys())
        for connection in messages.keys() - gone:
            said = self.messages.setdefault(connection, [])
            said += map(json.loads, messages[connection])
        return Posted(len(messages) - len(gone), gone, 0)


@pytest.fixture
def heard(wired: Product, monkeypatch: pytest.MonkeyPatch) -> Heard:
    made = Heard()
    monkeypatch.setattr(wiring, "sockets", lambda: made)
    return made


def socket_event(key: str, connection: str = "c1=", **more: Any) -> dict[str, Any]:
    """An event of the WebSocket API."""
    return {"requestContext": {"routeKey": key, "connectionId": connection}} | more


def refused(answer: tuple[int, Any, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["code"]


def take(send: Send, key: str = API_KEY, **body: Any) -> tuple[int, Any, Any]:
    """A ticket, or why there is none."""
    return send("POST", "/realtime/ticket", body, headers={"authorization": f"Bearer {key}"})


def opened(send: Send, connection: str = "c1=", key: str = API_KEY, **body: Any) -> Any:
    """A socket that was opened with a ticket, and the function that answers it."""
    live = doorway("live")
    status, told, _ = take(send, key, **body)
    assert status == 200, told
    query = {"ticket": told["ticket"]}
    event = socket_event("$connect", connection, queryStringParameters=query)
    assert live.lambda_handler(event, None) == {"statusCode": 200}
    return live


def asked(live: Any, connection: str = "c1=") -> dict[str, Any]:
    """What a socket is answered."""
    answer = live.lambda_handler(socket_event("$default", connection, body="ping"), None)
    assert answer["statusCode"] == 200
    told: dict[str, Any] = json.loads(answer["body"])
    return told


def pushed(wired: Product) -> dict[str, int]:
    """What the push function does with what collect has announced."""
    records = [{"body": json.dumps({"site": site_id})} for site_id, _ in wired.announced]
    wired.announced.clear()
    told: dict[str, int] = doorway("push").lambda_handler({"Records": records}, None)
    return told


def share(send: Send, **body: Any) -> tuple[str, str]:
    """The id of a new link and a token of it."""
    _, made, _ = send("POST", "/sites/default/shares", body, headers=ADMIN)
    secret = made["url"].partition("#k=")[2]
    _, session, _ = send("POST", f"/shares/{made['share']['id']}/session", {"secret": secret})
    return made["share"]["id"], session["token"]


# Tickets.


def test_who_may_read_gets_a_ticket_that_says_where_and_until_when(send: Send):
    status, told, headers = take(send, site="default")

    assert status == 200
    assert told.keys() == {"ticket", "url", "expires"}
    assert told["url"] == LIVE_URL
    assert headers["cache-control"] == "no-store"
    assert API_KEY not in json.dumps(told)


@pytest.mark.parametrize("body", ["", "{}", '{"site":null}'])
def test_a_ticket_without_a_site_is_of_the_default_one(send: Send, body: str):
    assert send("POST", "/realtime/ticket", body, headers=ADMIN)[0] == 200
    live = opened(send)
    assert asked(live)["meta"]["site"] == "default"


@pytest.mark.parametrize(
    ("key", "body", "answer"),
    [
        ("", {}, (401, "no_key")),
        ("ffa_other", {}, (401, "wrong_key")),
        ("fft_default_0123456789abcdef_9999999999999_" + "0" * 64, {}, (401, "wrong_key")),
        (WRITE_KEY, {}, (403, "wrong_scope")),
        (API_KEY, {"site": "nobodys"}, (403, "wrong_site")),
        (API_KEY, {"site": 1}, (400, "invalid_field")),
        (API_KEY, {"site": ["default"]}, (400, "invalid_field")),
    ],
)
def test_nobody_else_gets_a_ticket(
    send: Send, key: str, body: dict[str, Any], answer: tuple[int, str]
):
    headers = {"authorization": f"Bearer {key}"} if key else {}

    assert refused(send("POST", "/realtime/ticket", body, headers=headers)) == answer


def test_a_key_in_the_url_or_another_method_gets_no_ticket(send: Send):
    assert refused(send("POST", "/realtime/ticket", {}, query={"key": API_KEY}))[0] == 401
    assert refused(send("GET", "/realtime/ticket", headers=ADMIN)) == (405, "method_not_allowed")


def test_a_read_key_of_a_site_watches_that_site_only(send: Send):
    assert send("POST", "/sites", {"name": "Shop", "id": "shop"}, headers=ADMIN)[0] == 200
    _, made, _ = send("POST", "/sites/shop/keys", {"scope": "read"}, headers=ADMIN)

    assert asked(opened(send, key=made["key"]))["meta"]["site"] == "shop"
    assert refused(take(send, made["key"], site="default")) == (403, "wrong_site")


def test_a_shared_link_watches_unless_it_is_filtered_or_revoked(send: Send):
    share_id, token = share(send)
    _, filtered = share(send, filters=[["is", "country", ["DE"]]])

    live = opened(send, key=token)
    assert asked(live)["type"] == "realtime"
    assert refused(take(send, filtered)) == (403, "wrong_scope")
    send("DELETE", f"/sites/default/shares/{share_id}", headers=ADMIN)
    assert refused(take(send, token)) == (401, "wrong_key")
    assert asked(live)["code"] == "socket_over"


@pytest.mark.parametrize("site_id", ["default", "*"])
def test_the_socket_of_a_revoked_key_is_over_and_others_go_on(send: Send, site_id: str):
    _, made, _ = send("POST", f"/sites/{site_id}/keys", {"scope": "read"}, headers=ADMIN)
    opened(send, "c1=", made["key"])
    live = opened(send, "c2=")

    assert send("DELETE", f"/sites/{site_id}/keys/{made['id']}", headers=ADMIN)[0] == 200

    assert asked(live, "c1=")["code"] == "socket_over"
    assert asked(live, "c2=")["type"] == "realtime"


def test_the_socket_of_a_shared_link_ends_with_its_token(
    send: Send, wired: Product, monkeypatch: pytest.MonkeyPatch
):
    kept: list[int] = []
    watchers = wired.watchers

    class Seen:
        def make_ticket(self, site_id: str, ends: int, *others: Any) -> tuple[str, int]:
            kept.append(ends)
            return watchers.make_ticket(site_id, ends, *others)

    _, token = share(send)
    monkeypatch.setattr(wiring, "watchers", Seen)

    take(send, token)

    assert kept == [int(token.split("_")[-2])]


def test_without_valkey_a_ticket_is_a_503(send: Send, wired: Product, monkeypatch: Any):
    class Silent:
        def ask(self, commands: Any) -> list[Any]:
            raise ValkeyError

    monkeypatch.setattr(wiring, "watchers", lambda: Watchers(Silent()))

    status, told, headers = take(send)

    assert (status, told["code"]) == (503, "counters_unavailable")
    assert headers["retry-after"]
    event = socket_event("$connect", queryStringParameters={"ticket": "t"})
    answer = doorway("live").lambda_handler(event, None)
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (
        503,
        "counters_unavailable",
    )
    assert asked(doorway("live"))["code"] == "counters_unavailable"


# Where the socket is.

SHOWN = {"x-footfall-origin": "secret"}


@pytest.mark.parametrize(
    ("headers", "live_url", "url"),
    [
        # On AWS: through CloudFront the page's host, else the API's own.
        (SHOWN | {"origin": "https://d1.cloudfront.net"}, LIVE_URL, "wss://d1.cloudfront.net/live"),
        (SHOWN | {"origin": "https://a.example:8443"}, LIVE_URL, "wss://a.example:8443/live"),
        (SHOWN, LIVE_URL, LIVE_URL),
        ({"origin": "https://d1.cloudfront.net"}, LIVE_URL, LIVE_URL),
        ({"x-footfall-origin": "forged", "origin": "https://evil.example"}, LIVE_URL, LIVE_URL),
        # A page elsewhere that may read too: its host has no socket.
        (SHOWN | {"origin": "https://other.example"}, LIVE_URL, LIVE_URL),
        # What is no origin of a page.
        (SHOWN | {"origin": "null"}, LIVE_URL, LIVE_URL),
        (SHOWN | {"origin": "http://a.example"}, LIVE_URL, LIVE_URL),
        (SHOWN | {"origin": "https://a.example/x?y#"}, LIVE_URL, LIVE_URL),
        (SHOWN | {"origin": "https://user@a.example"}, LIVE_URL, LIVE_URL),
        (SHOWN | {"origin": "https://a.example\n"}, LIVE_URL, LIVE_URL),
        # On the local stack: the host that was asked.
        ({"host": "127.0.0.1:8787"}, "", "ws://127.0.0.1:8787/live"),
        ({"host": "[::1]:8787", "x-forwarded-proto": "http"}, "", "ws://[::1]:8787/live"),
        ({"host": "box.local", "x-forwarded-proto": "https,http"}, "", "wss://box.local/live"),
    ],
)
def test_the_socket_is_at_the_host_of_the_page_where_that_has_it(
    send: Send, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], live_url: str, url: str
):
    told = Settings(
        live_url=live_url,
        origin_key_sha256=digest("secret"),
        dashboard_origins=("https://other.example",),
    )
    monkeypatch.setattr(wiring, "settings", lambda: told)

    assert send("POST", "/realtime/ticket", {}, headers=ADMIN | headers)[1]["url"] == url


@pytest.mark.parametrize("host", ["", "a b", "a.example/x", "a@b", "x" * 300, "[::1", "-a"])
def test_a_host_that_is_none_is_refused(send: Send, monkeypatch: pytest.MonkeyPatch, host: str):
    monkeypatch.setattr(wiring, "settings", lambda: Settings())

    answer = send("POST", "/realtime/ticket", {}, headers=ADMIN | {"host": host})

    assert refused(answer) == (400, "invalid_field")


# Sockets.


def test_a_socket_is_opened_with_a_ticket_once(send: Send):
    live = opened(send)
    _, told, _ = take(send)
    event = socket_event("$connect", "c2=", queryStringParameters={"ticket": told["ticket"]})

    assert live.lambda_handler(event, None) == {"statusCode": 200}
    answer = live.lambda_handler(event, None)
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (401, "wrong_ticket")


@pytest.mark.parametrize("query", [None, {}, {"ticket": ""}, {"ticket": API_KEY}, {"key": API_KEY}])
def test_without_a_right_ticket_there_is_no_socket(wired: Product, query: Any):
    answer = doorway("live").lambda_handler(
        socket_event("$connect", queryStringParameters=query), None
    )

    assert answer["statusCode"] == 401


@pytest.mark.parametrize(
    "said", ["ping", "", None, '{"action":"$connect"}', "ä" * 30_000, "\ud800"]
)
def test_whatever_is_said_is_answered_with_the_numbers(send: Send, wired: Product, said: Any):
    live = opened(send)
    send("POST", "/pageview", pageview("v1", "/here"))

    told = json.loads(live.lambda_handler(socket_event("$default", body=said), None)["body"])
    _, numbers, _ = send("GET", "/realtime", headers=ADMIN)

    assert told.pop("type") == "realtime"
    assert told.keys() == numbers.keys()
    assert told["pages"] == [{"path": "/here", "activeUsers": 1}]


def test_a_socket_that_is_over_unknown_or_closed_is_told_to_take_another_ticket(send: Send):
    live = opened(send)
    assert asked(live, "unknown=")["code"] == "socket_over"

    for _ in range(2):
        assert live.lambda_handler(socket_event("$disconnect"), None) == {"statusCode": 200}

    told = asked(live)
    assert (told["type"], told["code"]) == ("error", "socket_over")
    assert "ticket" in told["message"]


def test_a_key_whose_sockets_cannot_be_told_watches_a_quarter_of_an_hour_longer_at_the_most(
    send: Send, wired: Product, monkeypatch: pytest.MonkeyPatch
):
    class Silent:
        def ask(self, commands: Any) -> list[Any]:
            raise ValkeyError

    _, made, _ = send("POST", "/sites/default/keys", {"scope": "read"}, headers=ADMIN)
    live = opened(send, key=made["key"])
    with monkeypatch.context() as broken:
        broken.setattr(wiring, "watchers", lambda: Watchers(Silent()))
        assert send("DELETE", f"/sites/default/keys/{made['id']}", headers=ADMIN)[0] == 200

    assert refused(take(send, made["key"])) == (401, "wrong_key")
    assert asked(live)["type"] == "realtime"
    clock = live.time.time_ns() // 1_000_000
    assert wired.watchers.prolong("c1=", clock + SOCKET_MS) is None


def test_more_than_a_hundred_are_refused_over_http_and_at_the_door(send: Send, wired: Product):
    last = take(send)[1]["ticket"]
    for number in range(SOCKETS):
        opened(send, f"c{number}=")

    assert refused(take(send)) == (429, "too_many_sockets")
    event = socket_event("$connect", "more=", queryStringParameters={"ticket": last})
    answer = doorway("live").lambda_handler(event, None)
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (429, "too_many_sockets")


# What is pushed.


def test_an_event_is_pushed_with_the_numbers_before_it(send: Send, wired: Product, heard: Heard):
    opened(send)
    wired.locate = lambda ip: ("AT", "", "")  # type: ignore[assignment,return-value]
    send("POST", "/pageview", pageview("v1", "/pricing"), headers={"user-agent": PHONE})

    assert wired.announced == [("default", 0)]
    assert pushed(wired) == {"reached": 1, "gone": 0, "missed": 0}

    numbers, event = heard.messages["c1="]
    assert numbers["type"] == "realtime"
    assert numbers["pages"] == [{"path": "/pricing", "activeUsers": 1}]
    assert {name: value for name, value in event.items() if name != "at"} == {
        "type": "event",
        "page": "/pricing",
        "country": "AT",
        "device": "mobile",
        "event": "pageview",
    }
    assert event["at"].endswith("+00:00")


def test_two_sockets_are_told_the_same_and_other_sites_nothing(
    send: Send, wired: Product, heard: Heard
):
    send("POST", "/sites", {"name": "Shop", "id": "shop"}, headers=ADMIN)
    for connection in ("c1=", "c2="):
        opened(send, connection)
    opened(send, "shop=", site="shop")

    send("POST", "/pageview", pageview("v1", "/a"))
    assert pushed(wired)["reached"] == 2
    assert heard.messages["c1="] == heard.messages["c2="]
    assert "shop=" not in heard.messages

    send("POST", "/pageview", pageview("v1", "/b") | {"site": "shop"}, headers=ADMIN)
    assert pushed(wired)["reached"] == 1
    assert [each.get("page") for each in heard.messages["shop="]] == [None, "/b"]


def test_where_nobody_watches_nothing_is_kept_or_announced(send: Send, wired: Product):
    live = opened(send)
    live.lambda_handler(socket_event("$disconnect"), None)

    send("POST", "/pageview", pageview("v1", "/a"))

    assert wired.announced == []
    assert wired.counters._valkey.ask([("EXISTS", "footfall:{default}:feed")]) == [0]


def test_bots_imports_old_events_and_who_somebody_is_are_not_pushed(
    send: Send, wired: Product, heard: Heard
):
    opened(send)
    hour_ago = int((wired.registry.time() - 3_600) * 1_000)
    old = pageview("v1", "/old", timestamp=iso(hour_ago))
    bot = {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}
    identify = {"type": "identify", "anonymousId": "v1", "userId": "u1"}

    send("POST", "/pageview", pageview("v1", "/bot"), headers=bot)
    send("POST", "/import", {"batch": [pageview("v1", "/imported")]}, headers=ADMIN)
    send("POST", "/batch", {"batch": [old, identify]})
    assert wired.announced == []

    send("POST", "/batch", {"batch": [pageview("v1", "/new"), track("v1", "signup")]})
    pushed(wired)
    told = [(each["event"], each["page"]) for each in heard.messages["c1="][1:]]
    assert told == [("pageview", "/new"), ("signup", "")]


def test_a_page_is_a_path_without_its_query(send: Send, wired: Product, heard: Heard):
    opened(send)
    page = {"url": "https://example.com/a/b?email=secret%40example.com&utm_source=x#secret"}

    send("POST", "/pageview", {"anonymousId": "v1", "page": page})
    pushed(wired)

    assert heard.messages["c1="][1]["page"] == "/a/b"
    assert "secret" not in json.dumps(heard.messages)


@pytest.mark.parametrize("character", ["x", "ä", "\U0001f600", "\ud800"])
def test_no_message_is_larger_than_a_socket_takes_whatever_is_sent(
    send: Send, wired: Product, heard: Heard, character: str
):
    live = opened(send)
    long = character * 2_500
    for number in range(FED):
        path, context = f"/{number}{long}", {"device": {"type": long}}
        item = pageview(f"v{number}", path, context=context)
        assert send("POST", "/pageview", item)[0] == 200
        assert send("POST", "/track", track(f"v{number}", f"{number}{long}"))[0] == 200
    pushed(wired)

    told = [*heard.messages["c1="], asked(live)]
    assert len(told) == FED + 2
    assert max(len(json.dumps(message)) for message in told) < MESSAGE_BYTES
    assert max(len(message.get("page", "")) for message in told) == 500


def test_a_socket_that_is_gone_is_pushed_to_no_more(send: Send, wired: Product, heard: Heard):
    opened(send, "c1=")
    opened(send, "c2=")
    heard.gone = {"c1="}

    send("POST", "/pageview", pageview("v1", "/a"))
    assert pushed(wired) == {"reached": 1, "gone": 1, "missed": 0}
    send("POST", "/pageview", pageview("v1", "/b"))
    assert pushed(wired) == {"reached": 1, "gone": 0, "missed": 0}

    heard.gone = {"c2="}
    send("POST", "/pageview", pageview("v1", "/c"))
    assert pushed(wired) == {"reached": 0, "gone": 1, "missed": 0}
    send("POST", "/pageview", pageview("v1", "/d"))
    assert wired.announced == []


def test_a_gateway_that_takes_nothing_fails_the_push_so_that_an_alarm_rings(
    send: Send, wired: Product, heard: Heard
):
    opened(send)
    heard.refuses = True
    send("POST", "/pageview", pageview("v1", "/a"))

    with pytest.raises(Failed):
        pushed(wired)

    heard.refuses = False
    # What was not told is not told again.
    assert pushed(wired) == {"reached": 0, "gone": 0, "missed": 0}


@pytest.mark.parametrize(
    "body", ["", "null", "[]", "{}", '{"site":null}', '{"site":"nobodys"}', "{"]
)
def test_a_message_that_is_none_of_ours_pushes_nothing(wired: Product, heard: Heard, body: str):
    told = doorway("push").lambda_handler({"Records": [{"body": body}] * 2}, None)

    assert told == {"reached": 0, "gone": 0, "missed": 0}


class Broken:
    """A Valkey that counts, and fails at whatever is for those who watch."""

    def __init__(self, valkey: Any) -> None:
        self._valkey = valkey

    def ask(self, commands: Any) -> list[Any]:
        sent = list(commands)
        if any(not isinstance(each, bytes) and each[0] == "RPUSH" for each in sent):
            raise ValkeyError("no feed")
        told: list[Any] = self._valkey.ask(sent)
        return told


def test_an_event_is_accepted_whatever_becomes_of_those_who_watch(
    send: Send, wired: Product, monkeypatch: pytest.MonkeyPatch
):
    opened(send)
    healthy = wired.counters

    def refuse(site_id: str, seconds: int) -> None:
        raise RuntimeError("no queue")

    monkeypatch.setattr(wired.collector.feed, "_announce", refuse)
    assert send("POST", "/pageview", pageview("v1", "/a"))[0] == 200

    wired.forget()
    wired.counters = Counters(Broken(healthy._valkey))
    assert send("POST", "/pageview", pageview("v1", "/b"))[0] == 200

    wired.forget()

    class Silent:
        def ask(self, commands: Any) -> list[Any]:
            raise ValkeyError

    wired.counters = Counters(Silent())
    assert send("POST", "/pageview", pageview("v1", "/c"))[0] == 200

    wired.counters = healthy
    wired.drain()
    rows = wired.rows(int(wired.registry.time() * 1000), "page", period="today")
    assert rows == {"/a": 1, "/b": 1, "/c": 1}


MARK = "zq9secret"
hidden = st.text(st.characters(codec="utf-8"), max_size=20).map(lambda text: MARK + text)
shown = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    ids=st.lists(hidden, min_size=3, max_size=3),
    path=shown,
    name=shown,
    kind=st.sampled_from(["pageview", "track", "screen", "identify", "alias", "group"]),
    traits=st.dictionaries(shown, hidden, max_size=3),
)
def test_no_message_holds_an_id_an_address_or_an_agent_whatever_arrives(
    wired: Product, ids: list[str], path: str, name: str, kind: str, traits: dict[str, str]
):
    heard = Heard()
    agent = f"{BROWSER} {ids[0]}"
    assume(not bot_reason(agent))
    ticket, _ = wired.watchers.make_ticket("default", NOW + 10**9, NOW)
    wired.watchers.open(ticket, "c1=", NOW)
    item = {
        "type": kind,
        "eventId": ids[0],
        "anonymousId": ids[1],
        "userId": ids[2],
        "previousId": ids[1],
        "page": {"url": f"https://example.com/{path}", "title": ids[0], "referrer": f"/{ids[1]}"},
        "event": {"name": name, "properties": traits},
        "screen": {"name": name, "properties": traits},
        "traits": traits,
        "context": {"ip": "198.51.100.77", "userAgent": f"Mozilla/5.0 {ids[2]}"},
    }
    told = {"batch": [item, pageview(ids[1], "/always", eventId=ids[2])]}

    wired.post("/batch", told, NOW, ip="198.51.100.77", user_agent=agent)
    push(["default"], NOW, wired.watchers, wired.counters, heard)  # type: ignore[arg-type]

    (messages,) = heard.messages.values()
    text = json.dumps(messages, ensure_ascii=False)
    assert any(each.get("page") == "/always" for each in messages)
    assert MARK not in text
    assert "198.51.100" not in text
    assert "Mozilla" not in text
    for message in messages:
        allowed = {"type", "page", "country", "device", "event", "at"}
        assert message["type"] == "realtime" or message.keys() == allowed
    wired.watchers.close("c1=")
