"""The APIs of others through the doorway: what they answer, who may call them, and that nothing breaks them."""

import base64
import gzip
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.openapi.document import document
from footfall.openapi.examples import examples
from tests.builders import API_KEY, BROWSER, WRITE_KEY, Product, Send

BASIC = {"authorization": "Basic " + base64.b64encode(f"{WRITE_KEY}:".encode()).decode()}
BEARER = {"authorization": f"Bearer {API_KEY}"}
PIXEL_BYTES = 43


@pytest.fixture
def keyed(wired: Product) -> Product:
    """A site that takes nothing without a key."""
    object.__setattr__(wired.collector, "allow_keyless", False)
    return wired


def rows(product: Product, columns: str) -> list[tuple[Any, ...]]:
    """All events that stand."""
    product.drain()
    query = f"SELECT {columns} FROM events FINAL ORDER BY {columns}"
    return [tuple(row) for row in product.store._open().query(query).result_rows]


def track(**changes: Any) -> dict[str, Any]:
    """A track in Segment's words."""
    return {"type": "track", "userId": "u", "event": "Order"} | changes


@pytest.mark.parametrize("path", ["/v1/track", "/v1/t", "/v1/track/", "/v1/t/"])
def test_a_call_may_end_with_a_slash(send: Send, keyed: Product, path: str):
    status, answer, _ = send("POST", path, track(), headers=BASIC)
    assert (status, answer["success"]) == (200, True)
    assert rows(keyed, "type, name") == [("track", "Order")]


def test_an_unknown_call_is_a_404_and_another_method_a_405(send: Send):
    assert send("POST", "/v1/import", {}, headers=BASIC)[0] == 404
    assert send("POST", "/v1/track/x", {}, headers=BASIC)[0] == 404
    status, _, headers = send("GET", "/v1/track")
    assert (status, headers["allow"]) == (405, "POST, OPTIONS")


def test_a_batch_answers_segments_way_with_our_receipt(send: Send, keyed: Product):
    body = {"batch": [track(messageId="m1"), {"type": "nothing"}], "writeKey": WRITE_KEY}
    status, answer, _ = send("POST", "/v1/batch", body)
    assert (status, answer["success"], answer["accepted"]) == (200, True, 1)
    assert [refusal["code"] for refusal in answer["rejected"]] == ["unknown_type"]
    status, answer, _ = send("POST", "/v1/batch", {"batch": [3]}, headers=BASIC)
    assert (status, answer["code"]) == (400, "nothing_accepted")
    assert send("POST", "/v1/batch", {"batch": []}, headers=BASIC)[0] == 200


def test_gzip_counts_whatever_the_headers_say_of_it(send: Send, keyed: Product):
    packed = base64.b64encode(gzip.compress(json.dumps({"batch": [track()]}).encode())).decode()
    headers = BASIC | {"content-type": "application/x-www-form-urlencoded"}
    assert send("POST", "/v1/batch", packed, is_base64=True, headers=headers)[0] == 200


def test_an_event_over_its_cap_is_refused_in_gzip_too(send: Send):
    body = json.dumps({"batch": [track(properties={"x": "y" * 40_000}), track()]})
    packed = base64.b64encode(gzip.compress(body.encode())).decode()
    _, answer, _ = send("POST", "/v1/batch", packed, is_base64=True)
    assert [refusal["code"] for refusal in answer["rejected"]] == ["event_too_large"]


@pytest.mark.parametrize(
    ("headers", "body_key", "status"),
    [
        (BASIC, None, 200),
        (BASIC, "***", 200),
        ({}, WRITE_KEY, 200),
        ({"authorization": "Bearer oauth-token"}, WRITE_KEY, 200),
        ({}, "***", 401),
        ({}, None, 401),
        ({"authorization": "Bearer oauth-token"}, None, 401),
        ({"authorization": "Basic " + base64.b64encode(b"wrong:").decode()}, None, 401),
    ],
)
def test_segments_key_may_stand_in_header_or_body(
    send: Send, keyed: Product, headers: dict[str, str], body_key: str | None, status: int
):
    assert send("POST", "/v1/track", track(writeKey=body_key), headers=headers)[0] == status


