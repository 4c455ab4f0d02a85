"""The model against worked examples: every sentence about the numbers that can be tried by hand."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.model.histories import ENRICHMENT, Question, histories, questions
from tests.model.naive import (
    GENERATED,
    METRICS,
    UNNAMED,
    Enrichment,
    Impossible,
    Model,
    Session,
    day_start,
    instant_of,
)

CASES = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[1] / "data/semantics/cases.json").read_text("utf-8")
    )
}
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CRAWLER = "Mozilla/5.0 (compatible; Crawler/1.0)"
NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
LISTS = Enrichment(
    is_bot=lambda agent: "Crawler" in agent or "generic crawler" in agent,
    source_name=lambda host: {"facebook.com": "Facebook"}.get(host, ""),
)


def at(text: str) -> datetime:
    """An instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def item(
    time: str | None = None, kind: str = "pageview", *, who: str | None = "v", **more: Any
) -> dict[str, Any]:
    """An item of a batch: `page` is a path, `name` the name of a track or screen, `props` its properties."""
    made: dict[str, Any] = {"type": kind}
    if time is not None:
        made["timestamp"] = time
    if who is not None:
        made["anonymousId"] = who
    page = more.pop("page", "/")
    if kind == "pageview":
        made["page"] = {"path": page} if isinstance(page, str) else page
    if kind in ("track", "screen"):
        name = {"track": "event", "screen": "screen"}[kind]
        made[name] = {"name": more.pop("name", "buy"), "properties": more.pop("props", {})}
    return made | more


def imported(*items: dict[str, Any], received_at: str = "2026-06-30T11:00:00") -> dict[str, Any]:
    """One request to /import."""
    return {
        "route": "/import",
        "key": "api",
        "received_at": at(received_at),
        "body": {"batch": list(items)},
    }


def sent(received_at: str, made: dict[str, Any], **connection: Any) -> dict[str, Any]:
    """One request to the item's own route, by a browser unless told otherwise."""
    body = {name: value for name, value in made.items() if name != "type"}
    delivery = {"ip": "192.0.2.1", "user_agent": BROWSER, "key": "write"}
    return (
        {"route": f"/{made['type']}", "received_at": at(received_at), "body": body}
        | delivery
        | connection
    )


def batch(received_at: str, *items: dict[str, Any], **body: Any) -> dict[str, Any]:
    """One request to /batch by a browser."""
    delivery = {
        "route": "/batch",
        "received_at": at(received_at),
        "ip": "192.0.2.1",
        "user_agent": BROWSER,
    }
    return delivery | {"body": {"batch": list(items)} | body}


def model(*deliveries: dict[str, Any], now: datetime | str = NOW, **more: Any) -> Model:
    """A model that knows this file's lists."""
    now = at(now) if isinstance(now, str) else now
    return Model(deliveries, now=now, enrichment=LISTS, **more)


def ask(
    history: Model, *metrics: str, period: str | None = "all", **question: Any
) -> list[int | float | None]:
    """Values of metrics, of everything unless told otherwise."""
    if "start" not in question:
        question["period"] = period
    answer = history.metrics(metrics, **question)
    return [answer[metric]["value"] for metric in metrics]


def only(history: Model) -> Session:
    """The one session of a history."""
    [session] = history.sessions()
    return session


def sizes(history: Model, bots: str = "exclude") -> list[int]:
    """How many events each session has."""
    return [len(session.events) for session in history.sessions(bots)]


# The worked example and the cases of others


def test_worked_example() -> None:
    history = model(
        imported(
            item("2026-06-01T10:00:00.000", page="/a"),
            item("2026-06-01T10:29:59.999", "track", name="buy"),
            item("2026-06-01T10:59:59.999", page="/b"),
        )
    )

    assert ask(history, "sessions", "bounce_rate", "avg_duration") == [2, 50, 899.9995]
    assert [session.duration.total_seconds() for session in history.sessions()] == [1799.999, 0]
    assert [session.is_bounce for session in history.sessions()] == [False, True]
    on_b = [["is", "page", ["/b"]]]
    assert ask(history, "pageviews", "sessions", "bounce_rate", filters=on_b) == [1, 1, 100]


def test_one_pageview_is_a_bounce_of_no_duration() -> None:
    expected = CASES["S01"]["expected"]
    session = only(model(imported(item("2026-06-01T10:00:00"))))

    assert len(session.events) == expected["events"] == expected["pageviews"]
    assert session.is_bounce is expected["is_bounce"]
    assert session.duration.total_seconds() == expected["duration_s"]
    assert session.values["entry_page"] == expected["entry_page"]
    assert session.values["exit_page"] == expected["exit_page"]


def test_two_pageviews_last_ten_seconds() -> None:
    expected = CASES["S02"]["expected"]
    session = only(
        model(
            imported(item("2026-06-01T10:00:00", page="/a"), item("2026-06-01T10:00:10", page="/b"))
        )
    )

    assert len(session.events) == expected["events"]
    assert session.is_bounce is expected["is_bounce"]
    assert session.duration.total_seconds() == expected["duration_s"]


def test_campaign_of_the_first_event_holds_for_the_whole_session() -> None:
    expected = CASES["S04"]["expected"]
    twitter = {"campaign": {"source": "Twitter"}}
    history = model(
        imported(
            item("2021-01-01T00:00:00", who="u1", context=twitter),
            item("2021-01-01T00:25:00", who="u1"),
            item("2021-01-01T00:00:00", who="u2"),
        )
    )

    names = ("pageviews", "visitors", "bounce_rate", "avg_duration")
    question: dict[str, Any] = {
        "period": "2021-01-01",
        "filters": [["is", "utm_source", ["Twitter"]]],
    }
    assert ask(history, *names, **question) == [
        expected["pageviews"],
        expected["visitors"],
        expected["bounce_rate_pct"],
        expected["visit_duration_s"],
    ]


def test_previous_period_adjoins() -> None:
    expected = CASES["K01"]["expected"]
    times = ["2021-01-01T00:00", "2021-01-01T00:25", "2021-01-02T00:00", "2021-01-07T00:00"]
    history = model(imported(*[item(time) for time in times]))

    answer = history.metrics(["pageviews"], start="2021-01-07", end="2021-01-14")["pageviews"]

    assert (answer["value"], answer["previous"]) == (expected["value"], expected["previous"])
    assert round(answer["change"] or 0) == expected["change_pct"]


def test_counts_of_nothing_are_0_and_rates_null() -> None:
    expected = CASES["K06"]["expected"]
    names = ["visitors", "pageviews", "sessions", "avg_duration", "bounce_rate"]

    assert ask(model(), *names) == list(expected.values())
    assert ask(model(), "events", "views_per_session") == [0, None]


def test_today_is_the_local_day() -> None:
    case = CASES["T01"]
    history = Model(
        [imported(*[item(time) for time in case["input"]], received_at="2024-01-03T00:00")],
        now=at("2024-01-02T02:00"),
        site_timezone="America/New_York",
    )

    assert ask(history, "pageviews", period="today") == [case["expected"]["pageviews"]]


def test_path_and_hostname_of_a_url_with_only_a_host() -> None:
    session = only(model(imported(item("2026-06-01", page={"url": CASES["I01"]["input"][4:]}))))

    assert CASES["I01"]["expected"] == "hostname gigride.live, path /"
    assert session.events[0].values["hostname"] == "gigride.live"
    assert session.events[0].values["page"] == "/"


def test_a_bot_is_marked_not_dropped() -> None:
    assert CASES["I06"]["input"] == 'UA "generic crawler"'
    history = model(
        imported(item("2026-06-01", context={"userAgent": "generic crawler", "ip": "192.0.2.7"}))
    )

    assert history.answers[0].accepted == 1
    assert ask(history, "pageviews") == [0]
    assert (
        ask(history, "pageviews", bots="only") == ask(history, "pageviews", bots="include") == [1]
    )


def test_referrer_and_source() -> None:
    assert CASES["I08"]["expected"].startswith("referrer facebook.com/page, source Facebook")
    page = {"path": "/", "referrer": CASES["I08"]["input"].removeprefix("referrer ")}

    values = only(model(imported(item("2026-06-01", page=page)))).values

    assert (values["referrer"], values["source"]) == ("facebook.com/page", "Facebook")


