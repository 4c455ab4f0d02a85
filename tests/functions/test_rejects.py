"""Refused events over HTTP: kept without addresses, listed by reason, taken once more when the rule is mended."""

from typing import Any

import pytest

from tests.builders import API_KEY, WRITE_KEY, Product, Send, pageview, track

ADMIN = {"authorization": f"Bearer {API_KEY}"}
IP = "203.0.113.7"


def send_one(send: Send, body: dict[str, Any], path: str = "/pageview", **headers: str):
    return send("POST", path, body, headers={"x-write-key": WRITE_KEY, **headers})


def listed(send: Send, product: Product, **query: str) -> dict[str, dict[str, Any]]:
    product.drain()
    status, answer, _ = send("GET", "/rejects", query=query, headers=ADMIN)
    assert status == 200, answer
    return {row["code"]: row for row in answer["data"]}


def replay(send: Send, product: Product, **body: str) -> tuple[int, int]:
    status, answer, _ = send("POST", "/rejects/replay", body, headers=ADMIN)
    assert status == 200, answer
    assert answer["complete"]
    product.drain()
    return answer["accepted"], answer["rejected"]


def settings(send: Send, **changes: Any) -> None:
    assert send("PATCH", "/sites/default", {"settings": changes}, headers=ADMIN)[0] == 200


def views(send: Send) -> int:
    query = {"metrics": "pageviews", "period": "12mo"}
    return send("GET", "/metrics", query=query, headers=ADMIN)[1]["metrics"]["pageviews"]["value"]


def old(**more: Any) -> dict[str, Any]:
    from datetime import UTC, datetime, timedelta

    then = datetime.now(UTC) - timedelta(days=20)
    return pageview(timestamp=then.isoformat(), **more)


def test_a_refused_event_is_listed_and_taken_once_the_rule_is_mended(send: Send, product: Product):
    assert send_one(send, old(eventId="once"))[0] == 422
    row = listed(send, product)["too_old"]
    assert (row["count"], row["example"]["field"]) == (1, "timestamp")
    assert row["example"]["event"]["page"] == {"path": "/"}
    assert IP not in str(row)
    assert replay(send, product, code="too_old") == (0, 1)

    settings(send, back_dating_days=30)
    assert replay(send, product, code="no_actor") == (0, 0)
    assert replay(send, product, code="too_old") == (1, 0)
    assert views(send) == 1
    assert listed(send, product) == {}
    assert send_one(send, old(eventId="once"))[0] == 200
    product.drain()
    assert views(send) == 1


def test_the_good_of_a_batch_are_stored_and_the_refused_are_kept(send: Send, product: Product):
    batch = [pageview() | {"type": "pageview"}, {"type": "nothing"}, "no event", {"type": "track"}]
    status, answer, _ = send_one(send, {"batch": batch}, "/batch")
    assert (status, answer["accepted"]) == (200, 1)
    assert {code: row["count"] for code, row in listed(send, product).items()} == {
        "unknown_type": 1,
        "missing_field": 1,
    }
    assert views(send) == 1


def test_a_batch_of_which_nothing_was_taken_is_kept(send: Send, product: Product):
    assert send_one(send, {"batch": [{"type": "nothing"}] * 3}, "/batch")[0] == 400
    assert listed(send, product)["unknown_type"]["count"] == 3


def test_a_replayed_event_without_ids_has_the_visitor_it_had(send: Send, product: Product):
    agent = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
    seen = {"page": {"path": "/a"}}
    assert send_one(send, seen, **agent)[0] == 200
    refused = {"page": {"path": "/b"}, "event": {}}
    assert send_one(send, refused, "/track", **agent)[0] == 400
    product.drain()
    [[item]] = product.store._open().query("SELECT item FROM rejects").result_rows
    assert "missing" not in item
    # The rule is mended: names are not needed any more.
    product.store.execute(
        "INSERT INTO rejects SELECT * REPLACE "
        """('{"type":"pageview","page":{"path":"/b"}}' AS item, 'mended' AS code, """
        "reinterpretAsUUID(unhex('00000000000000000000000000000001')) AS reject_id) FROM rejects"
    )
    assert replay(send, product, code="mended") == (1, 0)
    query = {"metrics": "pageviews,visitors,sessions", "period": "today"}
    told = send("GET", "/metrics", query=query, headers=ADMIN)[1]["metrics"]
    assert [told[name]["value"] for name in ("pageviews", "visitors", "sessions")] == [2, 1, 1]


