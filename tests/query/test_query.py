"""POST /query, /values and /properties, as docs/api.md tells them."""

from typing import Any

import pytest

from footfall.errors import BadRequest, Forbidden, Unavailable, Unprocessable
from footfall.query.ask import ask, ask_queries
from footfall.query.parse import read_query
from footfall.query.query import MOST_COMPARED
from footfall.site import Site
from footfall.store import Rows, Store
from tests.builders import API_KEY, Product, at, pageview, track

NOW = at("2026-03-10T15:30:00")
DAYS = ["2026-03-09", "2026-03-10"]
SAMPLE = {
    "09T10:00": [("v1", "/a", "Google"), ("v2", "/b", "")],
    "10T10:00": [("v1", "/a", "Google"), ("v3", "/a", "ads")],
    "10T14:00": [("v3", "/b", "ads")],
    "07T10:00": [("v1", "/a", "Google")],
    "08T10:00": [("v2", "/a", ""), ("v4", "/b", "")],
}
"""Who viewed what, from where, on which day and hour of March 2026."""


@pytest.fixture
def sampled(product: Product) -> Product:
    send(
        product,
        *(
            pageview(
                visitor,
                path,
                timestamp=f"2026-03-{moment}:00Z",
                context={"campaign": {"source": source}},
            )
            for moment, views in SAMPLE.items()
            for visitor, path, source in views
        ),
    )
    return product


def send(product: Product, *items: dict[str, Any]) -> None:
    product.post("/import", {"batch": list(items)}, NOW, key=API_KEY)
    product.drain()


def rows(product: Product, metrics: str, *dimensions: str, **more: Any) -> list[tuple[Any, ...]]:
    """The rows of a query as tuples of dimensions and numbers."""
    told = product.query(query(metrics, *dimensions, **more), NOW)
    return [(*row["dimensions"], *row["metrics"]) for row in told["results"]]


def query(metrics: str, *dimensions: str, **more: Any) -> dict[str, Any]:
    """A query over two days."""
    asked = {"metrics": metrics.split(), "date_range": DAYS, "dimensions": list(dimensions)}
    return asked | more


class Counting(Store):
    """A store that counts what it is asked."""

    def __init__(self, store: Store) -> None:
        self._whole = store
        self.asked: list[str] = []

    def select(self, name: str, parameters: Any, fragments: Any = None) -> Rows:
        """Count, and ask."""
        self.asked.append(name)
        return self._whole.select(name, parameters, fragments)


def test_a_query_without_dimensions_is_one_row(sampled: Product):
    assert rows(sampled, "visitors pageviews bounce_rate") == [(3, 5, 100)]
    assert rows(sampled, "visitors bounce_rate", date_range="2026-01") == [(0, None)]


def test_values_and_time_stand_in_the_order_asked_for(sampled: Product):
    assert rows(sampled, "visitors pageviews", "page", "time:day", "source") == [
        ("/a", "2026-03-09", "Google", 1, 1),
        ("/b", "2026-03-09", "", 1, 1),
        ("/a", "2026-03-10", "Google", 1, 1),
        ("/a", "2026-03-10", "ads", 1, 1),
        ("/b", "2026-03-10", "ads", 1, 1),
    ]


@pytest.mark.parametrize(
    ("date_range", "pageviews"),
    [
        (["2026-03-09", "2026-03-10"], 5),
        (["2026-03-10", "2026-03-10"], 3),
        (["2026-03-10T10:00:00Z", "2026-03-10T14:00:00Z"], 2),
        (["2026-03-10T11:00:00+01:00", "2026-03-10T15:00:00.001+01:00"], 3),
        (["2026-03-09T10:00:00.001", "2026-03-10"], 3),
        (["2026-03-09", "2026-03-10T00:00"], 2),
        ("yesterday", 2),
        ("2026-03", 8),
        ("all", 8),
    ],
)
def test_of_two_dates_both_are_in_it_and_of_two_times_the_first(
    sampled: Product, date_range: Any, pageviews: int
):
    assert rows(sampled, "pageviews", date_range=date_range) == [(pageviews,)]