def test_utm_source_wins_over_the_referrer() -> None:
    page = {"url": "https://example.com/?utm_source=betalist", "referrer": "https://betalist.com/"}

    values = only(model(imported(item("2026-06-01", page=page)))).values

    assert f"source {values['source']}" == CASES["I13"]["expected"]


# Identity of an event


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ({"eventId": "a", "messageId": "b"}, "a"),
        ({"messageId": "b"}, "b"),
        ({"eventId": "", "messageId": "b"}, "b"),
        ({"eventId": None, "messageId": "b"}, "b"),
        ({"eventId": 7}, "7"),
        ({"eventId": "x" * 128}, "x" * 128),
        ({"eventId": "x" * 129}, None),
        ({"eventId": "null"}, "null"),
        ({"eventId": ""}, GENERATED),
        ({}, GENERATED),
    ],
)
def test_id_of_an_event(ids: dict[str, Any], expected: str | None) -> None:
    history = model(imported(item("2026-06-01") | ids))

    assert history.answers[0].event_ids == [expected]


def test_events_without_an_id_are_all_counted() -> None:
    same = item("2026-06-01T10:00:00")

    assert ask(model(imported(same, same), imported(same)), "pageviews") == [3]


def test_one_id_is_one_event_whatever_its_type_route_batch_and_time() -> None:
    one = item("2026-06-01T10:00:00", eventId="e")
    history = model(
        sent("2026-06-01T10:00:00", one),
        batch("2026-06-01T10:01:00", one | {"sentAt": "2026-06-01T09:00:00"}),
        sent("2026-06-01T10:02:00", item(None, "track", eventId="e")),
        imported(one),
        sent("2026-06-02T10:02:00", item(None, eventId="e")),
    )

    assert [answer.accepted for answer in history.answers] == [1, 1, 1, 1, 1]
    assert ask(history, "events", "pageviews") == [1, 1]
    assert [event.type for event in history.events] == ["pageview"]


def test_of_one_day_the_delivery_received_first_stands() -> None:
    history = model(
        sent("2026-06-02T12:00:00", item("2026-06-02T11:00:00", page="/first", eventId="e")),
        sent("2026-06-02T12:00:01", item("2026-06-02T10:00:00", page="/earlier", eventId="e")),
    )

    assert [event.values["page"] for event in history.events] == ["/first"]


def test_the_delivery_of_the_earliest_utc_day_stands() -> None:
    history = model(
        sent("2026-06-03T12:00:00", item("2026-06-03T00:00:00.000", page="/late", eventId="e")),
        sent("2026-06-03T12:00:01", item("2026-06-02T23:59:59.999", page="/early", eventId="e")),
        site_timezone="Asia/Kathmandu",
    )

    assert [event.values["page"] for event in history.events] == ["/early"]
    assert ask(history, "pageviews", period="2026-06-03") == [1], "the local day of both"


def test_a_retry_over_midnight_without_a_timestamp_counts_on_the_first_day() -> None:
    one = item(None, eventId="e")
    history = model(sent("2026-06-02T00:00:01", one), sent("2026-06-01T23:59:59", one))

    assert history.timeseries(start="2026-06-01", end="2026-06-03") == [
        ("2026-06-01", 1),
        ("2026-06-02", 0),
    ]


def test_two_actors_of_one_id_on_one_day_are_told() -> None:
    history = model(
        sent("2026-06-02T12:00:00", item(None, who="a", eventId="e")),
        sent("2026-06-02T12:00:01", item(None, who="b", eventId="e")),
        sent("2026-06-02T12:00:02", item(None, who="a", eventId="f")),
        sent("2026-06-03T12:00:02", item(None, who="b", eventId="f")),
    )

    assert history.ambiguous_ids == ["e"]


def test_an_id_that_first_came_as_an_identify_is_no_activity() -> None:
    history = model(
        sent("2026-06-02T12:00:00", item(None, "identify", eventId="e", userId="u")),
        sent("2026-06-02T12:00:01", item(None, eventId="e")),
    )

    assert ask(history, "events", "visitors", "sessions") == [0, 0, 0]


# Time of an event


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "12:00:00"),
        ({"sentAt": "2026-06-02T11:00:00Z"}, "12:00:00"),
        ({"timestamp": "2026-06-02T11:00:00.1239"}, "11:00:00.123"),
        ({"timestamp": "2026-06-02T11:00:00+05:45"}, "05:15:00"),
        ({"originalTimestamp": "2026-06-02T11:00:00"}, "11:00:00"),
        (
            {"timestamp": "2026-06-02T11:00:00", "originalTimestamp": "2026-06-02T10:00:00"},
            "11:00:00",
        ),
        ({"timestamp": "2026-06-02T11:00:00", "sentAt": "2026-06-02T11:59:00"}, "11:00:00"),
        ({"timestamp": "2026-06-02T11:00:00", "sentAt": "2026-06-02T11:58:59.999"}, "11:01:00.001"),
        ({"timestamp": "2026-06-02T11:00:00", "sentAt": "2026-06-02T12:01:00"}, "11:00:00"),
        ({"timestamp": "2026-06-02T11:00:00", "sentAt": "2026-06-02T12:01:00.001"}, "10:58:59.999"),
        ({"timestamp": "2026-06-02T12:01:00"}, "12:01:00"),
        ({"timestamp": "2026-06-02T12:01:00.001"}, "12:00:00"),
        ({"timestamp": "2026-06-09T12:00:00", "sentAt": "2026-06-09T12:30:00"}, "11:30:00"),
    ],
)
def test_time_of_an_event(fields: dict[str, Any], expected: str) -> None:
    history = model(sent("2026-06-02T12:00:00", item() | fields))

    assert history.events[0].time == at(f"2026-06-02T{expected}")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"timestamp": "2026-05-26T12:00:00"}, None),
        ({"timestamp": "2026-05-26T11:59:59.999"}, "too_old"),
        ({"timestamp": "2026-05-26T10:00:00", "sentAt": "2026-06-02T09:00:00"}, None),
        ({"timestamp": "2026-06-02T11:00:00", "sentAt": "2026-06-20T12:00:00"}, "too_old"),
        ({"timestamp": 1780000000}, UNNAMED),
        ({"timestamp": "yesterday"}, UNNAMED),
    ],
)
def test_which_times_are_refused(fields: dict[str, Any], code: str | None) -> None:
    history = model(sent("2026-06-02T12:00:00", item() | fields))

    assert history.answers[0].status == (422 if code else 200)
    assert [refused for _, refused in history.answers[0].rejected] == ([code] if code else [])
    assert len(history.events) == (0 if code else 1)


def test_back_dating_limit_is_the_sites() -> None:
    old = sent("2026-06-02T12:00:00", item("2026-05-31T12:00:00"))

    assert model(old, back_dating_days=2).answers[0].accepted == 1
    assert model(old, back_dating_days=1).answers[0].rejected == [(0, "too_old")]


def test_sent_at_of_the_event_before_that_of_the_batch() -> None:
    one = item("2026-06-02T11:00:00")
    history = model(
        batch(
            "2026-06-02T12:00:00",
            one,
            one | {"sentAt": "2026-06-02T12:00:00"},
            sentAt="2026-06-02T11:50:00",
            timestamp="2026-06-01T00:00:00",
        )
    )

    assert [event.time for event in history.events] == [
        at("2026-06-02T11:00:00"),
        at("2026-06-02T11:10:00"),
    ]


def test_a_batchs_own_timestamp_is_not_its_events() -> None:
    history = model(batch("2026-06-02T12:00:00", item(), timestamp="2026-06-01T00:00:00"))

    assert history.events[0].time == at("2026-06-02T12:00:00")


def test_import_corrects_nothing_and_takes_any_age_since_1970() -> None:
    history = model(
        imported(
            item("1970-01-01T00:00:00", sentAt="2026-01-01"),
            item("1969-12-31T23:59:59.999"),
            item("2026-07-30T00:00:00"),
            received_at="2026-06-30T11:00:00",
        )
    )

    assert history.answers[0].rejected == [(1, UNNAMED)]
    assert [event.time for event in history.events] == [
        at("1970-01-01T00:00:00"),
        at("2026-06-30T11:00:00"),
    ]


# Activity, answers, bots


