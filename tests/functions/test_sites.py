"""/sites and keys over HTTP: made, shown, changed, revoked, deleted, and by whom."""

import json
from dataclasses import replace
from typing import Any

import pytest

from footfall import wiring
from footfall.collect.rate import RateLimit
from tests.builders import API_KEY, WRITE_KEY, Product, Send, doorway, pageview

ADMIN = {"authorization": f"Bearer {API_KEY}"}
SETTINGS = {
    "back_dating_days": 30,
    "retention_days": 90,
    "allowed_origins": ["https://www.Shop.example:8443", "*.shop.example"],
    "blocked_ips": ["203.0.113.9/24", "2001:db8::1"],
    "blocked_paths": ["/admin*"],
    "consent": "required",
    "privacy_signals": "discard",
    "allowed_query": ["id"],
    "denied_properties": ["email*"],
    "daily_quota": 1_000,
}
STORED = SETTINGS | {
    "allowed_origins": ["shop.example", "*.shop.example"],
    "blocked_ips": ["203.0.113.0/24", "2001:db8::1/128"],
}


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def make(send: Send, **body: Any) -> dict[str, Any]:
    """A new site; its id is `site` of the answer's site."""
    status, answer, _ = send("POST", "/sites", {"name": "Shop"} | body, headers=ADMIN)
    assert status == 200, answer
    return answer


def refused(answer: tuple[int, Any, Any]) -> tuple[int, str, str | None]:
    return answer[0], answer[1]["code"], answer[1].get("field")


def test_a_site_is_made_shown_changed_and_deleted(send: Send):
    made = make(
        send,
        domains=["https://www.Shop.example:443/x", "Müller.example"],
        timezone="Asia/Tokyo",
        settings=SETTINGS,
    )
    site = made["site"]
    assert (site["id"], site["name"], site["timezone"]) == ("shop", "Shop", "Asia/Tokyo")
    assert site["domains"] == ["shop.example", "xn--mller-kva.example"]
    assert site["settings"] == STORED
    assert not site["is_default"]
    assert made["write_key"].startswith("ffw_shop_")
    assert made["api_key"].startswith("ffa_shop_")
    assert send("GET", "/sites/shop", headers=ADMIN)[1] == {"site": site}
    assert [s["id"] for s in send("GET", "/sites", headers=ADMIN)[1]["sites"]] == [
        "default",
        "shop",
    ]

    change = {"name": "Better", "settings": {"daily_quota": None, "consent": "optional"}}
    status, answer, _ = send("PATCH", "/sites/shop", change, headers=ADMIN)
    assert status == 200
    assert answer["site"]["name"] == "Better"
    assert answer["site"]["settings"] == STORED | {"daily_quota": 0, "consent": "optional"}
    assert answer["site"]["domains"] == site["domains"]

    assert send("DELETE", "/sites/shop", headers=ADMIN)[0] == 200
    assert refused(send("GET", "/sites/shop", headers=ADMIN)) == (403, "wrong_site", "id")
    assert [s["id"] for s in send("GET", "/sites", headers=ADMIN)[1]["sites"]] == ["default"]
    again = send("POST", "/sites", {"name": "Shop", "id": "shop"}, headers=ADMIN)
    assert refused(again) == (422, "site_exists", "id")


