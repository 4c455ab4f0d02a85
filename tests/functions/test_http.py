"""HTTP events into the doorways, HTTP answers out, on real engines."""

import base64
import gzip
import json
from typing import Any

import pytest

from footfall import api, wiring
from tests.builders import API_KEY, WRITE_KEY, Product, Send, doorway, pageview

BEARER = {"authorization": f"Bearer {API_KEY}"}


def test_a_pageview_by_curl_is_counted_without_a_key(send: Send, wired: Product):
    status, answer, headers = send(
        "POST", "/pageview", pageview(), headers={"user-agent": "curl/8.5.0"}
    )
    assert (status, list(answer), headers["content-type"]) == (200, ["eventId"], "application/json")
    wired.drain()
    status, answer, _ = send("GET", "/metrics", query={"period": "today"}, headers=BEARER)
    assert (status, answer["metrics"]["pageviews"]["value"]) == (200, 1)
    status, answer, _ = send("GET", "/realtime", headers=BEARER)
    assert (status, answer["activeUsers"], answer["perMinute"][-1] + answer["perMinute"][-2]) == (
        200,
        1,
        1,
    )


@pytest.mark.parametrize(
    "options",
    [
        {
            "headers": {
                "authorization": "Basic " + base64.b64encode(f"{WRITE_KEY}:".encode()).decode()
            }
        },
        {"headers": {"authorization": "Basic " + base64.b64encode(WRITE_KEY.encode()).decode()}},
        {"headers": {"authorization": f"Bearer {WRITE_KEY}"}},
        {"headers": {"x-write-key": WRITE_KEY}},
        {"query": {"key": WRITE_KEY}},
        {},
    ],
)
def test_the_key_may_stand_anywhere(send: Send, wired: Product, options: dict[str, Any]):
    object.__setattr__(wired.collector, "allow_keyless", False)
    body = pageview() if options else pageview(writeKey=WRITE_KEY)
    assert send("POST", "/pageview", body, **options)[0] == 200
    assert send("POST", "/pageview", pageview())[:2] == (
        401,
        {
            "code": "no_key",
            "message": "The request carries no key; send a write key as `Authorization: Bearer …`.",
        },
    )


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded"],
)
def test_json_is_json_whatever_the_content_type_says(send: Send, content_type: str):
    assert send("POST", "/pageview", pageview(), headers={"content-type": content_type})[0] == 200


def test_gzip_comes_as_base64(send: Send):
    packed = base64.b64encode(gzip.compress(json.dumps(pageview()).encode())).decode()
    assert send("POST", "/pageview", packed, is_base64=True)[0] == 200
    assert send("POST", "/pageview", "%%%", is_base64=True)[:2][0] == 400


QUERY = {"metrics": ["visitors"], "date_range": "today"}


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded"],
)
def test_a_query_is_json_whatever_the_content_type_says(send: Send, content_type: str):
    headers = BEARER | {"content-type": content_type}
    status, answer, _ = send("POST", "/query", QUERY, headers=headers)
    assert (status, answer["results"]) == (200, [{"dimensions": [], "metrics": [0]}])
    status, answer, _ = send("POST", "/query", [QUERY, {}], headers=headers)
    assert (status, list(answer[0]), list(answer[1])) == (
        200,
        ["results", "meta", "query"],
        ["error"],
    )


def test_a_query_may_be_packed_and_answered_as_a_table(send: Send):
    body = json.dumps(QUERY | {"dimensions": ["page"], "format": "csv"})
    packed = base64.b64encode(gzip.compress(body.encode())).decode()
    status, table, headers = send("POST", "/query", packed, is_base64=True, headers=BEARER)
    assert (status, table) == (200, "page,visitors\r\n")
    assert headers["content-type"].startswith("text/csv")


def test_a_query_that_cannot_be_read_is_refused(send: Send):
    def refused(body: Any, **options: Any) -> tuple[int, str]:
        status, answer, _ = send("POST", "/query", body, **{"headers": BEARER} | options)
        return status, answer["code"]

    assert refused("{") == (400, "invalid_json")
    assert refused("3") == (400, "invalid_json")
    assert refused("") == (400, "invalid_json")
    assert refused(QUERY | {"filters": [["is", "page", ["x" * (1 << 20)]]]}) == (413, "too_large")
    assert refused([QUERY] * 51) == (422, "too_many_queries")
    assert refused(QUERY | {"metric": ["visitors"]}) == (422, "unknown_key")
    assert refused(QUERY | {"site": "other"}) == (403, "wrong_site")
    assert refused(QUERY, query={"site": "other"}) == (403, "wrong_site")
    assert refused(QUERY, headers={}) == (401, "no_key")
    assert refused(QUERY, headers={"authorization": f"Bearer {WRITE_KEY}"}) == (403, "wrong_scope")
    assert send("GET", "/query", headers=BEARER)[0] == 405