def test_activity_is_pageview_screen_and_track() -> None:
    history = model(
        imported(
            item("2026-06-01T10:00", who="a"),
            item("2026-06-01T10:00", "screen", who="b"),
            item("2026-06-01T10:00", "track", who="c"),
            item("2026-06-01T10:00", "identify", who="d", userId="u"),
            item("2026-06-01T10:00", "group", who="e"),
            item("2026-06-01T10:00", "alias", who="f", userId="u", previousId="x"),
        )
    )

    assert history.answers[0].accepted == 6
    assert ask(history, "events", "pageviews", "visitors", "sessions") == [3, 1, 3, 3]


def test_a_batch_tells_what_it_refused() -> None:
    history = model(
        batch(
            "2026-06-02T12:00:00",
            item(None, eventId="a"),
            item("2026-05-01", eventId="b"),
            item(None, "dance"),
            item(None),
            item(None, site="other"),
        ),
        batch("2026-06-02T12:00:01", item("2026-05-01")),
        batch("2026-06-02T12:00:02"),
        sent("2026-06-02T12:00:03", item(None, site="other")),
        imported(item()) | {"key": "write"},
    )

    first, nothing, empty, foreign, keyless = history.answers
    assert (first.status, first.accepted) == (200, 2)
    assert first.event_ids == ["a", None, None, GENERATED, None]
    assert first.rejected == [(1, "too_old"), (2, UNNAMED), (4, "wrong_site")]
    assert (nothing.status, nothing.accepted, nothing.rejected) == (400, 0, [(0, "too_old")])
    assert (empty.status, empty.accepted) == (200, 0)
    assert foreign.status == 403
    assert keyless.status == 403


def test_consent_denied_is_cookieless_and_withheld_is_not_stored() -> None:
    denied = {"consent": "denied"}
    history = model(
        sent("2026-06-02T12:00:00", item(None, who="a", userId="u", context=denied)),
        sent("2026-06-02T12:00:01", item(None, who="b", context=denied)),
        sent("2026-06-02T12:00:02", item(None, who="a")),
        sent(
            "2026-06-02T12:00:03", item(None, who="c", userId="u", context={"consent": "withheld"})
        ),
        sent("2026-06-02T12:00:04", item(None, who="c")),
        sent("2026-06-02T12:00:05", item(None, who="d", context={"consent": "granted"})),
    )

    assert [answer.status for answer in history.answers] == [200] * 6
    assert ask(history, "pageviews", "visitors", "sessions") == [5, 4, 4]
    assert history.links == {}


@pytest.mark.parametrize(
    ("connection", "context", "bot"),
    [
        ({"user_agent": CRAWLER}, {}, True),
        ({"user_agent": "Crawler/1.0"}, {}, False),
        ({"user_agent": BROWSER}, {"userAgent": CRAWLER}, False),
        ({"user_agent": BROWSER, "key": "api"}, {"userAgent": CRAWLER}, True),
        ({"user_agent": CRAWLER, "key": "api"}, {"userAgent": BROWSER}, False),
        ({"user_agent": "curl/8", "key": "api"}, {"userAgent": "Crawler/1.0"}, True),
        ({"user_agent": CRAWLER, "key": "api"}, {"userAgent": ""}, True),
    ],
)
def test_which_agent_makes_a_bot(
    connection: dict[str, str], context: dict[str, str], bot: bool
) -> None:
    history = model(sent("2026-06-02T12:00:00", item(None, context=context), **connection))

    assert history.events[0].is_bot is bot


def test_bots_are_selected_before_sessions_are_built() -> None:
    def view(time: str, agent: str, page: str) -> dict[str, Any]:
        return sent(f"2026-06-02T{time}", item(None, page=page), user_agent=agent)

    history = model(
        view("10:00:00", CRAWLER, "/bot"),
        view("10:20:00", BROWSER, "/a"),
        view("10:40:00", CRAWLER, "/bot"),
        view("11:00:00", BROWSER, "/b"),
    )

    assert sizes(history, "include") == [4]
    assert sizes(history, "exclude") == [1, 1]
    assert sizes(history, "only") == [1, 1]
    names = ("sessions", "bounce_rate", "visitors")
    assert ask(history, *names, bots="include") == [1, 0, 1]
    assert ask(history, *names) == [2, 100, 1]
    assert ask(history, *names, bots="only") == [2, 100, 1]
    rows = history.breakdown("entry_page", "sessions", period="all")["data"]
    assert [row["dimension"] for row in rows] == ["/a", "/b"]


def test_copies_are_settled_before_bots() -> None:
    history = model(
        sent("2026-06-02T10:00:00", item(None, eventId="e"), user_agent=CRAWLER),
        sent("2026-06-02T10:00:01", item(None, eventId="e")),
    )

    assert ask(history, "pageviews") == [0]
    assert ask(history, "pageviews", bots="only") == [1]


# People


def test_actor_is_the_anonymous_id_else_the_user_else_cookieless() -> None:
    history = model(
        sent("2026-06-02T10:00:00", item(None, who="a", userId="u")),
        sent("2026-06-02T10:00:01", item(None, who=None, userId="u")),
        sent("2026-06-02T10:00:02", item(None, who=None)),
        sent("2026-06-02T10:00:03", item(None, who="u")),
    )

    assert len({event.actor for event in history.events}) == 4
    assert ask(history, "sessions", "visitors") == [4, 3]


def test_cookieless_ids_are_of_a_local_day_an_address_and_an_agent() -> None:
    def view(received_at: str, **connection: Any) -> dict[str, Any]:
        return sent(received_at, item(None, who=None), **connection)

    history = model(
        view("2026-06-02T10:00:00"),
        view("2026-06-02T10:00:01"),
        view("2026-06-02T10:00:02", ip="192.0.2.2"),
        view("2026-06-02T10:00:03", user_agent=BROWSER + " x"),
        view("2026-06-02T18:10:00"),
        view("2026-06-02T18:15:00"),
        site_timezone="Asia/Kathmandu",
    )

    assert ask(history, "visitors", "sessions") == [4, 5], "18:15 UTC is the next day in Nepal"


def test_cookieless_visitors_need_an_address_or_an_agent_of_a_visitor() -> None:
    def view(context: dict[str, Any], **connection: Any) -> dict[str, Any]:
        return sent("2026-06-02T10:00:00", item(None, who=None, context=context), **connection)

    curl = {"user_agent": "curl/8.9"}
    secret = curl | {"key": "api"}
    history = model(
        view({}, **curl),
        view({"ip": "192.0.2.9", "userAgent": BROWSER}, **curl),
        view({}, **secret),
        view({"ip": "192.0.2.9"}, **secret),
        view({"userAgent": "curl/8.9"}, **secret),
        view({"ip": "192.0.2.9", "userAgent": BROWSER}, **secret),
        view({"ip": "192.0.2.9", "userAgent": BROWSER}, ip="192.0.2.9"),
    )

    codes = [answer.rejected for answer in history.answers]
    assert codes == [[(0, "no_actor")], [(0, "no_actor")], [(0, "no_actor")], [], [], [], []]
    assert ask(history, "visitors") == [3], "the last two are one"


def test_an_older_day_has_another_salt() -> None:
    def view(time: str, received_at: str) -> dict[str, Any]:
        return sent(received_at, item(time, who=None))

    in_time = view("2026-06-02T10:00:00", "2026-06-04T23:59:59.999")
    too_late = view("2026-06-02T10:00:00", "2026-06-05T00:00:00")
    two_days_on = view("2026-06-02T10:00:00", "2026-06-06T23:59:59.999")
    salt_gone = view("2026-06-02T10:00:00", "2026-06-07T00:00:00")

    visitors = [
        ask(model(*deliveries), "visitors")[0]
        for deliveries in (
            [view("2026-06-02T10:00:00", "2026-06-02T10:00:00"), in_time],
            [in_time, too_late],
            [too_late, two_days_on],
            [too_late, salt_gone],
        )
    ]

    assert visitors == [1, 2, 1, 2]


def test_a_server_library_has_no_place_and_no_device() -> None:
    lists = Enrichment(
        agent=lambda agent: {"browser": agent.partition("/")[0]},
        place=lambda address: {"country": address},
    )
    deliveries = [
        sent("2026-06-02T10:00:00", item(None), user_agent="curl/8.9"),
        sent("2026-06-02T10:00:01", item(None)),
    ]
    history = Model(deliveries, now=NOW, enrichment=lists)

    values = [(event.values["browser"], event.values["country"]) for event in history.events]
    assert values == [("", ""), ("Mozilla", "192.0.2.1")]