def test_ids_are_made_of_names_and_never_given_twice(send: Send):
    names = ["Äpfel & Birnen!", "apfel birnen", "!!!", "x" * 60, "x" * 60]
    ids = [make(send, name=name)["site"]["id"] for name in names]
    assert ids == ["apfel-birnen", "apfel-birnen-2", "site", "x" * 32, "x" * 30 + "-2"]


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "invalid_field", "name"),
        ({"name": " "}, "invalid_field", "name"),
        ({"name": "n" * 201}, "invalid_field", "name"),
        ({"name": "n", "id": "Shop"}, "invalid_field", "id"),
        ({"name": "n", "id": "a_b"}, "invalid_field", "id"),
        ({"name": "n", "id": ""}, "invalid_field", "id"),
        ({"name": "n", "id": "default"}, "site_exists", "id"),
        ({"name": "n", "zone": "UTC"}, "invalid_field", "zone"),
        ({"name": "n", "timezone": "Mars/Base"}, "unknown_timezone", "timezone"),
        ({"name": "n", "timezone": "../UTC"}, "unknown_timezone", "timezone"),
        ({"name": "n", "domains": "shop.example"}, "invalid_field", "domains"),
        ({"name": "n", "domains": ["a b"]}, "invalid_field", "domains"),
        ({"name": "n", "domains": [""]}, "invalid_field", "domains"),
        ({"name": "n", "domains": ["taken.example"]}, "domain_taken", "domains"),
        ({"name": "n", "settings": []}, "invalid_field", "settings"),
        ({"name": "n", "settings": {"x": 1}}, "invalid_settings", "settings.x"),
        ({"name": "n", "settings": {"retention_days": 7}}, "invalid_settings", "settings.retention_days"),
        ({"name": "n", "settings": {"back_dating_days": 0}}, "invalid_settings", "settings.back_dating_days"),
        ({"name": "n", "settings": {"daily_quota": True}}, "invalid_settings", "settings.daily_quota"),
        ({"name": "n", "settings": {"consent": "maybe"}}, "invalid_settings", "settings.consent"),
        ({"name": "n", "settings": {"consent": ["required"]}}, "invalid_settings", "settings.consent"),
        ({"name": "n", "settings": {"blocked_ips": ["x"]}}, "invalid_settings", "settings.blocked_ips"),
        ({"name": "n", "settings": {"allowed_query": [1]}}, "invalid_settings", "settings.allowed_query"),
    ],
)  # fmt: skip
def test_what_is_not_possible_is_refused_by_name(send: Send, body: Any, code: str, field: str):
    make(send, name="other", domains=["taken.example"])
    assert refused(send("POST", "/sites", body, headers=ADMIN)) == (422, code, field)
    assert len(send("GET", "/sites", headers=ADMIN)[1]["sites"]) == 2


def test_an_unknown_setting_is_answered_with_those_there_are(send: Send):
    answer = send("PATCH", "/sites/default", {"settings": {"quota": 1}}, headers=ADMIN)[1]
    assert "daily_quota" in answer["allowed"]


def test_the_default_site_can_be_changed_and_not_deleted(send: Send, wired: Product):
    change = {"timezone": "Asia/Tokyo", "settings": {"consent": "required"}}
    assert send("PATCH", "/sites/default", change, headers=ADMIN)[0] == 200
    assert wired.registry.site("default").timezone == "Asia/Tokyo"
    assert send("GET", "/metrics", headers=ADMIN)[1]["meta"]["timezone"] == "Asia/Tokyo"
    assert refused(send("DELETE", "/sites/default", headers=ADMIN))[:2] == (422, "default_site")


def test_a_key_is_shown_once_and_public_ones_always(send: Send):
    made = make(send)
    keys = {
        scope: send("POST", "/sites/shop/keys", {"scope": scope, "name": "n"}, headers=ADMIN)[1]
        for scope in ("write", "server", "read", "admin")
    }
    assert {scope: key["key"][:9] for scope, key in keys.items()} == {
        "write": "ffw_shop_", "server": "ffs_shop_", "read": "ffa_shop_", "admin": "ffa_shop_",
    }  # fmt: skip

    listed = send("GET", "/sites/shop/keys", headers=ADMIN)[1]["keys"]

    assert len(listed) == 6
    for scope, key in keys.items():
        (shown,) = (entry for entry in listed if entry["id"] == key["id"])
        assert (shown["scope"], shown["name"], shown["hint"]) == (scope, "n", key["key"][-4:])
        assert shown.get("key") == (key["key"] if scope == "write" else None)
    assert made["api_key"] not in json.dumps(listed)