def test_the_query_comes_back_resolved(sampled: Product):
    told = sampled.query({"metrics": ["visitors"], "date_range": "today", "site": None}, NOW)
    assert told["query"] == {
        "site": "default",
        "metrics": ["visitors"],
        "dimensions": [],
        "filters": [],
        "date_range": ["2026-03-10T00:00:00+00:00", "2026-03-11T00:00:00+00:00"],
        "timezone": "UTC",
        "order_by": [["visitors", "desc"]],
        "pagination": {"limit": 1000, "offset": 0},
        "include": {},
        "bots": "exclude",
    }
    assert sampled.query(told["query"], NOW)["results"] == told["results"]


def test_empty_buckets_are_rows_only_where_labels_are_asked_for(sampled: Product):
    days = ["2026-03-08", "2026-03-12"]
    assert rows(sampled, "visitors", "time:day", date_range=days) == [
        ("2026-03-08", 2),
        ("2026-03-09", 2),
        ("2026-03-10", 2),
    ]
    asked = query("pageviews bounce_rate", "time:hour", date_range=["2026-03-10", "2026-03-10"])
    told = sampled.query(asked | {"include": {"time_labels": True, "total_rows": True}}, NOW)
    shown = {row["dimensions"][0][11:13]: row["metrics"] for row in told["results"]}
    assert len(shown) == len(told["meta"]["time_labels"]) == told["meta"]["total_rows"] == 24
    assert (shown["10"], shown["11"], shown["15"]) == ([2, 100], [0, None], [0, None])
    assert shown["16"] == shown["23"] == [None, None]
    assert told["meta"]["partial"] == ["2026-03-10T15:00:00+00:00"]


def test_labels_beside_other_dimensions_make_no_rows(sampled: Product):
    asked = query("pageviews", "time:day", "page", date_range=["2026-03-06", "2026-03-11"])
    told = sampled.query(asked | {"include": {"time_labels": True}}, NOW)
    assert len(told["results"]) == 7
    assert told["meta"]["time_labels"] == [f"2026-03-{day:02}" for day in range(6, 12)]
    assert told["meta"]["partial"] == ["2026-03-10"]


def test_rows_come_in_any_order_and_in_pages(sampled: Product):
    def ordered(*order: list[str], **page: int) -> list[str]:
        more = {"order_by": list(order), "pagination": page}
        found = rows(sampled, "visitors pageviews", "page", "source", **more)
        return [f"{path}{source}" for path, source, *_ in found]

    assert ordered() == ["/aGoogle", "/aads", "/b", "/bads"]
    assert ordered(["page", "desc"], ["source", "desc"]) == ["/bads", "/b", "/aads", "/aGoogle"]
    assert ordered(["pageviews", "asc"], ["source", "asc"]) == ["/b", "/aads", "/bads", "/aGoogle"]
    assert ordered(["pageviews", "desc"], limit=1) == ["/aGoogle"]
    assert ordered(["pageviews", "desc"], limit=2, offset=1) == ["/aads", "/b"]
    by_time = rows(sampled, "pageviews", "time:day", order_by=[["pageviews", "desc"]])
    assert by_time == [("2026-03-10", 3), ("2026-03-09", 2)]
    cut = rows(sampled, "pageviews", "time:day", pagination={"limit": 1, "offset": 1})
    assert cut == [("2026-03-10", 3)]


def test_all_rows_are_counted_beyond_the_last_page(sampled: Product):
    for offset in (0, 1, 50):
        page = {"pagination": {"limit": 1, "offset": offset}, "include": {"total_rows": True}}
        assert sampled.query(query("visitors", "page") | page, NOW)["meta"]["total_rows"] == 2


def test_shares_are_of_the_same_question_without_dimensions(sampled: Product):
    asked = query("visitors pageviews bounce_rate", "page", "time:day")
    told = sampled.query(asked | {"include": {"percentages": True}, "pagination": {"limit": 1}}, NOW)  # fmt: skip
    assert [row["percentages"] for row in told["results"]] == [[pytest.approx(100 / 3), 20, None]]