def test_a_link_applies_to_history_and_to_both_devices() -> None:
    history = model(
        imported(
            item("2026-06-01T10:00", who="phone"),
            item("2026-06-01T10:00", who="desk"),
            item("2026-06-02T10:00", "identify", who="phone", userId="u"),
            item("2026-06-02T10:00", "track", who="desk", userId="u"),
        )
    )

    assert ask(history, "visitors", "sessions", period="2026-06-01") == [1, 2]


def test_the_link_received_first_stands_for_good() -> None:
    late = item("2026-06-02T12:00", "identify", who="a", userId="second")
    early = item("2026-06-01T12:00", "identify", who="a", userId="first")
    seen = [
        item("2026-06-01T10:00", who="a"),
        item("2026-06-01T10:00", "track", who=None, userId="second"),
    ]

    assert ask(model(imported(late, early, *seen)), "visitors") == [1]
    assert ask(model(imported(early, late, *seen)), "visitors") == [2]


def test_an_events_own_user_wins_over_the_link() -> None:
    history = model(
        imported(
            item("2026-06-01T10:00", who="a", userId="u1"),
            item("2026-06-01T10:01", who="a", userId="u2"),
            item("2026-06-01T10:02", who="a"),
        )
    )

    assert ask(history, "visitors", "sessions") == [2, 1]
    assert [history.visitor(event)[1] for event in history.events] == ["u1", "u2", "u1"]


def test_links_are_made_by_copies_bots_and_what_is_no_activity() -> None:
    view = item("2026-06-01T10:00", who="a")
    user = item("2026-06-01T10:00", "track", who=None, userId="u")
    makers = [
        [
            item("2026-06-01", eventId="e", who="a"),
            item("2026-06-02", eventId="e", who="a", userId="u"),
        ],
        [item("2026-06-01", who="a", userId="u", context={"userAgent": CRAWLER})],
        [item("2026-06-01", "group", who="a", userId="u")],
        [item("2026-06-01", "identify", who="a", userId="u")],
    ]

    assert ask(model(imported(view, user)), "visitors") == [2]
    for maker in makers:
        assert ask(
            model(imported(view, user, *maker)), "visitors", start="2026-06-01T10", end="2026-06-02"
        ) == [1]


def test_a_refused_delivery_makes_no_link() -> None:
    history = model(
        sent("2026-06-02T10:00:00", item("2026-05-02", "identify", who="a", userId="u")),
        sent("2026-06-02T10:00:01", item(None, who="a")),
        sent("2026-06-02T10:00:02", item(None, who=None, userId="u")),
    )

    assert ask(history, "visitors") == [2]


def people(*entries: tuple[str, str], seen: str = "", users: str = "abc") -> Model:
    """A history of aliases (previousId, userId), one pageview of each user and of each anonymous id seen."""
    aliases = [
        item("2026-06-01", "alias", who=None, previousId=previous, userId=user)
        for previous, user in entries
    ]
    views = [item("2026-06-01", who=None, userId=user) for user in users]
    return model(imported(*aliases, *views, *[item("2026-06-01", who=who) for who in seen]))


@pytest.mark.parametrize(
    ("entries", "visitors"),
    [
        ([], 3),
        ([("a", "b")], 2),
        ([("a", "b"), ("b", "c")], 1),
        ([("b", "c"), ("a", "b")], 1),
        ([("a", "b"), ("a", "c")], 2),
        ([("a", "b"), ("b", "a")], 2),
        ([("a", "b"), ("b", "c"), ("c", "a")], 1),
        ([("a", "a")], 3),
        ([("a", "a"), ("a", "b")], 2),
        ([("a", "b"), ("b", "a"), ("b", "c")], 1),
    ],
)
def test_chains_of_aliases(entries: list[tuple[str, str]], visitors: int) -> None:
    assert ask(people(*entries), "visitors") == [visitors]


def test_a_circle_is_void_where_it_closes() -> None:
    history = people(("a", "b"), ("b", "c"), ("c", "a"))

    assert {history.visitor(event) for event in history.events} == {("user", "c")}


def test_previous_id_means_the_anonymous_id_if_one_was_ever_seen() -> None:
    as_user = people(("a", "b"), users="ab")
    as_anonymous = people(("a", "b"), users="ab", seen="a")

    assert ask(as_user, "visitors") == [1]
    assert ask(as_anonymous, "visitors") == [2]
    assert as_anonymous.links == {("anonymous", "a"): ("user", "b")}


def test_links_and_aliases_share_one_entry_an_id() -> None:
    link = item("2026-06-01", "identify", who="a", userId="linked")
    alias = item("2026-06-01", "alias", who=None, previousId="a", userId="aliased")
    view = item("2026-06-01", who="a")

    assert [
        model(imported(*items)).links for items in ([link, alias, view], [alias, link, view])
    ] == [
        {("anonymous", "a"): ("user", "linked")},
        {("anonymous", "a"): ("user", "aliased")},
    ]


def test_an_alias_does_not_join_sessions() -> None:
    history = model(
        imported(
            item("2026-06-01T10:00", who="a"),
            item("2026-06-01T10:01", who=None, userId="u"),
            item("2026-06-01T10:02", "alias", who=None, previousId="a", userId="u"),
        )
    )

    assert ask(history, "visitors", "sessions") == [1, 2]


@pytest.mark.parametrize(
    "guarded",
    [
        *("", "0", "null", "NONE", "nil", "Undefined", "NaN", "true", "False", "[]", "{}"),
        *("[object Object]", "anonymous", "Anonymous_ID", "guest", "ID", "user_id"),
        *("distinct_id", "not_authenticated", "00000000-0000-0000-0000-000000000000"),
        *(None, 0, True, False, [], {}),
    ],
)
def test_guarded_ids_count_as_absent(guarded: Any) -> None:
    history = model(
        sent("2026-06-02T10:00:00", item(None, who=guarded, userId=guarded)),
        sent("2026-06-02T10:00:01", item(None, who="a", userId=guarded)),
        sent("2026-06-02T10:00:02", item(None, who="b", userId=guarded)),
    )

    assert ask(history, "visitors") == [3]
    assert history.events[0].actor[0] == "cookieless"
    assert history.links == {}


# Sessions


@pytest.mark.parametrize(
    ("gap", "sessions"), [("10:29:59.999", 1), ("10:30:00.000", 2), ("10:30:00.001", 2)]
)
def test_a_gap_of_30_minutes_starts_a_session(gap: str, sessions: int) -> None:
    history = model(imported(item(f"2026-06-01T{gap}"), item("2026-06-01T10:00:00.000")))

    assert ask(history, "sessions") == [sessions]


def test_neither_a_campaign_nor_midnight_cuts_a_session() -> None:
    history = model(
        imported(
            item("2026-06-01T23:50:00", context={"campaign": {"source": "x"}}),
            item("2026-06-02T00:10:00", context={"campaign": {"source": "y"}}),
        )
    )

    assert sizes(history) == [2]
    assert ask(history, "sessions", "pageviews", period="2026-06-02") == [0, 1]
    assert ask(history, "sessions", "avg_duration", period="2026-06-01") == [1, 1200]


def run(start: str, last: str, step: timedelta = timedelta(minutes=29)) -> list[dict[str, Any]]:
    """Pageviews of one visitor, each `step` after the one before, and one at `last`."""
    items = []
    moment = at(start)
    while moment < at(last):
        items.append(item(moment.isoformat()))
        moment += step
    return [*items, item(last)]


@pytest.mark.parametrize(
    ("start", "starts"),
    [
        ("2026-06-01T12:00:00.000", ["2026-06-01T12:00", "2026-06-02T00:00"]),
        ("2026-06-01T12:00:00.001", ["2026-06-01T12:00:00.001"]),
        ("2026-06-01T11:59:59.999", ["2026-06-01T11:59:59.999", "2026-06-02T00:00"]),
    ],
)
def test_a_run_of_12_hours_is_cut_at_midnight(start: str, starts: list[str]) -> None:
    items = run(start, "2026-06-01T23:59:59.999") + run("2026-06-02T00:00", "2026-06-02T01:00")

    assert [session.start for session in model(imported(*items)).sessions()] == [
        at(s) for s in starts
    ]


def test_the_run_has_lasted_until_midnight_even_if_its_last_event_is_before() -> None:
    items = [*run("2026-06-01T12:00", "2026-06-01T23:45"), item("2026-06-02T00:10")]

    assert sizes(model(imported(*items))) == [len(items) - 1, 1]