def test_a_revoked_key_stops_at_once(send: Send):
    made = make(send)
    body = pageview()
    keys = send("GET", "/sites/shop/keys", headers=bearer(made["api_key"]))[1]["keys"]
    ids = {key["scope"]: key["id"] for key in keys}
    assert send("POST", "/pageview", body, headers=bearer(made["write_key"]))[0] == 200

    for scope in ("write", "admin"):
        status, answer, _ = send("DELETE", f"/sites/shop/keys/{ids[scope]}", headers=ADMIN)
        assert (status, bool(answer["key"]["revoked_at"])) == (200, True)

    for method, path, key in (
        ("POST", "/pageview", made["write_key"]),
        ("POST", "/import", made["api_key"]),
        ("GET", "/metrics", made["api_key"]),
        ("GET", "/realtime", made["api_key"]),
        ("GET", "/sites", made["api_key"]),
    ):
        sent = body if path == "/pageview" else {"batch": [body]} if method == "POST" else None
        answer = send(method, path, sent, headers=bearer(key))
        assert refused(answer)[:2] == (401, "wrong_key"), path


def test_of_a_deleted_site_every_key_stops_and_the_daily_run_removes_the_data(
    send: Send, wired: Product
):
    made = make(send)
    send("POST", "/pageview", pageview(), headers=bearer(made["write_key"]))
    send("POST", "/pageview", pageview(), headers=bearer(WRITE_KEY))
    wired.drain()
    wired.roll_up()

    send("DELETE", "/sites/shop", headers=ADMIN)
    assert send("POST", "/pageview", pageview(), headers=bearer(made["write_key"]))[0] == 401
    assert send("GET", "/metrics", headers=bearer(made["api_key"]))[0] == 401
    assert send("GET", "/metrics", headers=ADMIN, query={"site": "shop"})[0] == 403

    told = doorway("privacy").lambda_handler({"source": "aws.events"}, None)
    assert told["deleted"]["shop"] > 0
    assert doorway("privacy").lambda_handler({"source": "aws.events"}, None)["deleted"] == {}
    assert send("GET", "/metrics", headers=ADMIN)[1]["metrics"]["pageviews"]["value"] == 1


def test_everything_that_holds_rows_of_a_site_is_removed_with_it(wired: Product):
    from footfall.privacy.retention import TABLES

    columns = wired.store._open().query(
        "SELECT table FROM system.columns WHERE database = currentDatabase() AND name = 'site_id'"
    )
    assert {table for (table,) in columns.result_rows} - {"sites", "keys"} == set(TABLES)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/sites", None),
        ("POST", "/sites", {"name": "n"}),
        ("GET", "/sites/default", None),
        ("PATCH", "/sites/default", {"name": "n"}),
        ("DELETE", "/sites/default", None),
        ("GET", "/sites/default/keys", None),
        ("POST", "/sites/default/keys", {"scope": "read"}),
        ("DELETE", "/sites/default/keys/x", None),
    ],
)
def test_only_an_administrator_may(send: Send, method: str, path: str, body: Any):
    read = send("POST", "/sites/default/keys", {"scope": "read"}, headers=ADMIN)[1]["key"]
    server = send("POST", "/sites/default/keys", {"scope": "server"}, headers=ADMIN)[1]["key"]
    for headers, status, code in (
        ({}, 401, "no_key"),
        (bearer("nobody"), 401, "wrong_key"),
        (bearer(WRITE_KEY), 403, "wrong_scope"),
        (bearer(server), 403, "wrong_scope"),
        (bearer(read), 403, "wrong_scope"),
    ):
        assert refused(send(method, path, body, headers=headers))[:2] == (status, code)


def test_a_key_of_one_site_learns_nothing_of_others(send: Send):
    own = bearer(make(send, id="own", name="Own")["api_key"])
    make(send, id="other", name="Other")

    assert [site["id"] for site in send("GET", "/sites", headers=own)[1]["sites"]] == ["own"]
    assert send("PATCH", "/sites/own", {"name": "Mine"}, headers=own)[1]["site"]["name"] == "Mine"
    assert send("POST", "/sites/own/keys", {"scope": "read"}, headers=own)[0] == 200
    for there in ("other", "default", "nowhere", "*"):
        for method, path, body in (
            ("GET", f"/sites/{there}", None),
            ("PATCH", f"/sites/{there}", {"name": "n"}),
            ("DELETE", f"/sites/{there}", None),
            ("GET", f"/sites/{there}/keys", None),
            ("POST", f"/sites/{there}/keys", {"scope": "read"}),
            ("DELETE", f"/sites/{there}/keys/x", None),
        ):
            answer = send(method, path, body, headers=own)
            assert refused(answer) == (403, "wrong_site", "id"), (method, path)
    assert refused(send("POST", "/sites", {"name": "n"}, headers=own))[:2] == (403, "wrong_scope")
    assert refused(send("DELETE", "/sites/own", headers=own))[:2] == (403, "wrong_scope")


