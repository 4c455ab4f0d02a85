"""Questions and answers, as the worked examples of docs/semantics.md tell them."""

import csv
import io

import pytest

from footfall.errors import Unavailable, Unprocessable
from footfall.query.ask import ask
from footfall.query.catalog import DIMENSIONS, METRICS
from footfall.store import Store
from tests.builders import API_KEY, BROWSER, Product, at, pageview, track

NOW = at("2026-03-10T23:00:00")
ALL = ",".join(METRICS)
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def send(product: Product, *items: dict[str, object]) -> None:
    product.post("/import", {"batch": list(items)}, NOW, key=API_KEY)
    product.drain()


def on(day_and_time: str) -> str:
    return f"2026-03-{day_and_time}Z"


@pytest.fixture
def worked(product: Product) -> Product:
    send(
        product,
        pageview("v1", "/a", timestamp=on("10T10:00:00.000")),
        track("v1", "buy", timestamp=on("10T10:29:59.999")),
        pageview("v1", "/b", timestamp=on("10T10:59:59.999")),
    )
    return product


def test_the_worked_example(worked: Product):
    assert worked.metrics(NOW, ALL, period="today") == {
        "pageviews": 2, "visitors": 1, "sessions": 2, "events": 3, "views_per_session": 1,
        "bounce_rate": 50, "avg_duration": 899.9995,
    }  # fmt: skip
    filtered = worked.metrics(
        NOW, "pageviews,sessions,bounce_rate", period="today", filters=["is", "page", ["/b"]]
    )
    assert filtered == {"pageviews": 1, "sessions": 1, "bounce_rate": 100}


def test_a_period_without_events_has_counts_of_0_and_rates_of_null(product: Product):
    assert product.metrics(NOW, ALL, period="today") == {
        "pageviews": 0, "visitors": 0, "sessions": 0, "events": 0,
        "views_per_session": None, "bounce_rate": None, "avg_duration": None,
    }  # fmt: skip


def test_a_session_belongs_whole_to_the_moment_it_starts(product: Product):
    send(
        product,
        pageview("v", "/a", timestamp=on("08T23:50:00")),
        pageview("v", "/b", timestamp=on("09T00:10:00")),
    )
    asked = "pageviews,sessions,avg_duration,bounce_rate"
    assert product.metrics(NOW, asked, period="2026-03-08") == {
        "pageviews": 1, "sessions": 1, "avg_duration": 1200, "bounce_rate": 0,
    }  # fmt: skip
    assert product.metrics(NOW, asked, period="2026-03-09") == {
        "pageviews": 1, "sessions": 0, "avg_duration": None, "bounce_rate": None,
    }  # fmt: skip
    assert product.rows(NOW, "entry_page", period="2026-03-09") == {"/a": 1}


def restless(start: str, hours: int) -> list[dict[str, object]]:
    first = at(start)
    return [
        pageview(
            "screen", "/", timestamp=f"{_iso(first + n * 20 * 60_000)}", eventId=f"{start}-{n}"
        )
        for n in range(hours * 3)
    ]