def test_a_screen_that_never_rests_makes_daily_sessions() -> None:
    items = run("2026-06-01T20:00", "2026-06-04T20:00", timedelta(minutes=20))

    starts = [session.start for session in model(imported(*items)).sessions()]

    assert starts == [at(s) for s in ("2026-06-01T20:00", "2026-06-03T00:00", "2026-06-04T00:00")]


def test_a_rest_before_midnight_starts_the_run_again() -> None:
    items = run("2026-06-01T02:00", "2026-06-01T13:00") + run(
        "2026-06-01T13:30", "2026-06-02T06:00"
    )

    assert [session.start.hour for session in model(imported(*items)).sessions()] == [2, 13]


def test_midnight_is_utc_whatever_the_sites_zone() -> None:
    items = run("2026-06-01T12:00", "2026-06-02T03:00")
    starts = [s.start for s in model(imported(*items), site_timezone="Asia/Kolkata").sessions()]

    assert starts == [at("2026-06-01T12:00"), at("2026-06-02T00:05")]


def test_a_cookieless_session_ends_with_its_day() -> None:
    history = model(
        sent("2026-06-01T18:29:59", item(None, who=None)),
        sent("2026-06-01T18:30:00", item(None, who=None)),
        site_timezone="Asia/Kolkata",
    )

    assert ask(history, "sessions", "visitors", "bounce_rate") == [2, 2, 100]


def test_pages_of_a_session_are_those_of_its_pageviews() -> None:
    history = model(
        imported(
            item("2026-06-01T10:00", "screen", context={"page": {"path": "/app"}}),
            item("2026-06-01T10:01", page="/a"),
            item("2026-06-01T10:02", page="/b"),
            item("2026-06-01T10:03", "track", context={"page": {"path": "/c"}}),
            item("2026-06-01T12:00", "track"),
        )
    )

    pages = [
        (session.values["entry_page"], session.values["exit_page"])
        for session in history.sessions()
    ]
    assert pages == [("/a", "/b"), ("", "")]


def test_the_first_event_gives_the_source_also_when_it_is_a_track() -> None:
    history = model(
        imported(
            item("2026-06-01T10:00", "track", context={"campaign": {"source": "x", "name": "c"}}),
            item("2026-06-01T10:01", page={"path": "/", "referrer": "https://y.example/"}),
        )
    )

    rows = history.breakdown("source", period="all")["data"]
    assert [(row["dimension"], row["value"]) for row in rows] == [("x", 1)]
    assert only(history).values["utm_campaign"] == "c"
    assert only(history).values["referrer"] == ""


def test_of_one_instant_the_event_received_first_is_first() -> None:
    history = model(
        imported(
            item("2026-06-01", page="/b", eventId="3"),
            item("2026-06-01", page="/a", eventId="1"),
            received_at="2026-06-02T10:00",
        ),
        imported(item("2026-06-01", page="/c", eventId="2"), received_at="2026-06-02T09:00"),
    )

    assert only(history).values["entry_page"] == "/c"
    assert only(history).values["exit_page"] == "/a"


@pytest.mark.parametrize("kind", ["track", "screen"])
def test_one_event_that_is_no_pageview_is_no_bounce(kind: str) -> None:
    history = model(imported(item("2026-06-01", kind)))

    assert ask(history, "bounce_rate", "avg_duration", "views_per_session") == [0, 0, 0]


def test_two_pageviews_at_once_are_no_bounce() -> None:
    history = model(imported(item("2026-06-01"), item("2026-06-01")))

    assert ask(history, "bounce_rate", "avg_duration") == [0, 0]


def test_a_bounce_counts_in_the_mean() -> None:
    items = [item("2026-06-01T10:00"), item("2026-06-01T10:10"), item("2026-06-01T11:00")]

    assert ask(model(imported(*items)), "avg_duration", "bounce_rate") == [300, 50]


# Values


@pytest.mark.parametrize(
    ("page", "context_page", "expected"),
    [
        ({"path": "/a", "url": "https://x.example/b"}, {"path": "/c"}, "/a"),
        ({"url": "https://x.example/b"}, {"path": "/c"}, "/b"),
        ({"url": "https://x.example/b?c=/d#e"}, {}, "/b"),
        ({"url": "https://x.example/b#e?c"}, {}, "/b"),
        ({"url": "https://x.example/%7Eb//C/"}, {}, "/%7Eb//C/"),
        ({"url": "https://x.example"}, {}, "/"),
        ({"url": "https://x.example?b=c"}, {}, "/"),
        ({"url": "/b?c"}, {}, "/b"),
        ({"url": "http://[bad/b?c"}, {}, "http://[bad/b?c"),
        ({}, {"path": "/c", "url": "https://x.example/d"}, "/c"),
        ({}, {"url": "https://x.example/d"}, "/d"),
        ({"path": ""}, {"path": "/c"}, "/c"),
        ({"path": "/a?b#c"}, {}, "/a"),
    ],
)
def test_page(page: dict[str, str], context_page: dict[str, str], expected: str) -> None:
    history = model(imported(item("2026-06-01", page=page, context={"page": context_page})))

    assert history.events[0].values["page"] == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://WWW.Example.com:8443/a", "example.com"),
        ("http://shop.example.com/", "shop.example.com"),
        ("https://www.www.example.com/", "www.example.com"),
        ("/a", ""),
    ],
)
def test_hostname(url: str, expected: str) -> None:
    history = model(imported(item("2026-06-01", page={"url": url})))

    assert history.events[0].values["hostname"] == expected


@pytest.mark.parametrize(
    ("referrer", "expected", "source"),
    [
        ("https://www.facebook.com/page/", "facebook.com/page", "Facebook"),
        ("http://y.example/a/b?c#d", "y.example/a/b", "y.example"),
        ("https://y.example/", "y.example", "y.example"),
        ("https://y.example", "y.example", "y.example"),
        ("https://example.com/a", "", ""),
        ("https://www.example.com/a", "", ""),
        ("http://localhost:3000/a", "", ""),
        ("android-app://com.example/", "", ""),
        ("", "", ""),
    ],
)
def test_referrer(referrer: str, expected: str, source: str) -> None:
    page = {"url": "https://example.com/", "referrer": referrer}

    values = only(model(imported(item("2026-06-01", page=page)))).values

    assert (values["referrer"], values["source"]) == (expected, source)


def test_campaign_of_the_context_or_the_url() -> None:
    page = {"url": "https://example.com/?utm_source=a&utm_medium=b+c&utm_campaign=d%20e&utm_term=f"}
    campaign = {"source": "A", "name": "N", "content": "C"}
    history = model(imported(item("2026-06-01", page=page, context={"campaign": campaign})))

    values = only(history).values

    assert [values[name] for name in ("utm_source", "utm_medium", "utm_campaign")] == [
        "A",
        "b c",
        "N",
    ]
    assert [values[name] for name in ("utm_term", "utm_content")] == ["f", "C"]


def test_event_is_the_name_of_a_track_or_screen() -> None:
    history = model(
        imported(
            item("2026-06-01T10:00", "track", name="buy"),
            item("2026-06-01T10:01", "screen", name="Home"),
            item("2026-06-01T10:02"),
        )
    )

    assert [event.values["event"] for event in history.events] == ["buy", "Home", ""]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Pro ", "Pro "),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (7.0, "7"),
        (0.5, "0.5"),
        (-1, "-1"),
        (None, ""),
        ("", ""),
        ([1, "a"], '[1,"a"]'),
        ({"a": {"b": None}}, '{"a":{"b":null}}'),
    ],
)
def test_properties_are_texts(given: Any, expected: str) -> None:
    history = model(imported(item("2026-06-01", "track", props={"plan": given})))

    rows = history.breakdown("props:plan", period="all")["data"]

    assert [(row["dimension"], row["value"]) for row in rows] == [(expected, 1)]


@pytest.mark.parametrize("dimension", ["path", "props:", "", "type", "is_bot", "visitors", "props"])
def test_nothing_else_is_a_dimension(dimension: str) -> None:
    with pytest.raises(Impossible):
        model().breakdown(dimension)
    with pytest.raises(Impossible):
        model().metrics(filters=[["is", dimension, ["x"]]])


