"""Recordings of unmodified clients, sent again byte for byte by their own routes: the events one reads in them."""

import base64
import gzip
import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from footfall.site import Site
from tests.builders import WRITE_KEY, Product, doorway

KEYS = {
    "WRITEKEY123": WRITE_KEY,
    "11111111-2222-3333-4444-555555555555": "default",
    '"d":"shop.example"': '"d":"default"',
}
"""What the recorded clients were told to send for a key: Segment's, Umami's and Plausible's."""
FOLDER = Path(__file__).parents[1] / "data" / "clients"
TYPES = {"page": "pageview"}


def recorded(name: str) -> list[dict[str, Any]]:
    """The requests of a recording, in order."""
    requests: list[dict[str, Any]] = json.loads((FOLDER / f"{name}.json").read_text())
    return requests


def sent_bytes(request: dict[str, Any]) -> bytes:
    """The body as it went over the wire but for the key, which a recording shows once it is unpacked."""
    if request["body_b64"]:
        packed = base64.b64decode(request["body_b64"])
        return gzip.compress(keyed(gzip.decompress(packed).decode()).encode())
    if request["body_json"] is None:
        return b""
    # JavaScript writes no spaces and Python does: the length tells which it was.
    bodies = [
        json.dumps(request["body_json"], separators=(",", ":"), ensure_ascii=False),
        json.dumps(request["body_json"]),
    ]
    (body,) = (body for body in bodies if len(body.encode()) == request["body_bytes"])
    return keyed(body).encode()


def keyed(text: str) -> str:
    """A recorded text with keys of ours."""
    for recorded_key, key in KEYS.items():
        text = text.replace(recorded_key, key)
    return text


def gateway_event(request: dict[str, Any]) -> dict[str, Any]:
    """The API Gateway event of a recorded request."""
    headers = {name.lower(): value for name, value in request["headers"]}
    if headers.get("authorization", "").startswith("Basic "):
        headers["authorization"] = "Basic " + base64.b64encode(f"{WRITE_KEY}:".encode()).decode()
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": request["path"],
        "headers": headers,
        "requestContext": {
            "http": {
                "method": request["method"],
                "path": request["path"],
                "sourceIp": "203.0.113.7",
            }
        },
        "body": base64.b64encode(sent_bytes(request)).decode(),
        "isBase64Encoded": True,
    }


def moment(name: str, request: dict[str, Any]) -> int:
    """When a request was received: a moment after it says that it was sent."""
    sent_at = (request["body_json"] or {}).get("sentAt", "2026-11-24T00:10:00+00:00")
    return int(datetime.fromisoformat(sent_at).timestamp() * 1000) + int(request["t"] * 10) + 1