def test_what_segment_takes_and_our_own_routes_do_not(send: Send, keyed: Product):
    for path, body in (
        ("/v1/identify", {"userId": "u", "traits": {}}),
        ("/v1/page", {"userId": "u", "name": "Home"}),
        ("/v1/screen", {"userId": "u"}),
        ("/v1/track", track(timestamp=4_000_000_000)),
    ):
        assert send("POST", path, body, headers=BASIC)[0] == 200, path
    assert rows(keyed, "type, path") == [
        ("identify", ""), ("pageview", ""), ("screen", ""), ("track", ""),
    ]  # fmt: skip
    assert send("POST", "/v1/track", {"userId": "u"}, headers=BASIC)[0] == 400
    assert send("POST", "/identify", {"userId": "u"}, headers=BASIC)[0] == 400


def test_more_than_2500_events_are_a_413(send: Send):
    assert send("POST", "/v1/batch", {"batch": [{}] * 2_501})[0] == 413
    assert send("POST", "/api/batch", [{}] * 2_501)[0] == 413


def test_the_settings_document_needs_no_key(send: Send, keyed: Product):
    status, answer, _ = send(
        "GET", f"/v1/projects/{WRITE_KEY}/settings", headers={"host": "c.example"}
    )
    assert status == 200
    assert answer["integrations"]["Segment.io"]["apiKey"] == WRITE_KEY
    assert answer["integrations"]["Segment.io"]["apiHost"] == "c.example/v1"


@pytest.mark.parametrize("path", ["/sourceConfig", "/sourceConfig/"])
def test_rudderstacks_config_has_no_destinations(send: Send, keyed: Product, path: str):
    query = {"writeKey": WRITE_KEY, "p": "npm"}
    status, answer, headers = send(
        "GET", path, query=query, headers=BASIC | {"origin": "https://a.example"}
    )
    assert (status, headers["access-control-allow-origin"]) == (200, "https://a.example")
    assert (answer["source"]["writeKey"], answer["source"]["destinations"]) == (WRITE_KEY, [])


def test_plausible_names_its_site_by_its_domain_and_has_no_key(send: Send, keyed: Product):
    body = {"n": "pageview", "u": "https://shop.example/a", "d": "default"}
    for headers in ({}, {"authorization": "Bearer None"}, {"authorization": "Digest x"}):
        status, answer, _ = send("POST", "/api/event", body, headers=headers)
        assert (status, answer["status"], len(answer["eventIds"])) == (200, "ok", 1)
    assert rows(keyed, "type, path") == [("pageview", "/a")] * 3
    assert send("POST", "/api/event", body | {"d": "nobody.example"})[:2][0] == 401


def test_a_message_for_several_sites_is_taken_by_those_that_are(send: Send, keyed: Product):
    body = {"n": "pageview", "u": "https://shop.example/a", "d": "nobody.example,default"}
    assert send("POST", "/api/event", body)[0] == 200
    assert len(rows(keyed, "path")) == 1


def test_umami_is_answered_with_what_its_tracker_keeps(send: Send, keyed: Product):
    body = {"type": "event", "payload": {"website": "default", "url": "https://shop.example/a"}}
    headers = {"x-umami-cache": '{"code":"queue_unavailable"}', "authorization": "Bearer None"}
    status, answer, _ = send("POST", "/api/send", body, headers=headers)
    assert (status, list(answer)) == (200, ["cache", "sessionId", "visitId"])
    status, answer, _ = send("POST", "/api/batch", [body, {"type": "x"}, body])
    assert (status, answer["size"], answer["processed"], answer["errors"]) == (200, 3, 2, 1)
    assert [detail["index"] for detail in answer["details"]] == [1]
    assert len(rows(keyed, "path")) == 3