def test_a_page_of_a_dashboards_origin_may_query(send: Send, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DASHBOARD_ORIGINS", "https://stats.example")
    origin = {"origin": "https://stats.example"}
    status, _, headers = send("OPTIONS", "/query", headers=origin)
    assert (status, headers["access-control-allow-methods"]) == (204, "POST")
    assert headers["access-control-allow-origin"] == "https://stats.example"
    assert "authorization" in headers["access-control-allow-headers"]
    _, _, headers = send("POST", "/query", QUERY, headers=BEARER | origin)
    assert headers["access-control-allow-origin"] == "https://stats.example"


@pytest.mark.parametrize(
    "path",
    ["/metrics", "/timeseries", "/breakdown", "/daily", "/values", "/properties", "/realtime"],
)
def test_reading_needs_an_api_key(send: Send, path: str):
    query = {"dimension": "page"}
    assert send("GET", path, query=query)[0] == 401
    assert send("GET", path, query=query, headers={"authorization": "Bearer wrong"})[0] == 401
    assert send("GET", path, query=query, headers={"authorization": "Digest x"})[0] == 401
    assert (
        send("GET", path, query=query, headers={"authorization": f"Bearer {WRITE_KEY}"})[0] == 403
    )
    assert send("GET", path, query=query | {"site": "other"}, headers=BEARER)[0] == 403
    assert send("GET", path, query=query | {"site": "default"}, headers=BEARER)[0] == 200
    assert send("GET", path, query=query | {"key": API_KEY})[0] == 401, (
        "a secret in a URL is in every log"
    )


def test_import_takes_its_site_from_the_query(send: Send):
    assert send("POST", "/import", {"batch": []}, headers=BEARER, query={"site": "other"})[0] == 403
    assert (
        send("POST", "/import", {"batch": []}, headers=BEARER, query={"site": "default"})[0] == 200
    )


def test_health_needs_no_key(send: Send):
    status, answer, _ = send("GET", "/health")
    assert status == 200
    assert answer == {
        "status": "ok", "version": "0.1.0", "waiting": 0, "rollups_pending": 0,
        "engines": {"queue": "ok", "counters": "ok", "store": "ok"},
    }  # fmt: skip


def test_no_such_route_is_a_404_and_no_such_method_a_405(send: Send):
    status, answer, _ = send("GET", "/nothing")
    assert (status, answer["code"]) == (404, "not_found")
    for method, path in (
        ("GET", "/pageview"),
        ("PUT", "/batch"),
        ("POST", "/metrics"),
        ("DELETE", "/health"),
    ):
        status, answer, headers = send(method, path)
        assert (status, answer["code"]) == (405, "method_not_allowed")
        assert "OPTIONS" in headers["allow"]


def test_a_page_of_any_origin_may_collect_with_credentials_and_not_read(send: Send):
    origin = {"origin": "https://shop.example"}
    _, _, headers = send("POST", "/pageview", pageview(), headers=origin)
    assert headers["access-control-allow-origin"] == "https://shop.example"
    assert headers["access-control-allow-credentials"] == "true"
    _, _, headers = send("GET", "/metrics", headers=BEARER | origin)
    assert "access-control-allow-origin" not in headers
    assert "access-control-allow-credentials" not in headers
    status, body, headers = send("OPTIONS", "/batch", headers=origin)
    assert (status, body) == (204, "")
    assert headers["access-control-max-age"] == "86400"
    assert "authorization" in headers["access-control-allow-headers"]


def test_a_refusal_carries_cors_too(send: Send):
    status, _, headers = send("POST", "/pageview", "{", headers={"origin": "https://shop.example"})
    assert (status, headers["access-control-allow-origin"]) == (400, "https://shop.example")


def test_a_503_says_when_to_come_back(send: Send, wired: Product):
    wired.queue.url += "-gone"
    status, answer, headers = send("POST", "/pageview", pageview())
    assert (status, answer["code"]) == (503, "queue_unavailable")
    assert int(headers["retry-after"]) > 0


def test_an_error_nobody_foresaw_is_a_500_that_tells_nothing(
    send: Send, monkeypatch: pytest.MonkeyPatch
):
    def broken() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(wiring, "collector", broken)
    status, answer, _ = send("POST", "/pageview", pageview())
    assert (status, answer["code"]) == (500, "internal")
    assert "secret" not in json.dumps(answer)


def test_ingest_names_the_messages_that_have_to_come_again(wired: Product, send: Send):
    send("POST", "/pageview", pageview())
    (message,) = wired.receive()
    records = [
        {"messageId": "m1", "body": message["Body"]},
        {"messageId": "m2", "body": "not ours"},
    ]
    wired.queue.dead_letter_url += "-gone"
    answer = doorway("ingest").lambda_handler({"Records": records}, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m2"}]}


def test_a_scheduled_rollup_answers_what_it_did(wired: Product):
    assert doorway("rollup").lambda_handler({}, None)["drained"] is True


def test_every_route_has_a_handler(send: Send):
    for path, methods in api.ROUTES.items():
        for method in methods:
            asked = path.replace("{call}", "track")
            assert send(method, asked, headers=BEARER)[0] not in (404, 405)