def test_a_row_is_compared_with_the_same_values(sampled: Product):
    asked = query("visitors bounce_rate", "page", include={"compare": ["2026-03-07", "2026-03-08"]})
    told = sampled.query(asked, NOW)
    assert told["meta"]["previous"] == {
        "start": "2026-03-07T00:00:00+00:00",
        "end": "2026-03-09T00:00:00+00:00",
    }
    assert [(row["dimensions"], row["metrics"], row["comparison"]) for row in told["results"]] == [
        (["/a"], [2, 100], {"dimensions": ["/a"], "metrics": [2, 100], "change": [0, 0]}),
        (["/b"], [2, 100], {"dimensions": ["/b"], "metrics": [1, 100], "change": [100, 0]}),
    ]


def test_a_rate_of_0_is_something_to_compare_with(product: Product):
    send(
        product,
        pageview("v", "/a", timestamp="2026-03-09T10:00:00Z"),
        pageview("v", "/a", timestamp="2026-03-09T10:01:00Z"),
        pageview("v", "/a", timestamp="2026-03-10T10:00:00Z"),
    )
    for order in ([], [["change:bounce_rate", "desc"]]):
        asked = query("bounce_rate", "page", date_range="today", order_by=order)
        told = product.query(asked | {"include": {"compare": "previous"}}, NOW)
        assert told["results"][0]["comparison"] == {
            "dimensions": ["/a"], "metrics": [0], "change": [100],
        }  # fmt: skip
    row = product.ask("breakdown", NOW, dimension="page", metric="bounce_rate", period="today",
                      compare="previous")["data"][0]  # fmt: skip
    assert (row["previous"], row["change"]) == (0, 100)


def test_buckets_are_compared_by_their_place(sampled: Product):
    include = {"compare": ["2026-03-08", "2026-03-08"], "time_labels": True}
    told = sampled.query(query("pageviews", "time:day", include=include), NOW)
    assert told["results"] == [
        {
            "dimensions": ["2026-03-09"],
            "metrics": [2],
            "comparison": {"dimensions": ["2026-03-08"], "metrics": [2], "change": [0]},
        },
        {"dimensions": ["2026-03-10"], "metrics": [3], "comparison": None},
    ]


def test_a_running_period_is_compared_with_the_same_hours(sampled: Product):
    send(sampled, pageview("late", "/a", timestamp="2026-03-09T15:30:00Z"))
    asked = query("pageviews", date_range="today", include={"compare": "previous"})
    assert sampled.query(asked, NOW)["results"] == [
        {
            "dimensions": [],
            "metrics": [3],
            "comparison": {"dimensions": [], "metrics": [2], "change": [50]},
        }
    ]


def test_rows_are_ordered_by_change_whatever_page_they_are_on(sampled: Product):
    send(sampled, pageview("v9", "/new", timestamp="2026-03-10T11:00:00Z"))
    more = {
        "include": {"compare": ["2026-03-07", "2026-03-08"], "total_rows": True},
        "order_by": [["change:visitors", "desc"]],
    }
    told = sampled.query(query("visitors", "page", **more), NOW)
    changes = [(row["dimensions"][0], row["comparison"]["change"][0]) for row in told["results"]]
    assert changes == [("/b", 100), ("/a", 0), ("/new", None)]
    second = more | {"pagination": {"limit": 1, "offset": 1}}
    told = sampled.query(query("visitors", "page", **second), NOW)
    assert [row["dimensions"] for row in told["results"]] == [["/a"]]
    assert told["meta"]["total_rows"] == 3


def test_what_is_too_much_to_be_compared_is_a_422(
    sampled: Product, monkeypatch: pytest.MonkeyPatch
):
    assert MOST_COMPARED > 10_000
    monkeypatch.setattr("footfall.query.query.MOST_COMPARED", 1)
    asked = query("visitors", "page", include={"compare": "previous"})
    with pytest.raises(Unprocessable, match="cannot be compared"):
        sampled.query(asked | {"order_by": [["change:visitors", "asc"]]}, NOW)


def test_all_has_nothing_to_be_compared_with(sampled: Product):
    told = sampled.query(query("visitors", date_range="all", include={"compare": "year"}), NOW)
    assert told["results"] == [{"dimensions": [], "metrics": [4], "comparison": None}]
    assert told["meta"]["previous"] is None