def test_an_address_in_the_payload_counts_with_a_secret_key_only(send: Send, wired: Product):
    places: list[str] = []
    locate = wired.collector.locate
    object.__setattr__(wired.collector, "locate", lambda ip: places.append(ip) or locate(ip))
    payload = {"website": "default", "url": "https://shop.example/a", "ip": "198.51.100.9"}
    body = {"type": "event", "payload": payload | {"userAgent": BROWSER}}
    assert send("POST", "/api/send", body)[0] == 200
    assert send("POST", "/api/send", body, headers={"x-write-key": API_KEY})[0] == 200
    assert places == ["203.0.113.7", "198.51.100.9"]


def test_the_pixel_is_a_picture_and_a_pageview(send: Send, keyed: Product):
    query = {"key": WRITE_KEY, "url": "https://shop.example/a", "title": "T"}
    status, body, headers = send("GET", "/pixel.gif", query=query)
    assert (status, headers["content-type"], headers["cache-control"]) == (
        200,
        "image/gif",
        "no-store",
    )
    assert len(base64.b64decode(body)) == PIXEL_BYTES
    assert base64.b64decode(body).startswith(b"GIF89a\1\0\1\0")
    send("GET", "/pixel.gif", query={"key": WRITE_KEY, "path": "/b", "name": "Opened"})
    assert rows(keyed, "type, name, path") == [("pageview", "", "/a"), ("track", "Opened", "/b")]


def test_the_pixel_is_a_picture_whatever_becomes_of_the_event(send: Send, keyed: Product):
    for query, code in (
        ({"key": "wrong", "path": "/"}, "wrong_key"),
        ({}, "no_key"),
    ):
        status, body, headers = send("GET", "/pixel.gif", query=query)
        assert (status, len(base64.b64decode(body))) == (200, PIXEL_BYTES)
        assert headers["x-footfall-refused"] == code
    keyed.queue.url += "-gone"
    status, _, headers = send("GET", "/pixel.gif", query={"key": WRITE_KEY, "path": "/"})
    assert (status, headers["x-footfall-refused"]) == (200, "queue_unavailable")


def test_an_agent_that_is_no_browsers_counts_where_the_pixel_was_loaded(send: Send, keyed: Product):
    agent = {"user-agent": "SomeReader/1.0 (bot; +https://reader.example)"}
    send("GET", "/pixel.gif", query={"key": WRITE_KEY, "path": "/mail"}, headers=agent)
    send("POST", "/pageview", {"page": {"path": "/own"}}, headers=agent | BASIC)
    assert rows(keyed, "path, is_bot") == [("/mail", True), ("/own", False)]


def test_engagement_and_vitals_are_kept_and_are_no_activity(send: Send, wired: Product):
    page = {"anonymousId": "a", "page": {"path": "/"}}
    items = [
        page | {"type": kind, "properties": {"x": 1}}
        for kind in ("engagement", "vitals", "pageview")
    ]
    assert send("POST", "/batch", {"batch": items})[1]["accepted"] == 3
    assert len(rows(wired, "type")) == 3
    for rolled_up in (False, True):
        if rolled_up:
            wired.roll_up()
        query = {"period": "7d", "metrics": "pageviews,events,visitors,sessions,bounce_rate"}
        metrics = send("GET", "/metrics", query=query, headers=BEARER)[1]["metrics"]
        assert [metrics[name]["value"] for name in query["metrics"].split(",")] == [1, 1, 1, 1, 100]
    assert send("GET", "/properties", headers=BEARER)[1]["data"][0]["events"] == 1
    assert send("GET", "/realtime", headers=BEARER)[1]["pageviewsLast5Min"] == 1


ORIGIN = {"origin": "https://shop.example"}
COLLECTING = ["/v1/t", "/v1/batch", "/api/event", "/api/send", "/api/batch", "/batch", "/pageview"]