def test_keys_of_all_sites_are_made_under_a_star(send: Send):
    make(send)
    made = send("POST", "/sites/*/keys", {"scope": "read"}, headers=ADMIN)[1]
    for site in ("default", "shop"):
        answer = send("GET", "/metrics", headers=bearer(made["key"]), query={"site": site})
        assert (answer[0], answer[1]["meta"]["site"]) == (200, site)
    listed = send("GET", "/sites/*/keys", headers=ADMIN)[1]["keys"]
    assert [key["name"] for key in listed] == ["API_KEY_SHA256", ""]
    sending = send("POST", "/sites/*/keys", {"scope": "write"}, headers=ADMIN)
    assert refused(sending) == (422, "invalid_field", "scope")
    own = send("DELETE", f"/sites/*/keys/{listed[0]['id']}", headers=ADMIN)
    assert refused(own)[:2] == (422, "default_key")
    assert send("DELETE", f"/sites/*/keys/{made['id']}", headers=ADMIN)[0] == 200
    assert send("GET", "/metrics", headers=bearer(made["key"]))[0] == 401


def test_a_key_that_the_site_has_not_is_not_found(send: Send):
    make(send)
    (key, *_) = send("GET", "/sites/default/keys", headers=ADMIN)[1]["keys"]
    answer = send("DELETE", f"/sites/shop/keys/{key['id']}", headers=ADMIN)
    assert refused(answer)[:2] == (404, "unknown_key_id")


def test_every_reading_route_answers_about_the_site_that_is_asked_for(send: Send, wired: Product):
    made = make(send, timezone="Asia/Tokyo")
    for key, count in ((made["write_key"], 2), (WRITE_KEY, 1)):
        for _ in range(count):
            send("POST", "/pageview", pageview(), headers=bearer(key))
    wired.drain()
    asked = {"metrics": ["pageviews"], "date_range": "7d"}

    def answers(key: str, site: str | None) -> list[Any]:
        query = {"site": site} if site else {}
        headers = bearer(key)
        return [
            send("GET", "/metrics", headers=headers, query=query)[1]["metrics"]["pageviews"][
                "value"
            ],
            send("GET", "/realtime", headers=headers, query=query)[1]["pageviewsLast5Min"],
            send("POST", "/query", asked | query, headers=headers)[1]["results"][0]["metrics"][0],
            send("POST", "/query", asked, headers=headers, query=query)[1]["results"][0]["metrics"][
                0
            ],
            send("GET", "/doctor", headers=headers, query=query)[1]["site"],
            send("POST", "/rollup", headers=headers, query=query)[1]["site"],
        ]

    assert answers(API_KEY, None) == [1, 1, 1, 1, "default", "default"]
    assert answers(API_KEY, "shop") == [2, 2, 2, 2, "shop", "shop"]
    assert answers(made["api_key"], None) == [2, 2, 2, 2, "shop", "shop"]
    assert answers(made["api_key"], "shop") == [2, 2, 2, 2, "shop", "shop"]
    several = [asked | {"site": "shop"}, asked, asked | {"site": "nowhere"}, asked | {"site": 5}]
    told = send("POST", "/query", several, headers=ADMIN)[1]
    assert [row["results"][0]["metrics"] for row in told[:2]] == [[2], [1]]
    assert [row["error"]["code"] for row in told[2:]] == ["wrong_site", "wrong_site"]