def _iso(ms: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(ms / 1000, UTC).isoformat()


def test_a_run_of_12_hours_is_cut_at_midnight(product: Product):
    send(product, *restless("2026-03-01T12:00:00", 60))
    assert product.metrics(NOW, "sessions", start="2026-03-01", end="2026-03-05") == {"sessions": 3}
    assert [
        product.metrics(NOW, "sessions", period=f"2026-03-0{day}")["sessions"]
        for day in (1, 2, 3, 4)
    ] == [1, 1, 1, 0]


def test_a_run_of_less_than_12_hours_is_not_cut_at_the_first_midnight(product: Product):
    send(product, *restless("2026-03-01T12:00:00.001", 60))
    assert [
        product.metrics(NOW, "sessions", period=f"2026-03-0{day}")["sessions"]
        for day in (1, 2, 3, 4)
    ] == [1, 0, 1, 0]


def test_bots_are_selected_before_sessions_are_built(product: Product):
    product.site = product.site.changed(back_dating_days=7)
    human = {"context": {"ip": "203.0.113.1", "userAgent": BROWSER}}
    bot = {"context": {"ip": "203.0.113.1", "userAgent": BOT}}
    send(
        product,
        pageview("v", "/1", timestamp=on("10T10:00:00"), **human),
        pageview("v", "/2", timestamp=on("10T10:20:00"), **bot),
        pageview("v", "/3", timestamp=on("10T10:40:00"), **human),
    )
    asked = "pageviews,sessions,bounce_rate"
    shown = [
        product.metrics(NOW, asked, period="today", bots=bots)
        for bots in ("exclude", "include", "only")
    ]
    assert shown == [
        {"pageviews": 2, "sessions": 2, "bounce_rate": 100},
        {"pageviews": 3, "sessions": 1, "bounce_rate": 0},
        {"pageviews": 1, "sessions": 1, "bounce_rate": 100},
    ]


def test_the_values_of_a_session_are_those_of_its_first_event_and_hold_for_all(product: Product):
    send(
        product,
        pageview(
            "v", timestamp=on("10T10:00:00"), page={"url": "https://a.example/?utm_source=first"}
        ),
        pageview(
            "v", timestamp=on("10T10:10:00"), page={"url": "https://a.example/x?utm_source=second"}
        ),
        track("v", timestamp=on("10T10:20:00")),
    )
    assert product.rows(NOW, "utm_source", period="today", metric="events") == {"first": 3}
    assert product.rows(NOW, "utm_source", period="today", metric="sessions") == {"first": 1}
    assert product.rows(NOW, "exit_page", period="today") == {"/x": 2}


def test_a_breakdown_counts_empty_values_and_shares_of_the_whole(worked: Product):
    answer = worked.ask("breakdown", NOW, dimension="page", metric="events", period="today")
    assert answer["data"] == [
        {"dimension": "", "label": "(none)", "value": 1, "percentage": 1 / 3 * 100},
        {"dimension": "/a", "label": "/a", "value": 1, "percentage": 1 / 3 * 100},
        {"dimension": "/b", "label": "/b", "value": 1, "percentage": 1 / 3 * 100},
    ]
    assert answer["total"] == 3
    second = worked.ask(
        "breakdown", NOW, dimension="page", metric="events", period="today", limit="1", offset="1"
    )
    assert ([row["dimension"] for row in second["data"]], second["total"]) == (["/a"], 3)
    beyond = worked.ask(
        "breakdown", NOW, dimension="page", metric="events", period="today", offset="9"
    )
    assert (beyond["data"], beyond["total"]) == ([], 3)


def test_a_value_whose_number_is_0_makes_no_row(worked: Product):
    assert worked.rows(NOW, "page", period="today", metric="bounce_rate") == {"/b": 100}
    assert worked.rows(NOW, "event", period="today") == {"": 2, "buy": 1}
    assert worked.rows(NOW, "event", period="today", metric="pageviews") == {"": 2}


def test_change_against_the_previous_period(product: Product):
    send(
        product,
        *(pageview(f"v{n}", timestamp=on("09T10:00:00")) for n in range(2)),
        *(pageview(f"v{n}", timestamp=on("10T10:00:00")) for n in range(3)),
        track("v0", timestamp=on("10T10:10:00")),
    )
    answer = product.ask(
        "metrics", NOW, period="today", metrics="pageviews,bounce_rate,avg_duration"
    )["metrics"]
    assert answer["pageviews"] == {"value": 3, "previous": 2, "change": 50}
    assert answer["bounce_rate"]["change"] == pytest.approx(200 / 3 - 100)
    assert answer["avg_duration"] == {"value": 200, "previous": 0, "change": None}
    rows = product.ask("breakdown", NOW, dimension="page", period="today", compare="previous")[
        "data"
    ]
    assert [(row["previous"], row["change"]) for row in rows] == [(2, 50)]
    custom = product.ask("metrics", NOW, period="today", compare="2026-03-09..2026-03-10")[
        "metrics"
    ]
    assert custom["pageviews"]["previous"] == 2


@pytest.mark.parametrize("compare", ["previous", "year", "2026-03-01..2026-03-02"])
def test_nothing_is_before_all(worked: Product, compare: str):
    answer = worked.ask("metrics", NOW, period="all", metrics="pageviews", compare=compare)
    assert answer["metrics"]["pageviews"] == {"value": 2, "previous": None, "change": None}
    assert answer["meta"]["previous"] is None


def test_a_timeseries_fills_empty_buckets_and_knows_no_future(worked: Product):
    answer = worked.ask(
        "timeseries", NOW, metric="sessions", interval="hour", start="2026-03-10", end="2026-03-11"
    )
    values = [point["value"] for point in answer["data"]]
    assert values == [0] * 10 + [2] + [0] * 13, "the hour that begins now is not in the future"
    daily = worked.ask(
        "timeseries", NOW, metric="bounce_rate", start="2026-03-09", end="2026-03-12"
    )
    assert [tuple(point.values()) for point in daily["data"]] == [
        ("2026-03-09", None), ("2026-03-10", 50), ("2026-03-11", None),
    ]  # fmt: skip


def test_a_day_as_it_was(worked: Product):
    answer = worked.ask("daily", NOW, date="2026-03-10")
    assert {key: value for key, value in answer.items() if key != "meta"} == {
        "date": "2026-03-10", "pageviews": 2, "visitors": 1, "events": {"buy": 1},
    }  # fmt: skip


def test_a_day_that_a_clock_skipped_is_empty_and_keeps_its_name(worked: Product):
    answer = worked.ask("daily", NOW, date="2011-12-30", timezone="Pacific/Apia")
    assert (answer["date"], answer["pageviews"], answer["visitors"]) == ("2011-12-30", 0, 0)


def test_meta_says_what_the_answer_is_of(worked: Product):
    meta = worked.ask("metrics", NOW, period="7d", timezone="Asia/Kathmandu")["meta"]
    assert meta["site"] == "default"
    assert meta["timezone"] == "Asia/Kathmandu"
    assert meta["period"] == {
        "start": "2026-03-05T00:00:00+05:45",
        "end": "2026-03-12T00:00:00+05:45",
    }
    assert meta["bots_excluded"] is True
    assert meta["source"] == "raw"
    assert meta["rows_read"] > 0
    assert meta["fresh_to"] == "2026-03-11T04:44:50+05:45"


def test_while_messages_wait_an_answer_is_only_as_fresh_as_the_last_empty_queue(worked: Product):
    worked.post("/pageview", pageview("late"), NOW)
    assert worked.ask("metrics", NOW, period="today")["meta"]["fresh_to"] is None
    from datetime import UTC, datetime

    from footfall.rollup.run import note_drained

    note_drained(datetime(2026, 3, 10, 20, tzinfo=UTC), worked.store, lambda: 0)
    assert (
        worked.ask("metrics", NOW, period="today")["meta"]["fresh_to"]
        == "2026-03-10T19:59:50+00:00"
    )


def test_csv_has_the_keys_of_a_row_and_no_formula(product: Product):
    send(
        product,
        pageview("v", "=1+1", timestamp=on("10T10:00:00")),
        pageview("v", '/"x",y', timestamp=on("10T10:00:01")),
    )
    text = product.ask("breakdown", NOW, dimension="page", period="today", format="csv")
    assert list(csv.reader(io.StringIO(text))) == [
        ["dimension", "label", "value", "percentage"],
        ['/"x",y', '/"x",y', "1", "50.0"],
        ["'=1+1", "'=1+1", "1", "50.0"],
    ]
    assert product.ask("metrics", NOW, period="today", format="csv").startswith(
        "metric,value,previous,change\r\n"
    )
    empty = product.ask("breakdown", NOW, dimension="page", period="yesterday", format="csv")
    assert empty == "dimension,label,value,percentage\r\n"


@pytest.mark.parametrize("dimension", [*DIMENSIONS, "props:plan"])
@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_can_be_asked_by_every_dimension(worked: Product, dimension: str, metric: str):
    answer = worked.ask("breakdown", NOW, dimension=dimension, metric=metric, period="today")
    assert answer["total"] == len(answer["data"])


@pytest.mark.parametrize(
    ("name", "parameters", "code"),
    [
        ("metrics", {"metrics": "nothing"}, "unknown_metric"),
        ("metrics", {"metrics": "pageviews,"}, "unknown_metric"),
        ("timeseries", {"metric": "toString(1)"}, "unknown_metric"),
        ("timeseries", {"interval": "second"}, "unknown_interval"),
        ("timeseries", {"interval": "minute", "period": "30d"}, "too_many_buckets"),
        ("breakdown", {}, "missing_dimension"),
        ("breakdown", {"dimension": "path) --"}, "unknown_dimension"),
        ("breakdown", {"dimension": "page", "limit": "0"}, "invalid_limit"),
        ("breakdown", {"dimension": "page", "limit": "-1"}, "invalid_limit"),
        ("breakdown", {"dimension": "page", "limit": "1e3"}, "invalid_limit"),
        ("breakdown", {"dimension": "page", "offset": "9" * 30}, "invalid_offset"),
        ("metrics", {"timezone": "Mars/Olympus"}, "unknown_timezone"),
        ("metrics", {"timezone": "../etc/passwd"}, "unknown_timezone"),
        ("metrics", {"timezone": "a" * 5_000}, "unknown_timezone"),
        ("metrics", {"timezone": "\0"}, "unknown_timezone"),
        ("metrics", {"timezone": "localtime"}, "unknown_timezone"),
        ("metrics", {"period": "fortnight"}, "unknown_period"),
        ("metrics", {"period": "7d", "start": "2026-01-01"}, "invalid_period"),
        ("metrics", {"end": "2026-01-01"}, "invalid_period"),
        ("metrics", {"start": "2026-01-02", "end": "2026-01-01"}, "end_before_start"),
        ("metrics", {"compare": "last"}, "unknown_compare"),
        ("metrics", {"compare": "x..y"}, "invalid_period"),
        ("metrics", {"bots": "maybe"}, "unknown_bots"),
        ("metrics", {"format": "xml"}, "unknown_format"),
        ("daily", {"date": "2026-02-30"}, "invalid_period"),
        ("daily", {"date": "2026-02"}, "invalid_period"),
    ],
)
def test_a_question_that_is_not_possible_is_a_422(
    product: Product, name: str, parameters: dict[str, str], code: str
):
    with pytest.raises(Unprocessable) as refused:
        product.ask(name, NOW, **parameters)
    assert refused.value.code == code
    assert name != "daily" or refused.value.field == "date"


def test_a_store_that_is_down_is_a_503_without_a_word_of_it(product: Product):
    with pytest.raises(Unavailable) as refused:
        ask("metrics", {}, product.site, NOW, Store("http://u:secret@127.0.0.1:1/x"), product.queue)
    assert "secret" not in refused.value.message
    assert "127.0.0.1" not in refused.value.message