# Periods


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("today", "2026-03-10", "2026-03-11"),
        ("yesterday", "2026-03-09", "2026-03-10"),
        ("7d", "2026-03-04", "2026-03-11"),
        ("30d", "2026-02-09", "2026-03-11"),
        ("90d", "2025-12-11", "2026-03-11"),
        ("mtd", "2026-03-01", "2026-03-11"),
        ("ytd", "2026-01-01", "2026-03-11"),
        ("12mo", "2025-04-01", "2026-04-01"),
        ("2015-05", "2015-05-01", "2015-06-01"),
        ("2015-12", "2015-12-01", "2016-01-01"),
        ("2015-05-17", "2015-05-17", "2015-05-18"),
        ("all", "2026-03-01", "2026-03-11"),
        (None, "2026-02-09", "2026-03-11"),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/New_York"])
def test_periods_are_local_days(period: str | None, start: str, end: str, zone: str) -> None:
    local_noon = instant_of(datetime(2026, 3, 1, 12), zone).isoformat()  # noqa: DTZ001
    now = instant_of(datetime(2026, 3, 10, 15), zone)  # noqa: DTZ001
    history = model(imported(item(local_noon), received_at="2026-03-05T00:00"), now=now)

    bounds = history.period(period, timezone=zone)

    first, last = (datetime.fromisoformat(text).date() for text in (start, end))
    assert bounds == (day_start(first, zone), day_start(last, zone))


def test_24h_is_24_whole_hours_with_the_running_one() -> None:
    history = model(now="2026-03-10T15:20")

    assert history.period("24h") == (at("2026-03-09T16:00"), at("2026-03-10T16:00"))
    assert history.period("24h", timezone="Asia/Kathmandu") == (
        at("2026-03-09T16:15"),
        at("2026-03-10T16:15"),
    )
    assert len(history.timeseries("pageviews", "hour", period="24h")) == 24


def test_start_and_end_are_dates_or_datetimes_in_the_zone() -> None:
    history = model(now="2026-03-10T15:20", site_timezone="Asia/Kolkata")

    assert history.period(start="2026-03-01") == (at("2026-02-28T18:30"), at("2026-03-10T15:20"))
    assert history.period(start="2026-03-01", end="2026-03-02", timezone="UTC") == (
        at("2026-03-01T00:00"),
        at("2026-03-02T00:00"),
    )
    assert history.period(start="2026-03-01T10:00:00Z", end="2026-03-01T16:00:00") == (
        at("2026-03-01T10:00"),
        at("2026-03-01T10:30"),
    )


@pytest.mark.parametrize(
    "question",
    [
        {"end": "2026-03-01"},
        {"period": "7d", "start": "2026-03-01"},
        {"period": "7d", "end": "2026-03-01"},
        {"start": "2026-03-02", "end": "2026-03-01"},
        {"period": "8d"},
        {"period": "2026-13"},
        {"period": "2026-02-30"},
        {"timezone": "Mars/Olympus"},
    ],
)
def test_impossible_periods(question: dict[str, Any]) -> None:
    with pytest.raises(Impossible):
        model().metrics(**question)


def test_a_calendar_day_is_23_or_25_hours_at_a_clock_change() -> None:
    lengths = []
    for day in ("2026-03-07", "2026-03-08", "2026-11-01"):
        start, end = model().period(day, timezone="America/New_York")
        lengths.append((end - start) / timedelta(hours=1))

    assert lengths == [24, 23, 25]


# Filters


def test_several_filters_hold_for_the_same_event() -> None:
    history = model(
        imported(
            item("2026-06-01T10:00", "track", name="buy", props={"plan": "free"}),
            item("2026-06-01T10:01", "track", name="see", props={"plan": "pro"}),
        )
    )
    buy, pro = ["is", "event", ["buy"]], ["is", "props:plan", ["pro"]]

    assert ask(history, "events", "sessions", filters=[buy, pro]) == [0, 0]
    assert ask(history, "events", "sessions", filters=[["or", [buy, pro]]]) == [2, 1]
    assert ask(history, "events", "sessions", filters=[["and", [buy, pro]]]) == [0, 0]
    assert ask(history, "events", filters=[["not", buy]]) == [1]
    assert ask(history, "events", filters=[buy, ["is", "entry_page", [""]]]) == [1]


@pytest.mark.parametrize(
    ("condition", "pages"),
    [
        (["is", "page", ["/a", "/B"]], ["/a", "/B"]),
        (["is", "page", ["/b"]], []),
        (["is", "page", ["/b"], {"case_sensitive": False}], ["/B"]),
        (["is", "page", [""]], [""]),
        (["is_not", "page", ["/a"]], ["/B", "/docs/a", ""]),
        (["is_not", "page", ["/a", ""]], ["/B", "/docs/a"]),
        (["is_not", "page", ["/A"], {"case_sensitive": False}], ["/B", "/docs/a", ""]),
        (["not", ["is", "page", ["/a"]]], ["/B", "/docs/a", ""]),
        (["contains", "page", ["a", "B"]], ["/a", "/B", "/docs/a"]),
        (["contains", "page", ["DOC"], {"case_sensitive": False}], ["/docs/a"]),
        (["contains", "page", ["DOC"], {"case_sensitive": True}], []),
        (["matches", "page", ["^/.$"]], ["/a", "/B"]),
        (["matches", "page", ["a"]], ["/a", "/docs/a"]),
        (["matches", "page", ["b"], {"case_sensitive": False}], ["/B"]),
    ],
)
def test_operators(condition: list[Any], pages: list[str]) -> None:
    views = [
        item(f"2026-06-01T10:0{n}", page=page) for n, page in enumerate(["/a", "/B", "/docs/a"])
    ]
    history = model(imported(*views, item("2026-06-01T10:09", "track")))

    selected = history._select([condition], "exclude")[0]

    assert [event.values["page"] for event, _ in selected] == pages


@pytest.mark.parametrize(
    "condition",
    [
        ["is", "page", []],
        ["is", "page", "/a"],
        ["is", "page"],
        ["equals", "page", ["/a"]],
        [],
        "page",
        ["not", ["is", "page", []]],
        ["or", [["is", "nowhere", ["/a"]]]],
    ],
)
def test_impossible_filters(condition: Any) -> None:
    with pytest.raises(Impossible):
        model().metrics(filters=[condition])


def test_sessions_are_those_started_in_the_period_taken_whole() -> None:
    history = model(
        imported(
            item("2026-06-01T23:40", page="/a"),
            item("2026-06-01T23:59:59.999", page="/b"),
            item("2026-06-02T00:20", page="/c"),
        )
    )
    names = ("pageviews", "sessions", "bounce_rate", "avg_duration", "views_per_session")

    assert ask(history, *names, period="2026-06-01") == [2, 1, 0, 2400, 2]
    assert ask(history, *names, period="2026-06-02") == [1, 0, None, None, None]
    on_c = [["is", "page", ["/c"]]]
    assert ask(history, *names, period="2026-06-01", filters=on_c) == [0, 1, 0, 2400, 0]
    assert ask(history, *names, period="2026-06-02", filters=on_c) == [1, 0, None, None, None]


def test_a_period_is_half_open() -> None:
    history = model(imported(item("2026-06-01T10:00"), item("2026-06-01T11:00", who="w")))

    question: dict[str, Any] = {"start": "2026-06-01T10:00:00Z", "end": "2026-06-01T11:00:00Z"}
    assert ask(history, "pageviews", "sessions", "visitors", **question) == [1, 1, 1]


def test_views_per_session_is_of_the_shown_numbers() -> None:
    history = model(
        imported(item("2026-06-01T23:50"), item("2026-06-02T00:10"), item("2026-06-02T12:00"))
    )

    assert ask(history, "views_per_session", "pageviews", "sessions", period="2026-06-02") == [
        2,
        2,
        1,
    ]


# Series of buckets


def test_a_bucket_for_every_interval_clipped_to_the_period() -> None:
    times = [
        "2026-06-01T10:00",
        "2026-06-03T09:59",
        "2026-06-03T10:00",
        "2026-06-10T09:59",
        "2026-06-10T10:00",
    ]
    history = model(imported(*[item(time) for time in times]))
    question: dict[str, Any] = {"start": "2026-06-03T10:00:00Z", "end": "2026-06-10T10:00:00Z"}

    assert history.timeseries("pageviews", "week", **question) == [
        ("2026-06-01", 1),
        ("2026-06-08", 1),
    ]
    assert history.timeseries("pageviews", "month", **question) == [("2026-06-01", 2)]
    days = history.timeseries("pageviews", "day", **question)
    assert [day for day, _ in days] == [f"2026-06-{day:02}" for day in range(3, 11)]
    assert [value for _, value in days] == [1, 0, 0, 0, 0, 0, 0, 1]