@pytest.mark.parametrize("path", COLLECTING)
@pytest.mark.parametrize("origin", ["https://shop.example", "null"])
def test_a_page_of_any_origin_may_collect(send: Send, path: str, origin: str):
    asked = {"access-control-request-headers": "Authorization, X-New-Header,content-type"}
    status, body, headers = send("OPTIONS", path, headers={"origin": origin} | asked)
    assert (status, body) == (204, "")
    assert headers["access-control-allow-origin"] == origin
    assert headers["access-control-allow-credentials"] == "true"
    assert headers["access-control-max-age"] == "86400"
    assert headers["access-control-allow-methods"] == "POST"
    allowed = headers["access-control-allow-headers"].split(", ")
    assert {"authorization", "content-type", "x-new-header", "x-umami-cache", "sentat"} <= set(
        allowed
    )
    _, _, headers = send("POST", path, {}, headers={"origin": origin})
    assert headers["access-control-allow-origin"] == origin
    assert headers["vary"] == "origin"
    assert headers["access-control-expose-headers"] == "retry-after, x-ratelimit-reset"


def test_headers_that_are_no_names_are_not_repeated(send: Send):
    asked = {
        "access-control-request-headers": "x-a, b c, d\r\ne, "
        + "x" * 100
        + ", "
        + ",".join("f" * 99)
    }
    _, _, headers = send("OPTIONS", "/v1/t", headers=ORIGIN | asked)
    added = headers["access-control-allow-headers"].split(", ")[11:]
    assert added == ["x-a", "f"]


@pytest.mark.parametrize("path", ["/metrics", "/query", "/import", "/sites", "/visitors/x"])
def test_only_the_dashboards_origins_may_read_and_administer(
    send: Send, path: str, monkeypatch: pytest.MonkeyPatch
):
    _, _, headers = send("OPTIONS", path, headers=ORIGIN)
    assert "access-control-allow-origin" not in headers
    monkeypatch.setenv("DASHBOARD_ORIGINS", "https://stats.example, https://shop.example/")
    _, _, headers = send("OPTIONS", path, headers=ORIGIN)
    assert headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-credentials" not in headers
    assert "authorization" in headers["access-control-allow-headers"]
    for other in ("https://shop.example.evil", "null", "https://shop"):
        _, _, headers = send("OPTIONS", path, headers={"origin": other})
        assert "access-control-allow-origin" not in headers