@pytest.fixture
def collect(product: Product, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The doorway of collect on a site that takes what is months old, with every key demanded."""
    from footfall import wiring
    from footfall.config import Settings

    product.site = Site(id="default", back_dating_days=3650)
    object.__setattr__(product.collector, "allow_keyless", False)
    monkeypatch.setattr(wiring, "collector", lambda: product.collector)
    monkeypatch.setattr(wiring, "settings", lambda: Settings())
    return doorway("collect")


def replay(collect: Any, name: str) -> list[tuple[str, int, Any]]:
    """Send a recording; path, status and answer of every request."""
    answers = []
    for request in recorded(name):
        collect.now_ms = lambda request=request: moment(name, request)
        answer = collect.lambda_handler(gateway_event(request), None)
        body = json.loads(answer["body"]) if answer["body"] else None
        answers.append((request["method"], answer["statusCode"], body))
    return answers


def stored(product: Product) -> list[dict[str, Any]]:
    """All events that stand, with what a reader of a recording looks for."""
    columns = (
        "type, name, toString(event_id) AS event_id, user_id, actor, path, hostname, title, "
        "referrer, utm_source, utm_campaign, language, screen_size, is_bot, properties, "
        "toUnixTimestamp64Milli(ts) AS at"
    )
    result = product.store._open().query(f"SELECT {columns} FROM events FINAL ORDER BY ts, type")
    rows = [dict(zip(result.column_names, row, strict=True)) for row in result.result_rows]
    return [
        row | {"properties": json.loads(row["properties"]) if row["properties"] else {}}
        for row in rows
    ]


@pytest.mark.parametrize(
    "name",
    ["py_segment", "py_segment_gzip", "py_segment_503", "py_segment_429", "py_segment_400",
     "node_segment", "web_segment", "web_segment_batch"],
)  # fmt: skip
def test_each_id_of_a_segment_recording_is_stored_once(collect: Any, product: Product, name: str):
    items = [
        item
        for request in recorded(name)
        if request["body_json"]
        for item in request["body_json"].get("batch", [request["body_json"]])
    ]
    answers = replay(collect, name)
    assert all(status == (204 if method == "OPTIONS" else 200) for method, status, _ in answers)
    assert all(body["success"] is True for method, _, body in answers if method == "POST")
    product.drain()

    from footfall.event import event_uuid

    expected = {
        str(event_uuid(item["messageId"])): (TYPES.get(item["type"], item["type"]))
        for item in items
    }
    assert {row["event_id"]: row["type"] for row in stored(product)} == expected
    assert len(stored(product)) == len(expected)


def test_the_python_sdk_says_what_one_reads_in_it(collect: Any, product: Product):
    replay(collect, "py_segment_gzip")
    product.drain()
    rows = stored(product)
    by_type = {(row["type"], row["name"]): row for row in rows}

    identify = by_type["identify", ""]
    assert (identify["user_id"], identify["actor"]) == ("user-1", "u:user-1")
    assert identify["properties"]["plan"] == "pro"
    assert identify["at"] == int(datetime.fromisoformat("2026-01-02T03:04:05Z").timestamp() * 1000)
    order = by_type["track", "Order Completed"]
    assert order["properties"] == {"revenue": "12.5", "currency": "EUR"}
    assert (order["path"], order["hostname"], order["title"]) == ("/p", "shop.example", "P")
    assert (order["utm_source"], order["referrer"]) == ("x", "google.com")
    pricing = by_type["pageview", ""]
    assert (pricing["path"], pricing["hostname"]) == ("/pricing", "shop.example")
    assert (pricing["actor"], pricing["user_id"]) == ("a:anon-1", "user-1")
    assert pricing["properties"] == {"name": "Pricing", "category": "Docs"}
    assert by_type["screen", "Home"]["properties"] == {"category": "Docs"}
    assert by_type["group", ""]["properties"] == {"name": "Acme", "groupId": "grp-9"}
    assert by_type["track", "Anon Event"]["actor"] == "a:anon-2"
    assert not any(row["is_bot"] for row in rows), "a library's own agent is no visitor's"


def test_the_browser_script_says_what_one_reads_in_it(collect: Any, product: Product):
    replay(collect, "web_segment")
    product.drain()
    page, identify, track = stored(product)

    assert (page["type"], page["path"]) == ("pageview", "/segment.html")
    assert (page["hostname"], page["title"]) == ("shop.example", "Shop segment")
    assert (page["utm_source"], page["utm_campaign"]) == ("newsletter", "spring")
    assert (page["language"].lower(), page["user_id"]) == ("en-us", "")
    assert page["properties"] == {"name": "Home"}
    assert page["at"] == int(datetime.fromisoformat("2026-11-24T00:12:22.653Z").timestamp() * 1000)
    assert (identify["type"], identify["user_id"]) == ("identify", "user-1")
    assert (track["name"], track["properties"]) == ("Order Completed", {"revenue": "12.5"})
    assert len({row["actor"] for row in (page, identify, track)}) == 1


def test_plausibles_script_says_what_one_reads_in_it(collect: Any, product: Product):
    answers = replay(collect, "web_plausible")
    assert {status for _, status, _ in answers} == {200}
    product.drain()
    rows = stored(product)

    assert Counter(row["type"] for row in rows) == {"pageview": 2, "track": 1, "engagement": 2}
    assert {row["path"] for row in rows} == {"/plausible.html", "/second"}
    assert {row["hostname"] for row in rows} == {"shop.example"}
    (signup,) = (row for row in rows if row["type"] == "track")
    assert signup["name"] == "Signup"
    assert signup["properties"] == {"plan": "pro", "revenue": "12.50", "currency": "EUR"}
    engaged = [row["properties"] for row in rows if row["type"] == "engagement"]
    assert sorted(engaged, key=lambda found: found["engaged_ms"]) == [
        {"engaged_ms": "4066", "scroll_depth": "100"},
        {"engaged_ms": "4802", "scroll_depth": "100"},
    ]
    assert all(row["actor"].startswith("c:") for row in rows)


def test_umamis_script_says_what_one_reads_in_it(collect: Any, product: Product):
    answers = replay(collect, "web_umami")
    assert [status for method, status, _ in answers if method == "POST"] == [200] * 7
    product.drain()
    rows = stored(product)

    assert Counter(row["type"] for row in rows) == {
        "pageview": 2, "track": 2, "identify": 1, "vitals": 2,
    }  # fmt: skip
    assert {row["screen_size"] for row in rows} == {"800x600"}
    named = {row["name"]: row for row in rows if row["type"] == "track"}
    assert named["Order Completed"]["properties"] == {"revenue": "12.5", "currency": "EUR"}
    assert named["Order Completed"]["user_id"] == ""
    assert named["Signup Click"]["user_id"] == "user-1"
    (identify,) = (row for row in rows if row["type"] == "identify")
    assert (identify["user_id"], identify["properties"]) == ("user-1", {"plan": "pro"})
    vitals = [row["properties"] for row in rows if row["type"] == "vitals"]
    assert {"ttfb", "fcp", "lcp", "duration"} in [set(found) for found in vitals]
    views = {row["path"]: row for row in rows if row["type"] == "pageview"}
    assert set(views) == {"/umami.html", "/second"}
    assert views["/umami.html"]["title"] == "Shop umami"