def test_empty_buckets_are_0_or_null_and_future_ones_null() -> None:
    history = model(imported(item("2026-06-30T10:30")), now="2026-06-30T12:30")
    question: dict[str, Any] = {"start": "2026-06-30T10:00:00Z", "end": "2026-06-30T14:00:00Z"}

    assert history.timeseries("pageviews", "hour", **question) == [
        ("2026-06-30T10:00:00+00:00", 1),
        ("2026-06-30T11:00:00+00:00", 0),
        ("2026-06-30T12:00:00+00:00", 0),
        ("2026-06-30T13:00:00+00:00", None),
    ]
    rates = [value for _, value in history.timeseries("bounce_rate", "hour", **question)]
    assert rates == [100, None, None, None]


@pytest.mark.parametrize(
    ("interval", "start", "end", "count"),
    [
        ("hour", "2026-01-01", "2026-07-28T08:00:00Z", 5000),
        ("hour", "2026-01-01", "2026-07-28T08:00:00.001Z", None),
        ("hour", "2026-01-01T00:30:00Z", "2026-07-28T08:30:00Z", None),
        ("day", "2000-01-01", "2013-09-09", 5000),
        ("day", "2000-01-01", "2013-09-10", None),
        ("minute", "2000-01-01", "2020-01-01", None),
    ],
)
def test_too_many_buckets_are_impossible(
    interval: str, start: str, end: str, count: int | None
) -> None:
    if count is None:
        with pytest.raises(Impossible):
            model().timeseries("events", interval, start=start, end=end)
    else:
        assert len(model().timeseries("events", interval, start=start, end=end)) == count


def labels(zone: str, interval: str, start: str, end: str) -> list[str]:
    """The dates of the buckets between two local times."""
    return [
        date
        for date, _ in model().timeseries("events", interval, start=start, end=end, timezone=zone)
    ]


def test_an_hour_that_comes_twice_makes_two_buckets() -> None:
    assert labels("America/New_York", "hour", "2026-11-01T00:00", "2026-11-01T03:00") == [
        "2026-11-01T00:00:00-04:00",
        "2026-11-01T01:00:00-04:00",
        "2026-11-01T01:00:00-05:00",
        "2026-11-01T02:00:00-05:00",
    ]
    assert labels("America/New_York", "hour", "2026-03-08T01:00", "2026-03-08T04:00") == [
        "2026-03-08T01:00:00-05:00",
        "2026-03-08T03:00:00-04:00",
    ]


def test_a_change_of_30_minutes_makes_a_bucket_of_half_an_hour() -> None:
    assert labels("Australia/Lord_Howe", "hour", "2026-04-05T00:00", "2026-04-05T03:00") == [
        "2026-04-05T00:00:00+11:00",
        "2026-04-05T01:00:00+11:00",
        "2026-04-05T01:30:00+10:30",
        "2026-04-05T02:00:00+10:30",
    ]
    assert labels("Australia/Lord_Howe", "hour", "2026-10-04T01:00", "2026-10-04T04:00") == [
        "2026-10-04T01:00:00+10:30",
        "2026-10-04T02:30:00+11:00",
        "2026-10-04T03:00:00+11:00",
    ]
    history = model(
        imported(
            item("2026-04-04T14:59:59.999"), item("2026-04-04T15:00"), item("2026-04-04T15:30")
        )
    )
    series = history.timeseries(
        "pageviews",
        "hour",
        start="2026-04-05",
        end="2026-04-05T03:00",
        timezone="Australia/Lord_Howe",
    )
    assert [value for _, value in series] == [0, 1, 1, 1]


def test_hours_of_a_zone_of_45_minutes() -> None:
    assert labels("Asia/Kathmandu", "hour", "2026-06-01T00:30", "2026-06-01T02:00") == [
        "2026-06-01T00:00:00+05:45",
        "2026-06-01T01:00:00+05:45",
    ]


def test_a_day_that_is_skipped_makes_no_bucket() -> None:
    zone = "Pacific/Apia"
    assert labels(zone, "day", "2011-12-29", "2012-01-01") == ["2011-12-29", "2011-12-31"]
    assert labels(zone, "week", "2011-12-29", "2012-01-03") == ["2011-12-26", "2012-01-02"]
    assert labels(zone, "hour", "2011-12-29T23:00", "2011-12-31T01:00") == [
        "2011-12-29T23:00:00-10:00",
        "2011-12-31T00:00:00+14:00",
    ]
    history = model(imported(item("2011-12-30T09:59:59.999"), item("2011-12-30T10:00")))
    series = history.timeseries("pageviews", "day", period="2011-12", timezone=zone)
    assert len(series) == 30
    assert series[-2:] == [("2011-12-29", 1), ("2011-12-31", 1)]


def test_minutes() -> None:
    assert labels("UTC", "minute", "2026-06-01T10:00:30", "2026-06-01T10:02:00.001") == [
        "2026-06-01T10:00:00+00:00",
        "2026-06-01T10:01:00+00:00",
        "2026-06-01T10:02:00+00:00",
    ]


def test_a_day_that_begins_at_a_clock_change_keeps_its_date() -> None:
    zone = "America/Sao_Paulo"  # 2018-11-04 began at 01:00
    assert labels(zone, "day", "2018-11-03", "2018-11-05") == ["2018-11-03", "2018-11-04"]


# Rows of values


def test_breakdown_is_the_same_question_with_a_filter() -> None:
    history = model(
        imported(
            item("2026-06-01T10:00", who="a", page="/a"),
            item("2026-06-01T10:10", who="a", page="/b"),
            item("2026-06-01T10:00", who="b", page="/b"),
            item("2026-06-01T10:00", "track", who="c"),
        )
    )

    answer = history.breakdown("page", "visitors", period="all")
    assert answer == {
        "data": [
            {"dimension": "/b", "label": "/b", "value": 2, "percentage": 200 / 3},
            {"dimension": "", "label": "(none)", "value": 1, "percentage": 100 / 3},
            {"dimension": "/a", "label": "/a", "value": 1, "percentage": 100 / 3},
        ],
        "total": 3,
    }
    rows = history.breakdown("page", "sessions", period="all")["data"]
    assert [(row["dimension"], row["value"]) for row in rows] == [("/b", 2), ("", 1), ("/a", 1)]
    rows = history.breakdown("page", "bounce_rate", period="all")["data"]
    assert [(row["dimension"], row["value"], row["percentage"]) for row in rows] == [
        ("/b", 50, None)
    ]
    rows = history.breakdown("page", "avg_duration", period="all")["data"]
    assert [(row["dimension"], row["value"]) for row in rows] == [("/a", 600), ("/b", 300)]


def test_a_value_seen_only_after_the_period_is_a_row_of_its_session() -> None:
    history = model(
        imported(item("2026-06-01T23:50", page="/a"), item("2026-06-02T00:10", page="/b"))
    )

    rows = history.breakdown("page", "sessions", period="2026-06-01")["data"]
    assert [(row["dimension"], row["value"], row["percentage"]) for row in rows] == [
        ("/a", 1, 100),
        ("/b", 1, 100),
    ]
    rows = history.breakdown("page", period="2026-06-01")["data"]
    assert [row["dimension"] for row in rows] == ["/a"]


def test_rows_are_sorted_limited_and_all_counted() -> None:
    views = [item("2026-06-01", page=page) for page in ("/c", "/b", "/a", "/b", "/d")]
    history = model(imported(*views))

    answer = history.breakdown("page", period="all", limit=2, offset=1)

    assert answer["total"] == 4
    assert [(row["dimension"], row["percentage"]) for row in answer["data"]] == [
        ("/a", 20),
        ("/c", 20),
    ]


def test_default_metrics_of_a_breakdown() -> None:
    history = model(
        imported(item("2026-06-01"), item("2026-06-01", "track", props={"plan": "pro"}))
    )

    for dimension, rows in {
        "page": [("/", 1)],
        "event": [("", 1), ("buy", 1)],
        "props:plan": [("", 1), ("pro", 1)],
    }.items():
        data = history.breakdown(dimension, period="all")["data"]
        assert [(row["dimension"], row["value"]) for row in data] == rows