def test_a_day_that_the_clock_skips_has_no_buckets(sampled: Product):
    skipped = {"date_range": "2011-12-30", "timezone": "Pacific/Apia"}
    include = {"compare": "previous", "time_labels": True}
    assert rows(sampled, "visitors", **skipped) == [(0,)]
    for dimensions in (["time:day"], ["time:day", "page"]):
        asked = query("visitors", *dimensions, include=include, **skipped)
        told = sampled.query(asked, NOW)
        assert (told["results"], told["meta"]["time_labels"]) == ([], [])


def test_filters_bots_and_zone_are_those_of_every_route(sampled: Product):
    filters = [["is", "source", ["ads"]]]
    assert rows(sampled, "pageviews", "page", filters=filters) == [("/a", 1), ("/b", 1)]
    assert rows(sampled, "pageviews", bots="only") == [(0,)]
    shown = rows(sampled, "pageviews", "time:day", timezone="Pacific/Kiritimati")
    assert shown == [("2026-03-09", 2), ("2026-03-10", 2)]


def test_queries_in_a_list_answer_one_by_one(sampled: Product):
    told = sampled.query(
        [query("visitors"), query("nothing"), query("pageviews", "page"), [], query("visitors", site="x")],
        NOW,
    )  # fmt: skip
    assert [next(iter(one)) for one in told] == ["results", "error", "results", "error", "error"]
    assert told[0]["results"][0]["metrics"] == [3]
    assert told[1]["error"]["code"] == "unknown_metric"
    assert told[1]["error"]["allowed"]
    assert [told[at]["error"]["code"] for at in (3, 4)] == ["invalid_query", "wrong_site"]
    assert sampled.query([], NOW) == []


def test_queries_of_one_request_share_what_they_read(sampled: Product):
    alone = [query("visitors"), query("pageviews sessions"), query("pageviews", "page")]
    expected = [sampled.query(one, NOW)["results"] for one in alone]
    store = Counting(sampled.store)
    asked = [*alone, *alone, query("visitors", "page", include={"percentages": True})]
    told = ask_queries(asked, sampled.site, NOW, store, sampled.queue)
    assert isinstance(told, list)
    assert [one["results"] for one in told[:6]] == expected * 2
    # Totals, the two lists of pages, and no more.
    assert store.asked.count("queries/report") == 3
    assert len(store.asked) < 8
    assert [one["meta"]["rows_read"] > 0 for one in told] == [True, False, True, False, False, False, True]  # fmt: skip


LATER = at("2026-03-11T00:30:00")
"""When both days are over."""
LISTS = ("page", "source", "country", "entry_page", "event", "referrer", "browser")


def dashboard() -> list[dict[str, Any]]:
    """Numbers with those of the previous period, a daily series, lists by visitors and by several metrics."""
    by_visitors = {"order_by": [["visitors", "desc"]], "pagination": {"limit": 2}}
    return [
        query("visitors pageviews sessions bounce_rate avg_duration", include={"compare": "previous"}),
        query("visitors pageviews", "time:day", include={"time_labels": True}),
        query("sessions", "time:hour"),
        *(query("visitors", name, **by_visitors) for name in LISTS),
        *(query("pageviews visitors bounce_rate", name) for name in LISTS),
        *(query("visitors", name, pagination={"limit": 1, "offset": 1}) for name in LISTS),
        query("visitors", "page", pagination={"limit": 2, "offset": 7}, include={"total_rows": True}),
        query("sessions", "source", include={"total_rows": True}, pagination={"offset": 7}),
    ]  # fmt: skip


def test_what_rollups_tell_is_read_together_and_is_what_each_query_alone_answers(sampled: Product):
    from_events = [sampled.query(one, LATER)["results"] for one in dashboard()]
    sampled.roll_up()
    alone = [sampled.query(one, LATER) for one in dashboard()]
    assert {one["meta"]["source"] for one in alone} == {"rollup"}
    store = Counting(sampled.store)
    told = ask_queries(dashboard(), sampled.site, LATER, store, sampled.queue)
    assert isinstance(told, list)
    assert [one["results"] for one in told] == [one["results"] for one in alone] == from_events
    totals = [one["meta"].get("total_rows") for one in told]
    assert totals == [one["meta"].get("total_rows") for one in alone]
    # Totals and series; of each kind of lists the leaders and the rows; two lists alone. Beyond the last page of a list
    # that is not led its rows are counted by one more.
    assert store.asked[:2] == ["journal/pending", "journal/builds"]
    assert store.asked.count("queries/report") <= 12
    assert store.asked.count("queries/heads") == 3
    assert len(store.asked) <= 17
    read = sum(one["meta"]["rows_read"] for one in told)
    assert 0 < read < sum(one["meta"]["rows_read"] for one in alone)