@pytest.mark.parametrize(
    ("changes", "headers", "context", "kept"),
    [
        ({}, {}, {}, "v1"),
        ({}, {}, {"consent": "withheld"}, None),
        ({}, {}, {"consent": "denied"}, ""),
        ({"consent": "required"}, {}, {}, ""),
        ({"consent": "required"}, {}, {"consent": "granted"}, "v1"),
        ({}, {"sec-gpc": "1"}, {}, ""),
        ({"privacy_signals": "discard"}, {"dnt": "1"}, {}, None),
        ({}, {"sec-purpose": "prefetch"}, {}, None),
    ],
)
def test_of_a_refused_event_is_kept_what_its_visitor_agreed_to(
    send: Send,
    product: Product,
    changes: dict[str, Any],
    headers: dict[str, str],
    context: dict[str, Any],
    kept: str | None,
):
    if changes:
        settings(send, **changes)
    agent = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
    send_one(send, old(context=context), **headers, **agent)
    rows = listed(send, product)
    if kept is None:
        assert rows == {}
    else:
        assert rows["too_old"]["example"]["event"].get("anonymousId", "") == kept


def test_what_is_blocked_is_not_kept(send: Send, product: Product):
    settings(send, blocked_paths=["/private*"], blocked_ips=[IP])
    assert send_one(send, pageview())[0] == 403
    settings(send, blocked_ips=[])
    assert send_one(send, pageview(path="/private/a"))[0] == 403
    assert listed(send, product) == {}


def test_tokens_addresses_and_denied_properties_are_not_kept(send: Send, product: Product):
    settings(send, denied_properties=["secret*"])
    body = {
        "anonymousId": "v1",
        "event": {"properties": {"secret_code": "s3cret", "link": "https://x.example/?t=t0ken"}},
        "context": {"ip": "198.51.100.9", "page": {"url": "https://x.example/?mail=m@il.example"}},
    }
    assert send_one(send, body, "/track")[0] == 400
    product.drain()
    [[kept]] = product.store._open().query("SELECT toString(tuple(*)) FROM rejects").result_rows
    for never in ("s3cret", "t0ken", "m@il", "198.51.100", IP, WRITE_KEY):
        assert never not in kept


def test_above_its_quota_a_site_answers_as_ever_and_keeps_what_comes(send: Send, product: Product):
    settings(send, daily_quota=3)
    for number in range(5):
        status, answer, _ = send_one(send, pageview(eventId=f"e{number}"))
        assert (status, answer["eventId"]) == (200, f"e{number}")
    batch = {"batch": [track(eventId=f"b{n}") | {"type": "track"} for n in range(2)]}
    assert send_one(send, batch, "/batch")[1]["accepted"] == 2
    assert listed(send, product)["over_quota"]["count"] == 4
    assert views(send) == 3
    assert replay(send, product, code="over_quota") == (4, 0)
    assert views(send) == 5


def test_imports_and_bots_are_counted_otherwise(send: Send, product: Product):
    settings(send, daily_quota=1)
    imported = {"batch": [pageview(f"i{n}") | {"type": "pageview"} for n in range(3)]}
    assert send("POST", "/import", imported, headers=ADMIN)[1]["accepted"] == 3
    bot = {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}
    for _ in range(2):
        assert send_one(send, pageview(), **bot)[0] == 200
    assert listed(send, product)["over_quota"]["count"] == 1


def test_rejects_are_an_administrators(send: Send):
    for method, path in (("GET", "/rejects"), ("POST", "/rejects/replay")):
        assert send(method, path)[0] == 401
        assert send(method, path, headers={"authorization": f"Bearer {WRITE_KEY}"})[0] == 403
        status, answer, _ = send(method, path, query={"site": "other"}, headers=ADMIN)
        assert (status, answer["code"]) == (403, "wrong_site")


def test_what_the_parameters_cannot_mean_is_refused(send: Send):
    for query, code in (
        ({"period": "sometime"}, "unknown_period"),
        ({"start": "2026-03-02", "end": "2026-03-01"}, "end_before_start"),
    ):
        status, answer, _ = send("GET", "/rejects", query=query, headers=ADMIN)
        assert (status, answer["code"]) == (422, code)
        assert send("POST", "/rejects/replay", query, headers=ADMIN)[1]["code"] == code
    status, answer, _ = send("POST", "/rejects/replay", {"code": 5}, headers=ADMIN)
    assert (status, answer["field"]) == (400, "code")