def test_no_source_is_called_direct() -> None:
    [row] = model(imported(item("2026-06-01"))).breakdown("source", period="all")["data"]

    assert (row["dimension"], row["label"]) == ("", "Direct")


def test_breakdown_compares_when_asked() -> None:
    history = model(
        imported(
            item("2026-06-01", page="/a"),
            item("2026-06-02", page="/a"),
            item("2026-06-02", page="/b"),
        )
    )

    rows = history.breakdown("page", period="2026-06-02", compare="previous")["data"]

    assert [(row["previous"], row["change"]) for row in rows] == [(1, 0), (0, None)]
    assert "previous" not in history.breakdown("page", period="2026-06-02")["data"][0]


# The period before


@pytest.mark.parametrize(
    ("question", "compare", "start", "end"),
    [
        ({"period": "2015-05"}, "previous", "2015-03-31T00:00", "2015-05-01T00:00"),
        ({"period": "2015-05"}, "year", "2014-05-01T00:00", "2014-06-01T00:00"),
        ({"period": "7d"}, "previous", "2026-02-25T00:00", "2026-03-03T15:00"),
        ({"period": "today"}, "previous", "2026-03-09T00:00", "2026-03-09T15:00"),
        ({"period": "yesterday"}, "previous", "2026-03-08T00:00", "2026-03-09T00:00"),
        ({"period": "today"}, "year", "2025-03-10T00:00", "2025-03-10T15:00"),
        ({"period": "mtd"}, "previous", "2026-02-19T00:00", "2026-02-28T15:00"),
        ({"period": "24h"}, "previous", "2026-03-08T16:00", "2026-03-09T15:00"),
        ({"start": "2026-03-10"}, "previous", "2026-03-09T09:00", "2026-03-10T00:00"),
        (
            {"start": "2026-03-01T10:00:00Z", "end": "2026-03-01T16:00:00Z"},
            *("previous", "2026-03-01T04:00", "2026-03-01T10:00"),
        ),
        ({"period": "2024-02-29"}, "year", "2023-02-28T00:00", "2023-03-01T00:00"),
        ({"period": "2024-02"}, "year", "2023-02-01T00:00", "2023-03-01T00:00"),
        ({"period": "2025-02"}, "year", "2024-02-01T00:00", "2024-03-01T00:00"),
        ({"period": "7d"}, "2025-01-01..2025-02-01", "2025-01-01T00:00", "2025-02-01T00:00"),
    ],
)
def test_previous_period(question: dict[str, Any], compare: str, start: str, end: str) -> None:
    history = model(now="2026-03-10T15:00")

    assert history.previous(compare, **question) == (at(start), at(end))


def test_whole_days_are_shifted_by_days_over_a_clock_change() -> None:
    history = model(now="2026-04-30T00:00")
    zone = "America/New_York"

    assert history.previous(start="2026-03-08", end="2026-03-15", timezone=zone) == (
        at("2026-03-01T05:00"),
        at("2026-03-08T05:00"),
    )
    assert history.previous(start="2026-03-09", end="2026-03-16", timezone=zone) == (
        at("2026-03-02T05:00"),
        at("2026-03-09T04:00"),
    )


def test_the_previous_period_is_cut_at_the_same_local_time() -> None:
    history = model(now="2026-03-10T19:00")  # 15:00 in New York, since 8 March UTC-4

    bounds = history.previous(period="7d", timezone="America/New_York")

    assert bounds == (at("2026-02-25T05:00"), at("2026-03-03T20:00"))


@pytest.mark.parametrize("question", [{"period": "all"}, {"period": "7d", "compare": "none"}])
def test_no_previous(question: dict[str, Any]) -> None:
    history = model(imported(item("2026-06-29")))

    answer = history.metrics(["pageviews"], **question)["pageviews"]

    assert answer == {"value": 1, "previous": None, "change": None}


def test_change() -> None:
    history = model(
        imported(
            item("2026-06-01T10:00"),
            item("2026-06-01T10:05"),
            item("2026-06-01T12:00"),
            item("2026-06-02T10:00"),
            item("2026-06-02T10:10"),
            item("2026-06-03T10:00", "track"),
        )
    )

    def answers(period: str) -> list[tuple[int | float | None, ...]]:
        answer = history.metrics(METRICS, period=period)
        return [tuple(answer[metric].values()) for metric in METRICS]

    assert answers("2026-06-02") == [
        *((2, 3, -100 / 3), (1, 1, 0), (1, 2, -50), (2, 3, -100 / 3)),
        *((2, 1.5, 100 / 3), (0, 50, -50), (600, 150, 300)),
    ]
    assert answers("2026-06-03") == [
        *((0, 2, -100), (1, 1, 0), (1, 1, 0), (1, 2, -50), (0, 2, -100), (0, 0, 0)),
        (0, 600, -100),
    ]
    assert answers("2026-06-04") == [
        *((0, 0, None), (0, 1, -100), (0, 1, -100), (0, 1, -100)),
        *((None, 0, None), (None, 0, None), (None, 0, None)),
    ]
    assert answers("2026-06-01")[4:] == [(1.5, None, None), (50, None, None), (150, None, None)]


def test_daily() -> None:
    history = model(
        imported(
            item("2026-06-01T18:15", who="a"),
            item("2026-06-01T18:20", "track", who="a", name="buy"),
            item("2026-06-01T18:20", "track", who="b", name="buy"),
            item("2026-06-01T18:20", "screen", who="b", name="Home"),
            item("2026-06-01T18:14", who="c"),
            item("2026-06-01T18:20", who="d", context={"userAgent": CRAWLER}),
        ),
        site_timezone="Asia/Kathmandu",
    )

    assert history.daily("2026-06-02") == {
        "date": "2026-06-02",
        "pageviews": 1,
        "visitors": 2,
        "events": {"buy": 2, "Home": 1},
    }


# What holds for every history

few = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def answer_of(question: Question, history: Model) -> Any:
    """The answer, or that there is none."""
    try:
        return question.ask(history)
    except Impossible as impossible:
        return str(impossible)


@few
@given(st.data())
def test_the_order_in_which_deliveries_are_listed_does_not_matter(data: st.DataObject) -> None:
    history = data.draw(histories(most=15))
    question = data.draw(questions(history))
    shuffled = data.draw(st.permutations(history.deliveries))

    again = Model(
        shuffled, site_timezone=history.site_timezone, now=history.now, enrichment=ENRICHMENT
    )

    assert answer_of(question, again) == answer_of(question, history.model())


@few
@given(st.data())
def test_what_is_sent_again_changes_no_number(data: st.DataObject) -> None:
    history = data.draw(histories(most=15))
    question = data.draw(questions(history))
    last = history.deliveries[-1]["received_at"]
    late = history.now + timedelta(days=1)
    again = []
    for number, delivery in enumerate(history.deliveries):
        items = delivery["body"].get("batch", [delivery["body"]])
        if all(one.get("eventId") or one.get("messageId") for one in items):
            again.append(delivery | {"received_at": last + timedelta(minutes=number + 1)})

    def asked(deliveries: list[dict[str, Any]]) -> Any:
        zone = history.site_timezone
        return answer_of(
            question, Model(deliveries, site_timezone=zone, now=late, enrichment=ENRICHMENT)
        )

    assert asked(history.deliveries + again) == asked(history.deliveries)


@few
@given(st.data())
def test_buckets_and_rows_add_up(data: st.DataObject) -> None:
    history = data.draw(histories(most=15))
    day = history.theme.anchor.date()
    period: dict[str, Any] = {
        "start": str(day - timedelta(days=2)),
        "end": str(day + timedelta(days=2)),
    }
    period["timezone"] = data.draw(st.sampled_from(["UTC", history.site_timezone]))
    metric = data.draw(st.sampled_from(["pageviews", "events", "sessions"]))
    asked = history.model()

    [whole] = ask(asked, metric, **period)

    for interval in ("hour", "day", "week", "month"):
        series = asked.timeseries(metric, interval, **period)
        assert sum(value for _, value in series if value) == whole
    for dimension in ("event", "source", "entry_page", "props:plan"):
        if metric == "sessions" and dimension in ("event", "props:plan"):
            continue  # one session holds several
        rows = asked.breakdown(dimension, metric, limit=1000, **period)["data"]
        assert sum(row["value"] for row in rows) == whole