NASTY = st.sampled_from(
    [None, True, 0, -1, 1e308, 10**400, "", "\0", "\ud83d", "x" * 40_000, [], {}, [[]], {"a": {"b": []}},
     "2026-03-10T10:00:00Z", "https://[::1", "***", "default", "/%ff", "1x1", "pageview", "engagement"]
)  # fmt: skip
values = st.recursive(
    NASTY | st.text(max_size=8) | st.integers() | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
SEGMENT = [
    "type",
    "userId",
    "anonymousId",
    "previousId",
    "groupId",
    "messageId",
    "timestamp",
    "originalTimestamp",
    "sentAt",
    "event",
    "name",
    "category",
    "properties",
    "traits",
    "context",
    "integrations",
    "writeKey",
    "batch",
]
PLAUSIBLE = [
    "n",
    "u",
    "d",
    "r",
    "p",
    "m",
    "$",
    "i",
    "h",
    "v",
    "sd",
    "e",
    "name",
    "url",
    "domain",
    "referrer",
    "props",
    "meta",
    "revenue",
    "hashMode",
]
PAYLOAD = [
    "website",
    "hostname",
    "language",
    "referrer",
    "screen",
    "title",
    "url",
    "name",
    "tag",
    "data",
    "id",
    "timestamp",
    "ip",
    "userAgent",
    "browser",
    "os",
    "device",
    "lcp",
]


def objects(names: list[str], inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with some of these keys."""
    return st.dictionaries(st.sampled_from(names), inner, max_size=7)


contexts = objects(
    [
        "page",
        "campaign",
        "consent",
        "device",
        "os",
        "screen",
        "locale",
        "traits",
        "ip",
        "userAgent",
    ],
    values,
)
segment_items = objects(SEGMENT, values | contexts) | values
segment_bodies = segment_items | st.fixed_dictionaries(
    {"batch": st.lists(segment_items, max_size=3), "context": contexts | values}
)
plausible_bodies = (
    objects(PLAUSIBLE, values).map(lambda body: {"n": "x", "u": "https://a.example/#/b"} | body)
    | values
)
umami_messages = (
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["event", "identify", "performance", "x"]),
            "payload": objects(PAYLOAD, values) | values,
        }
    )
    | values
)
examined = settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


def check(send: Send, path: str, body: Any, headers: dict[str, str] | None = None) -> None:
    """A request that is answered, in our shape where it is refused."""
    status, answer, _ = send("POST", path, json.dumps(body), headers=headers or {})
    assert status < 500, answer
    if status >= 400:
        assert isinstance(answer["code"], str)
        assert isinstance(answer["message"], str)


@examined
@given(name=st.sampled_from([*"tpsigab", "track", "batch", "m", "x", "/"]), body=segment_bodies)
def test_no_body_of_segments_is_a_5xx(send: Send, name: str, body: Any):
    check(send, f"/v1/{name}", body)


@examined
@given(body=plausible_bodies, forwarded=st.text(max_size=20))
def test_no_body_of_plausibles_is_a_5xx(send: Send, body: Any, forwarded: str):
    check(send, "/api/event", body, {"x-forwarded-for": forwarded, "x-write-key": API_KEY})


@examined
@given(messages=st.lists(umami_messages, min_size=1, max_size=3))
def test_no_body_of_umamis_is_a_5xx(send: Send, messages: list[Any]):
    check(send, "/api/send", messages[0], {"x-write-key": API_KEY})
    check(send, "/api/batch", messages)


@examined
@given(
    query=st.dictionaries(
        st.sampled_from(["key", "url", "path", "title", "referrer", "name"]),
        st.text() | NASTY.map(str),
    )
)
def test_no_address_of_the_pixel_is_anything_but_a_picture(send: Send, query: dict[str, str]):
    status, body, _ = send("GET", "/pixel.gif", query=query)
    assert (status, len(base64.b64decode(body))) == (200, PIXEL_BYTES)


@examined
@given(
    name=st.text(min_size=1),
    headers=st.dictionaries(
        st.sampled_from(["host", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-prefix"]),
        st.text(),
    ),
)
def test_no_key_makes_the_settings_anything_but_json(
    send: Send, name: str, headers: dict[str, str]
):
    status, answer, _ = send("GET", f"/v1/projects/{name}/settings", headers=headers)
    assert status == 200
    assert answer["integrations"]["Segment.io"]["apiHost"].endswith("/v1")


@pytest.mark.parametrize(
    ("name", "status"), [("sendPlausible", 422), ("sendUmami", 422), ("sendUmamiBatch", 400)]
)
def test_the_document_says_whom_the_example_of_a_browsers_route_is_refused(
    send: Send, keyed: Product, name: str, status: int
):
    ((path, operation),) = (
        (path, item["post"])
        for path, item in document()["paths"].items()
        if item.get("post", {}).get("operationId") == name
    )
    body = examples()[name]["body"]

    refused, answer, _ = send("POST", path, body, headers={"user-agent": "curl/8.5.0"})
    taken, _, _ = send("POST", path, body, headers={"user-agent": "Mozilla/5.0 (X11; Linux)"})

    assert (refused, "no_actor" in json.dumps(answer), taken) == (status, True, 200)
    assert f"({status}, `no_actor`)" in operation["description"]