def test_an_import_puts_events_into_several_sites(send: Send, wired: Product):
    made = make(send)
    old = {"timestamp": "2026-03-02T10:00:00Z"}
    batch = [pageview(**old), pageview(site="shop", **old), pageview(site="nowhere", **old)]

    status, answer, _ = send("POST", "/import", {"batch": batch}, headers=ADMIN)
    assert (status, answer["accepted"]) == (200, 2)
    assert [(row["index"], row["code"]) for row in answer["rejected"]] == [(2, "wrong_site")]
    own = send("POST", "/import", {"batch": batch}, headers=bearer(made["api_key"]))[1]
    assert [row["index"] for row in own["rejected"]] == [2]
    send("POST", "/import", {"batch": [pageview(**old)]}, headers=ADMIN, query={"site": "shop"})
    wired.drain()

    asked = {"period": "2026-03"}
    for site, count in (("default", 1), ("shop", 4)):
        answer = send("GET", "/metrics", headers=ADMIN, query=asked | {"site": site})[1]
        assert answer["metrics"]["pageviews"]["value"] == count, site


def test_who_is_over_the_limit_of_requests_is_told_when_to_come_again(send: Send, wired: Product):
    rate = RateLimit(1)
    wired._collector = replace(wired.collector, rate=rate, monotonic=lambda: 7.0)
    headers = bearer(WRITE_KEY) | {"origin": "https://a.example"}
    assert send("POST", "/pageview", pageview(), headers=headers)[0] == 200

    status, answer, told = send("POST", "/pageview", pageview(), headers=headers)

    assert (status, answer["code"]) == (429, "too_many_requests")
    assert (told["retry-after"], told["x-ratelimit-reset"]) == ("1", "1")
    assert "x-ratelimit-reset" in told["access-control-expose-headers"]
    assert send("POST", "/import", {"batch": [pageview()]}, headers=ADMIN)[0] == 200


def test_the_schedule_fills_counters_that_were_emptied(send: Send, wired: Product):
    make(send)
    wired.counters._valkey.ask([("FLUSHALL",)])

    assert doorway("admin").lambda_handler({"source": "aws.events"}, None) == {"sites": 1}

    assert wired.counters.texts(["footfall:{registry}:index"]) != [None]
    assert wiring.registry() is wired.registry


def test_a_key_of_one_site_claims_no_domain_around_anothers(send: Send):
    make(send, name="Beta", domains=["beta.example"])
    alpha = make(send, name="Alpha", domains=["alpha.example"])
    own = bearer(alpha["api_key"])
    for host in ("beta.example", "pay.beta.example", "com", "example"):
        answer = send("PATCH", "/sites/alpha", {"domains": [host]}, headers=own)
        assert (answer[0], answer[1]["field"]) == (422, "domains"), host
    assert send("PATCH", "/sites/alpha", {"domains": ["new.example"]}, headers=own)[0] == 200
    below = {"domains": ["new.example", "pay.beta.example"]}
    assert send("PATCH", "/sites/alpha", below, headers=ADMIN)[0] == 200
    assert send("PATCH", "/sites/alpha", below, headers=own)[0] == 200


def test_a_request_without_a_key_is_of_one_site(send: Send, wired: Product):
    make(send, name="Beta", domains=["beta.example"])
    make(send, name="Alpha", domains=["alpha.example"])
    item = pageview() | {"type": "pageview"}
    pages = [
        {"url": f"https://{host}/a"} for host in ("beta.example", "www.alpha.example", "x.example")
    ]
    batch = {"batch": [item | {"page": page} for page in pages]}
    status, answer, _ = send("POST", "/batch", batch)
    assert (status, answer["accepted"]) == (200, 2)
    assert [(r["index"], r["code"]) for r in answer["rejected"]] == [(1, "wrong_site")]


def test_a_body_with_another_sites_key_is_refused_on_every_route(send: Send):
    made = make(send, name="Beta")
    for path, body in (
        ("/pageview", pageview() | {"writeKey": made["write_key"]}),
        ("/batch", {"batch": [pageview() | {"type": "pageview", "writeKey": made["write_key"]}]}),
    ):
        status, answer, _ = send("POST", path, body, headers={"x-write-key": WRITE_KEY})
        code = answer["rejected"][0]["code"] if "rejected" in answer else answer["code"]
        assert (status, code) in ((401, "wrong_key"), (400, "wrong_key"))