def test_a_dashboard_of_rolled_up_days_is_five_statements(sampled: Product):
    sampled.roll_up()
    store = Counting(sampled.store)
    ask_queries(dashboard()[: 3 + len(LISTS)], sampled.site, LATER, store, sampled.queue)
    assert store.asked == [
        "journal/pending",
        "journal/builds",
        "queries/report",
        "queries/heads",
        "queries/report",
    ]


@pytest.mark.parametrize("span", [DAYS, ["2026-03-07", "2026-03-09"], ["2026-03-07", "2026-03-08"]])
def test_a_day_that_changed_is_read_from_events_beside_what_is_read_together(
    sampled: Product, span: list[str]
):
    sampled.roll_up()
    send(sampled, pageview("v9", "/late", timestamp="2026-03-09T11:00:00Z"))
    asked = [one | {"date_range": span} for one in dashboard()]
    alone = [sampled.query(one, LATER)["results"] for one in asked]
    told = sampled.query(asked, LATER)
    assert [one["results"] for one in told] == alone
    sampled.roll_up()
    assert [one["results"] for one in sampled.query(asked, LATER)] == alone


def test_one_of_many_that_has_expired_leaves_the_others_their_answers(sampled: Product):
    sampled.roll_up()
    sampled.site = sampled.site.changed(retention_days=1)
    asked = [
        query("pageviews"),
        query("visitors"),
        query("visitors", "time:day"),
        query("pageviews", "page"),
    ]
    asked = [one | {"date_range": ["2026-03-08", "2026-03-10"]} for one in asked]
    told = sampled.query(asked, LATER)
    assert [next(iter(one)) for one in told] == ["results", "error", "results", "results"]
    assert told[1]["error"]["code"] == "beyond_retention"
    assert told[0]["results"] == sampled.query(asked[0], LATER)["results"]


def test_metrics_and_those_of_the_previous_period_are_one_statement(sampled: Product):
    sampled.roll_up()
    parameters = {"start": DAYS[0], "end": "2026-03-11"}
    store = Counting(sampled.store)
    told = ask("metrics", parameters, sampled.site, LATER, store, sampled.queue)
    assert isinstance(told, dict)
    assert told["metrics"]["visitors"] == {"value": 3, "previous": 3, "change": 0}
    assert store.asked == ["journal/pending", "journal/builds", "queries/report"]


class TooSlow(Counting):
    """A store in which several reads are too much for one statement."""

    def select(self, name: str, parameters: Any, fragments: Any = None) -> Rows:
        """Ask, unless it is for several."""
        if name == "queries/report" and "OVER (PARTITION" in fragments["total"].sql:
            raise Unavailable("too_expensive", "")
        return super().select(name, parameters, fragments)


def test_what_is_too_much_together_is_read_one_by_one(sampled: Product):
    sampled.roll_up()
    alone = [sampled.query(one, LATER)["results"] for one in dashboard()]
    told = ask_queries(dashboard(), sampled.site, LATER, TooSlow(sampled.store), sampled.queue)
    assert isinstance(told, list)
    assert [one["results"] for one in told] == alone


def test_filters_that_compare_nothing_are_all_or_nothing_and_lists_under_them_are_shared(
    sampled: Product,
):
    everything = ([], ["and", []], ["not", ["not", ["and", []]]])
    nothing = (["not", ["and", []]], [["or", [["not", ["and", []]]]]])
    for _ in range(2):
        asked = [
            query("visitors pageviews", name, order_by=[["visitors", "desc"]], filters=filters)
            for filters in (*everything, *nothing)
            for name in ("page", "source")
        ]
        told = [one["results"] for one in sampled.query([*asked, query("visitors")], LATER)]
        assert told[0] == told[2] == told[4] != []
        assert told[1] == told[3] == told[5] != []
        assert told[6:10] == [[]] * 4
        for filters in nothing:
            assert rows(sampled, "visitors events", filters=filters) == [(0, 0)]
        sampled.roll_up()