def test_rejects_are_shown_as_csv(send: Send, product: Product):
    send_one(send, old())
    product.drain()
    status, text, headers = send("GET", "/rejects", query={"format": "csv"}, headers=ADMIN)
    assert (status, headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert text.startswith("code,count,last,example\r\ntoo_old,1,")


def test_a_replayed_event_is_read_as_its_dialect_was(send: Send, product: Product):
    """Segment's identify needs a userId alone; ours needs both ids."""
    sent = {"userId": "u1", "messageId": "m1", "timestamp": old()["timestamp"]}
    assert send_one(send, sent, "/v1/identify")[0] == 422
    assert listed(send, product)["too_old"]["count"] == 1
    settings(send, back_dating_days=30)
    assert replay(send, product, code="too_old") == (1, 0)


def test_an_event_that_is_too_deep_is_refused_and_not_kept(send: Send, product: Product):
    deep: dict[str, Any] = {}
    for _ in range(400):
        deep = {"a": deep}
    body = {"anonymousId": "v1", "event": {"name": "x", "properties": deep}}
    assert send_one(send, body, "/track")[0] == 422
    assert send_one(send, {"anonymousId": "v1", "context": {"a": deep}}, "/track")[0] == 400


@pytest.mark.parametrize(
    ("change", "code"),
    [({"eventId": "L" * 150}, "too_long"), ({"eventId": {"a": 1}}, "invalid_field")],
)
def test_an_event_whose_id_is_refused_is_not_replayed_under_another(
    send: Send, product: Product, change: dict[str, Any], code: str
):
    for _ in range(3):
        send_one(send, pageview(**change))
    assert listed(send, product)[code]["count"] == 3
    assert replay(send, product) == (0, 3)
    assert views(send) == 0


def test_what_means_nothing_is_not_kept(send: Send, product: Product):
    addresses = {"ip": IP, "$ip": IP, "clientIp": IP, "X-Forwarded-For": f"{IP}, 10.0.0.1"}
    properties = {"remoteAddress": IP, "IP": [IP], "kept": "yes", "note": "mailto:a@b.example"}
    body = {
        "anonymousId": "v1",
        "event": {"properties": properties},
        "junk": {"email": "a@b.example"},
        "context": {"ips": [IP], "network": {"ip": IP}, "locale": "de"},
        **addresses,
    }
    assert send_one(send, body, "/track")[0] == 400
    example = listed(send, product)["missing_field"]["example"]["event"]
    assert example["event"]["properties"]["kept"] == "yes"
    assert example["context"] == {"locale": "de"}
    [[kept]] = product.store._open().query("SELECT toString(tuple(*)) FROM rejects").result_rows
    assert IP not in kept
    assert "b.example" not in kept


def test_events_of_a_wrong_origin_come_back_once_it_is_allowed(send: Send, product: Product):
    settings(send, allowed_origins=["right.example"])
    other = {"origin": "https://other.example"}
    batch = {"batch": [pageview(f"b{n}") | {"type": "pageview"} for n in range(2)]}
    assert send_one(send, pageview(), **other)[0] == 403
    assert send_one(send, batch, "/batch", **other)[0] == 403
    assert listed(send, product)["wrong_origin"]["count"] == 3
    assert replay(send, product) == (0, 3)
    settings(send, allowed_origins=["right.example", "other.example"])
    assert replay(send, product) == (3, 0)
    assert views(send) == 3


def test_a_replay_mends_the_clients_clock_as_the_batch_said(send: Send, product: Product):
    from datetime import UTC, datetime, timedelta

    sent_at = datetime.now(UTC) - timedelta(days=365)
    item = {"type": "pageview", "anonymousId": "v1", "page": {"path": "/"}, "eventId": ["no"]}
    then = (sent_at - timedelta(minutes=1)).isoformat()
    send_one(send, {"batch": [item | {"timestamp": then}], "sentAt": sent_at.isoformat()}, "/batch")
    product.drain()
    product.store.execute(
        "INSERT INTO rejects SELECT * REPLACE (replaceAll(item, '[\"no\"]', '\"yes\"') AS item, "
        "'mended' AS code, generateUUIDv4() AS reject_id) FROM rejects"
    )
    assert replay(send, product, code="mended") == (1, 0)
    [[at]] = product.store._open().query("SELECT max(ts) FROM events").result_rows
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=5)


@pytest.mark.parametrize("sent_at", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
def test_what_was_sent_at_the_end_of_time_is_refused_and_kept_like_any_other(
    send: Send, product: Product, sent_at: str
):
    body = {"batch": [pageview(timestamp="yesterday")], "sentAt": sent_at}
    assert send_one(send, body, "/batch")[0] == 400
    assert listed(send, product)["invalid_timestamp"]["example"]["event"]["sentAt"] == sent_at
