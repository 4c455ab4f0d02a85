"""Hostile input on every route: an answer in the contract's shape, never a 5xx, never a trace of what is inside."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall import api
from footfall.event import EVENT_TYPES
from tests.builders import API_KEY, Product, Send, pageview

BEARER = {"authorization": f"Bearer {API_KEY}"}
NASTY: list[Any] = [
    None,
    True,
    0,
    -1,
    1e308,
    10**400,
    "",
    " ",
    "\0",
    "\ud83d",
    "\u202e",
    "x" * 40_000,
    "'; DROP TABLE events; --",
    "{site:String}",
    "$filter",
    "%s%n",
    "__proto__",
    "constructor",
    "../../etc/passwd",
    "0000-00-00",
    "9999-12-31",
    "9999-12-31T23:59:59.999999999Z",
    "0001-01-01T00:00:00+23:59",
    "NaN",
    "-Infinity",
    [],
    {},
    [[]],
    {"a": {"b": []}},
    {"__proto__": {"x": 1}},
    ["is", "page", ["x"]],
    "2026-03-10T10:00:00Z",
    "https://[::1",
    "http://\ufffd.example/\0",
]
FIELDS = [
    "anonymousId",
    "userId",
    "previousId",
    "groupId",
    "eventId",
    "messageId",
    "timestamp",
    "originalTimestamp",
    "sentAt",
    "site",
    "writeKey",
    "type",
    "page",
    "screen",
    "event",
    "properties",
    "traits",
    "context",
    "batch",
]
INNER = [
    "path",
    "url",
    "title",
    "referrer",
    "search",
    "name",
    "properties",
    "ip",
    "userAgent",
    "consent",
    "campaign",
    "screen",
    "device",
    "browser",
    "os",
    "locale",
    "page",
    "width",
    "source",
]
PARAMETERS = [
    "site",
    "start",
    "end",
    "period",
    "timezone",
    "filters",
    "compare",
    "bots",
    "format",
    "metrics",
    "metric",
    "interval",
    "dimension",
    "limit",
    "offset",
    "search",
    "event",
    "date",
    "key",
]

json_values = st.recursive(
    st.sampled_from(NASTY) | st.text() | st.integers() | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text() | st.sampled_from(INNER), inner, max_size=5)
    ),
    max_leaves=8,
)
bodies = st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=8)
examined = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


def check(status: int, answer: Any) -> None:
    assert status < 500, answer
    if status >= 400:
        assert isinstance(answer["code"], str)
        assert isinstance(answer["message"], str)
    text = json.dumps(answer)
    for inside in (
        "Traceback",
        "DB::Exception",
        "ClickHouse",
        "Code: ",
        'File \\"',
        "redis",
        "SELECT",
    ):
        assert inside not in text or inside in json.dumps(NASTY)


@examined
@given(
    path=st.sampled_from(["/pageview", "/screen", "/track", "/identify", "/batch", "/import"]),
    body=bodies,
)
def test_no_body_of_a_collect_route_is_a_5xx(send: Send, path: str, body: dict[str, Any]):
    check(*send("POST", path, body, headers=BEARER)[:2])
    items = [body | {"type": kind} for kind in EVENT_TYPES]
    check(*send("POST", "/batch", {"batch": items})[:2])


@examined
@given(path=st.sampled_from(list(api.ROUTES)), body=st.text() | json_values.map(json.dumps))
def test_no_text_is_a_5xx(send: Send, path: str, body: str):
    for method in ("POST", "GET", "PUT"):
        check(*send(method, path, body, headers=BEARER)[:2])


@examined
@given(
    path=st.sampled_from(
        ["/metrics", "/timeseries", "/breakdown", "/daily", "/values", "/properties", "/realtime"]
    ),
    parameters=st.dictionaries(
        st.sampled_from(PARAMETERS),
        st.text() | st.sampled_from([str(value) for value in NASTY]),
        max_size=4,
    ),
)
def test_no_parameter_of_a_reading_route_is_a_5xx(
    send: Send, path: str, parameters: dict[str, str]
):
    check(*send("GET", path, headers=BEARER, query={"dimension": "page"} | parameters)[:2])


KNOWN: dict[str, list[Any]] = {
    "metrics": [["visitors"], ["pageviews", "bounce_rate"]],
    "dimensions": [["page"], ["time:hour", "props:a"], ["props:\0", "source"], ["time:month"]],
    "filters": [[["is", "page", ["/"]]], ["matches", "event", ["("]]],
    "date_range": [
        "today",
        "all",
        "30d",
        ["2026-01-01", "2026-01-02"],
        ["1970-01-01", "2148-12-31"],
    ],
    "timezone": ["Asia/Kathmandu", "UTC"],
    "order_by": [[["visitors", "asc"]], [["change:pageviews", "desc"]], [["page", "asc"]]],
    "pagination": [{"limit": 1}, {"offset": 10**9}, {"limit": 10_000, "offset": 3}],
    "include": [
        {"compare": "year"},
        {"time_labels": True, "percentages": True},
        {"compare": ["x", "y"]},
    ],
    "bots": ["only"],
    "format": ["csv"],
}
queries = st.fixed_dictionaries(
    {key: st.sampled_from(KNOWN[key]) | json_values for key in ("metrics", "date_range")},
    optional={
        key: st.sampled_from(known) | st.sampled_from(known) | json_values
        for key, known in KNOWN.items()
        if key not in ("metrics", "date_range")
    },
) | st.dictionaries(st.sampled_from([*KNOWN, "site", "x"]), json_values, max_size=5)


@examined
@given(body=queries | st.lists(queries, max_size=3) | json_values)
def test_no_query_is_a_5xx(send: Send, body: Any):
    status, answer, _ = send("POST", "/query", json.dumps(body), headers=BEARER)
    check(status, answer)
    for one in answer if isinstance(answer, list) else []:
        check(422 if "error" in one else 200, one.get("error"))


@pytest.mark.parametrize("value", [value for value in NASTY if isinstance(value, str)])
def test_a_nasty_text_comes_out_of_the_store_as_it_went_in(send: Send, wired: Product, value: str):
    body = {
        "anonymousId": "v",
        "event": {"name": "e", "properties": {"p": value[:9_000], value[:200] or "k": "1"}},
    }
    status, answer, _ = send("POST", "/track", body)
    assert status == 200, answer
    wired.drain()
    shown = value[:9_000].replace("\ud83d", "\ufffd")
    filters = json.dumps(["is", "props:p", [shown]])
    _, answer, _ = send(
        "GET",
        "/metrics",
        query={"period": "today", "metrics": "events", "filters": filters},
        headers=BEARER,
    )
    assert answer["metrics"]["events"]["value"] == 1


def test_header_and_query_of_any_text(send: Send):
    for value in (v for v in NASTY if isinstance(v, str)):
        for name in ("authorization", "x-write-key", "user-agent", "origin", "content-type"):
            check(*send("POST", "/pageview", {"page": {"path": "/"}}, headers={name: value})[:2])
        check(*send("GET", "/health", query={"key": value})[:2])


def test_deep_and_wide_bodies(send: Send):
    deep = (
        '{"anonymousId":"v","event":{"name":"e","properties":{"a":' + "[" * 900 + "]" * 900 + "}}}"
    )
    check(*send("POST", "/track", deep)[:2])
    check(*send("POST", "/track", "[" * 1_000_000)[:2])
    check(*send("POST", "/pageview", '{"a":' * 200_000)[:2])
    wide = {"batch": [{"type": "pageview", "anonymousId": "v", "page": {"path": "/"}}] * 2_500}
    assert send("POST", "/batch", wide)[0] == 200
    assert send("POST", "/pageview", {"x": "y" * 10_000_000})[0] == 413


def test_a_filter_over_everything_is_answered(send: Send):
    tree: Any = ["matches", "page", ["(a+)+$"]]
    for _ in range(8):
        tree = ["not", tree]
    check(*send("GET", "/metrics", query={"filters": json.dumps(tree)}, headers=BEARER)[:2])
    many = json.dumps(["is", "page", [f"/{n}" for n in range(1_000)]])
    assert send("GET", "/metrics", query={"filters": many}, headers=BEARER)[0] == 200


def test_dates_at_the_ends_of_time(send: Send):
    for start, end in (
        ("1970-01-01", "2148-12-31"),
        ("1970-01-01T00:00:00+14:00", "1970-01-02"),
        ("2148-12-30", "2148-12-31"),
    ):
        for zone in ("UTC", "Pacific/Kiritimati", "Pacific/Niue"):
            query = {
                "start": start,
                "end": end,
                "timezone": zone,
                "compare": "year",
                "interval": "month",
            }
            check(*send("GET", "/metrics", query=query, headers=BEARER)[:2])
            check(
                *send(
                    "GET", "/timeseries", query=query | {"metric": "bounce_rate"}, headers=BEARER
                )[:2]
            )


def test_an_event_that_is_nested_too_deep_leaves_its_neighbours(send: Send):
    """There is a depth that can be read and not written: whatever it is, it is no 500."""
    good = json.dumps(pageview("v1"))
    for levels in range(700, 1_000):
        bad = good[:-1] + f', "foo": {"[" * levels + "]" * levels}}}'
        for size in (2, 9):
            body = f'{{"batch": [{",".join([good] * (size - 1) + [bad])}]}}'

            status, answer, _ = send("POST", "/batch", body)

            assert status == 200 or answer["code"] == "invalid_json", (levels, answer)
            assert status == 400 or answer["accepted"] >= size - 1