BUYERS = [["is", "props:plan", ["pro"]]]
OF_ADS_OR_BUYERS = [["or", [["is", "source", ["ads"]], ["is", "props:plan", ["pro"]]]]]
BY_PROPERTY = [
    query("sessions bounce_rate avg_duration views_per_session events visitors", filters=BUYERS),
    query("sessions events visitors", "time:day", filters=BUYERS),
    query("sessions pageviews", "time:hour", "entry_page", filters=BUYERS),
    query("sessions visitors events", "props:plan", "source"),
    query("visitors", "exit_page", filters=[["is", "source", ["Google"]], *BUYERS]),
    query("sessions visitors bounce_rate", "page", filters=OF_ADS_OR_BUYERS),
    query("sessions events", filters=[["not", ["is", "props:plan", ["pro"]]]]),
    query("sessions events visitors", "props:plan", filters=[["is", "channel", ["Direct"]]]),
]
"""Questions about properties that need sessions."""


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/St_Johns"])
def test_sessions_of_events_with_a_property_are_those_that_are_rolled_up(
    sampled: Product, zone: str
):
    sampled.site = sampled.site.changed(timezone=zone)
    bought = {"event": {"name": "bought", "properties": {"plan": "pro"}}}
    send(
        sampled,
        track("v1", timestamp="2026-03-09T10:10:00Z", **bought),
        track("v1", timestamp="2026-03-09T13:00:00Z", **bought),
        track("v1", timestamp="2026-03-09T13:00:00Z", **bought),
        track("v2", timestamp="2026-03-10T10:00:00Z", event={"name": "try", "properties": {"plan": "free"}}),
        *(
            one
            for day in ("08", "09", "10")
            for one in (
                # Sessions over midnight, of UTC and of the zones: bought before it, after it, in one of its own.
                *(pageview(f"n{day}", "/n", timestamp=f"2026-03-{day}T{at}:50:00Z") for at in (18, 23)),
                *(
                    track(f"n{day}", timestamp=f"2026-03-{int(day) + by:02}T{at}:10:00Z", **bought)
                    for by, at in ((0, 19), (1, "00"))
                ),
                track(f"n{day}", timestamp=f"2026-03-{int(day) + 1:02}T02:00:00Z", **bought),
                track(f"m{day}", timestamp=f"2026-03-{day}T23:55:00Z", **bought),
                pageview(f"m{day}", "/m", timestamp=f"2026-03-{int(day) + 1:02}T00:05:00Z", userId="ada"),
            )
        ),
    )  # fmt: skip
    later = at("2026-03-12T12:00:00")
    from_events = [sampled.query(one, later) for one in BY_PROPERTY]
    assert {one["meta"]["source"] for one in from_events} == {"raw"}
    assert all(one["results"] for one in from_events)
    sampled.roll_up()
    told = [sampled.query(one, later) for one in BY_PROPERTY]
    assert {one["meta"]["source"] for one in told} == {"both"}
    assert [one["results"] for one in told] == [one["results"] for one in from_events]
    # One more that joins two sessions, and a day that is not rolled up again beside one that is.
    send(sampled, track("v1", timestamp="2026-03-09T10:35:00Z", **bought))
    beside = [sampled.query(one, later) for one in BY_PROPERTY]
    assert [one["results"] for one in beside] != [one["results"] for one in from_events]
    sampled.roll_up()
    assert [sampled.query(one, later)["results"] for one in BY_PROPERTY] == [
        one["results"] for one in beside
    ]


def test_one_query_can_be_a_table(sampled: Product):
    asked = query("visitors pageviews", "page", "time:day", format="csv")
    table = sampled.query(asked | {"order_by": [["page", "desc"]], "pagination": {"limit": 2}}, NOW)
    assert table == (
        "page,time:day,visitors,pageviews\r\n/b,2026-03-09,1,1\r\n/b,2026-03-10,1,1\r\n"
    )
    none = sampled.query(query("visitors", "page", date_range="2026-01", format="csv"), NOW)
    assert none == "page,visitors\r\n"
    assert sampled.query([asked], NOW)[0]["error"]["code"] == "unknown_format"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"metric": ["visitors"]}, "unknown_key", "metric"),
        ({"dimension": "page", "limit": 3}, "unknown_key", "dimension"),
        ({"metrics": None}, "invalid_query", "metrics"),
        ({"metrics": []}, "invalid_query", "metrics"),
        ({"metrics": "visitors"}, "invalid_query", "metrics"),
        ({"metrics": ["visitors", "visitors"]}, "invalid_query", "metrics"),
        ({"metrics": [["visitors"]]}, "invalid_query", "metrics"),
        ({"metrics": ["toString(1)"]}, "unknown_metric", "metrics"),
        ({"dimensions": ["time"]}, "unknown_dimension", "dimensions"),
        ({"dimensions": ["time:second"]}, "unknown_dimension", "dimensions"),
        ({"dimensions": ["time:day", "time:week"]}, "invalid_query", "dimensions"),
        ({"dimensions": ["page", "page"]}, "invalid_query", "dimensions"),
        ({"dimensions": [f"props:{n}" for n in range(6)]}, "invalid_query", "dimensions"),
        ({"date_range": None}, "invalid_query", "date_range"),
        ({"date_range": ["2026-03-01"]}, "invalid_query", "date_range"),
        ({"date_range": {"start": "2026-03-01"}}, "invalid_query", "date_range"),
        ({"date_range": "fortnight"}, "unknown_period", "date_range"),
        ({"date_range": "2026-13"}, "invalid_period", "date_range"),
        ({"date_range": ["2026-03-01", "9999-12-31"]}, "invalid_period", "date_range"),
        ({"date_range": ["2026-03-02", "2026-03-01"]}, "end_before_start", "date_range"),
        ({"date_range": ["x", "2026-03-01"]}, "invalid_period", "date_range"),
        ({"date_range": "30d", "dimensions": ["time:minute"]}, "too_many_buckets", "interval"),
        ({"timezone": "Mars/Olympus"}, "unknown_timezone", "timezone"),
        ({"timezone": 3}, "invalid_query", "timezone"),
        ({"filters": "x"}, "invalid_query", "filters"),
        ({"filters": [["is", "page", []]]}, "invalid_filter", "filters"),
        ({"bots": "maybe"}, "unknown_bots", "bots"),
        ({"format": "xml"}, "unknown_format", "format"),
        ({"order_by": [["page", "asc"]]}, "unknown_order", "order_by"),
        ({"order_by": [["change:visitors", "asc"]]}, "unknown_order", "order_by"),
        ({"order_by": ["visitors"]}, "invalid_query", "order_by"),
        ({"order_by": [["visitors", "up"]]}, "invalid_query", "order_by"),
        ({"pagination": {"limit": 0}}, "invalid_limit", "limit"),
        ({"pagination": {"limit": 10_001}}, "invalid_limit", "limit"),
        ({"pagination": {"limit": True}}, "invalid_limit", "limit"),
        ({"pagination": {"limit": "5"}}, "invalid_limit", "limit"),
        ({"pagination": {"offset": -1}}, "invalid_offset", "offset"),
        ({"pagination": {"page": 2}}, "unknown_key", "pagination.page"),
        ({"pagination": [10]}, "invalid_query", "pagination"),
        ({"include": {"imports": True}}, "unknown_key", "include.imports"),
        ({"include": {"total_rows": "yes"}}, "invalid_query", "include.total_rows"),
        ({"include": {"time_labels": True}}, "invalid_query", "include.time_labels"),
        ({"include": {"compare": "last"}}, "unknown_compare", "include.compare"),
        ({"include": {"compare": ["x", "y"]}}, "invalid_period", "include.compare"),
    ],
)  # fmt: skip
def test_a_query_that_is_not_possible_is_a_422(changes: dict[str, Any], code: str, field: str):
    with pytest.raises(Unprocessable) as refused:
        read_query(query("visitors") | changes, Site(id="default"), NOW, lambda: None)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_what_only_the_store_refuses_is_a_422_too(product: Product):
    asked = query("visitors", filters=[["matches", "page", ["("]]])
    with pytest.raises(Unprocessable) as refused:
        product.query(asked, NOW)
    told = product.query([asked, query("visitors")], NOW)
    assert told[0]["error"] == refused.value.body()
    assert told[1]["results"] == [{"dimensions": [], "metrics": [0]}]


def test_a_body_that_is_no_query_is_refused(product: Product):
    for body in (None, 1, "x", True):
        with pytest.raises(BadRequest):
            product.query(body, NOW)
    with pytest.raises(Unprocessable):
        product.query([query("visitors")] * 51, NOW)
    with pytest.raises(Forbidden):
        product.query(query("visitors", site="another"), NOW)


def test_values_are_listed_by_how_often_they_occur(sampled: Product):
    def values(**parameters: Any) -> list[tuple[str, int]]:
        told = sampled.ask("values", NOW, **parameters)
        return [(row["value"], row["events"]) for row in told["data"]]

    assert values(dimension="page") == [("/a", 5), ("/b", 3)]
    assert values(dimension="source") == [("", 3), ("Google", 3), ("ads", 2)]
    assert values(dimension="source", search="G") == [("Google", 3)]
    assert values(dimension="source", search="DS") == [("ads", 2)]
    assert values(dimension="page", limit="1") == [("/a", 5)]
    assert values(dimension="page", period="yesterday") == [("/a", 1), ("/b", 1)]
    assert values(dimension="entry_page", filters=["is", "page", ["/b"]]) == [("/b", 3)]
    assert values(dimension="props:plan") == [("", 8)]
    sampled.roll_up()
    assert values(dimension="page", search="A") == [("/a", 5)]
    table = sampled.ask("values", NOW, dimension="page", format="csv")
    assert table == "value,events\r\n/a,5\r\n/b,3\r\n"


def test_properties_are_listed_with_their_most_frequent_values(product: Product):
    def buy(number: int, **properties: Any) -> dict[str, Any]:
        event = {"name": "buy", "properties": properties}
        return track("v", event=event, timestamp=f"2026-03-10T10:{number:02}:00Z")

    send(
        product,
        *(buy(n, plan="pro", price=n) for n in range(7)),
        *(buy(10 + n, plan="free", gift=None, note="") for n in range(3)),
        track("v", "signup", timestamp="2026-03-09T10:00:00Z"),
        track("v", event={"name": "see", "properties": {"text": "é" * 500}}, timestamp="2026-03-09T10:00:01Z"),
        pageview("v", "/", timestamp="2026-03-09T10:00:02Z"),
    )  # fmt: skip
    told = product.ask("properties", NOW)
    assert told["data"] == [
        {"event": "buy", "key": "plan", "events": 10, "examples": ["pro", "free"]},
        {"event": "buy", "key": "price", "events": 7, "examples": ["0", "1", "2", "3", "4"]},
        {"event": "see", "key": "text", "events": 1, "examples": ["é" * 200]},
    ]
    assert product.ask("properties", NOW, event="signup")["data"] == []
    assert len(product.ask("properties", NOW, event="buy")["data"]) == 2
    filtered = product.ask("properties", NOW, filters=["is", "props:price", ["3"]])["data"]
    assert [(row["key"], row["examples"]) for row in filtered] == [("plan", ["pro"]), ("price", ["3"])]  # fmt: skip
    with pytest.raises(Unprocessable):
        product.ask("properties", NOW, filters=["is", "source", ["Google"]])
    table = product.ask("properties", NOW, event="buy", format="csv")
    assert 'buy,plan,10,"[""pro"", ""free""]"' in table


def test_a_query_beyond_the_retention_does_not_fail_the_others(product: Product):
    send(
        product,
        *(pageview("v", f"/{n}", timestamp=f"2026-0{n}-01T10:00:00Z") for n in (1, 2, 3)),
    )
    product.roll_up()
    product.site = Site(id="default", retention_days=30)
    year = {"date_range": ["2026-01-01", "2026-03-31"], "dimensions": []}
    told = product.query([query("visitors") | year, query("pageviews") | year], NOW)
    assert told[0]["error"]["code"] == "beyond_retention"
    assert told[1]["results"] == [{"dimensions": [], "metrics": [3]}]
    for name, parameters in (("properties", {}), ("values", {"dimension": "props:plan"})):
        with pytest.raises(Unprocessable, match="expired"):
            product.ask(name, NOW, start="2026-01-01", end="2026-04-01", **parameters)
