"""`footfall sites` and `footfall keys`, as a person runs them."""

import json
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.http_server import Server

SITE: dict[str, Any] = {
    "id": "shop",
    "name": "Shop",
    "domains": ["shop.example", "b.example"],
    "timezone": "Asia/Tokyo",
    "settings": {"consent": "required", "daily_quota": 0, "blocked_ips": ["203.0.113.0/24"]},
    "is_default": False,
    "created_at": "2026-03-10T12:00:00.000+00:00",
    "updated_at": "2026-03-10T12:00:00.000+00:00",
}
DEFAULT = SITE | {"id": "default", "is_default": True}
SECRET = {
    "id": "0123", "scope": "server", "name": "till", "hint": "7f3c", "created_at": "2026-03-10",
    "revoked_at": None,
}  # fmt: skip
PUBLIC = SECRET | {
    "id": "4567",
    "scope": "write",
    "key": "ffw_shop_0123",
    "revoked_at": "2026-03-11",
}


def sent(server: Server) -> list[tuple[str, str, Any]]:
    return [(request.method, request.path, request.body) for request in server.received]


def test_sites_are_listed_and_shown(run: Run, server: Server):
    server.replies["/sites"] = [(200, {"sites": [SITE]})]
    server.replies["/sites/shop"] = [(200, {"site": SITE})]
    assert "shop\tShop\tshop.example, b.example\tAsia/Tokyo\n" in run("sites", "list").out
    shown = run("sites", "show", "shop").out
    assert "consent\trequired\n" in shown
    assert "blocked_ips\t203.0.113.0/24\n" in shown


def test_a_site_is_made_and_its_keys_are_shown(run: Run, server: Server):
    made = {"site": SITE, "write_key": "ffw_shop_1", "api_key": "ffa_shop_2"}
    server.replies["/sites"] = [(200, made), (200, made)]
    options = ["--id", "shop", "--domain", "shop.example", "--domain", "b.example"]
    options += ["--timezone", "Asia/Tokyo", "--set", "consent=required", "--set", "daily_quota=100"]
    done = run("sites", "add", "Shop", *options)
    assert (done.code, done.err) == (0, "")
    assert "write key\tffw_shop_1\n" in done.out
    assert "API key (shown this once)\tffa_shop_2\n" in done.out
    assert json.loads(run("sites", "add", "Shop", "--json").out) == made
    assert sent(server) == [
        (
            "POST",
            "/sites",
            {
                "id": "shop",
                "name": "Shop",
                "domains": ["shop.example", "b.example"],
                "timezone": "Asia/Tokyo",
                "settings": {"consent": "required", "daily_quota": 100},
            },
        ),
        ("POST", "/sites", {"name": "Shop"}),
    ]


@pytest.mark.parametrize(
    ("options", "body"),
    [
        (["--name", "Better"], {"name": "Better"}),
        (["--domain", ""], {"domains": []}),
        (["--timezone", "UTC"], {"timezone": "UTC"}),
        (["--set", "consent="], {"settings": {"consent": None}}),
        (["--set", "blocked_ips=1.2.3.4, ::1"], {"settings": {"blocked_ips": ["1.2.3.4", "::1"]}}),
        (["--set", "retention_days=90"], {"settings": {"retention_days": 90}}),
    ],
)
def test_only_what_is_named_is_changed(
    run: Run, server: Server, options: list[str], body: dict[str, Any]
):
    server.replies["/sites/shop"] = [(200, {"site": SITE})]
    assert run("sites", "set", "shop", *options).code == 0
    assert sent(server) == [("PATCH", "/sites/shop", body)]


def test_a_change_of_nothing_is_a_mistake(run: Run, server: Server):
    assert run("sites", "set", "shop").code == 2
    assert run("sites", "set", "shop", "--set", "consent").code == 2
    assert server.received == []


def test_what_the_server_refuses_is_said_with_what_it_allows(run: Run, server: Server):
    refusal = {"code": "invalid_settings", "message": "No such setting.", "allowed": ["consent"]}
    server.replies["/sites/shop"] = [(422, refusal)]
    done = run("sites", "set", "shop", "--set", "consnt=required")
    assert (done.code, done.out) == (2, "")
    assert "No such setting. Allowed: consent." in done.err


def test_a_site_is_removed_only_by_somebody_who_is_sure(run: Run, server: Server):
    server.replies["/sites/shop"] = [(200, {"deleted": "shop", "message": "Gone."})]
    refused = run("sites", "remove", "shop")
    assert (refused.code, server.received) == (2, [])
    assert run("sites", "remove", "shop", "--yes").out.endswith("shop\tGone.\n")
    assert sent(server) == [("DELETE", "/sites/shop", None)]


def test_keys_are_listed_public_ones_whole(run: Run, server: Server):
    server.replies["/sites/shop/keys"] = [(200, {"keys": [SECRET, PUBLIC]})]
    out = run("keys", "list", "--site", "shop").out
    assert "0123\tserver\ttill\t…7f3c\t2026-03-10\t\n" in out
    assert "4567\twrite\ttill\tffw_shop_0123\t2026-03-10\t2026-03-11\n" in out


def test_a_new_key_is_printed_alone(run: Run, server: Server):
    answer = {"id": "0123", "scope": "server", "key": "ffs_shop_1"}
    server.replies["/sites/shop/keys"] = [(200, answer)]
    server.replies["/sites/*/keys"] = [(200, answer)]
    assert run("keys", "add", "server", "--name", "till", "--site", "shop").out == "ffs_shop_1\n"
    assert json.loads(run("keys", "add", "admin", "--all-sites", "--json").out) == answer
    assert sent(server) == [
        ("POST", "/sites/shop/keys", {"scope": "server", "name": "till"}),
        ("POST", "/sites/*/keys", {"scope": "admin", "name": ""}),
    ]


def test_without_a_site_it_is_the_only_or_the_default_one(run: Run, server: Server):
    server.replies["/sites"] = [(200, {"sites": [SITE]}), (200, {"sites": [SITE, DEFAULT]})]
    server.replies["/sites/shop/keys"] = [(200, {"keys": []})]
    server.replies["/sites/default/keys"] = [(200, {"keys": []})]
    assert run("keys", "list").code == 0
    assert run("keys", "list").code == 0
    assert [path for _, path, _ in sent(server)][1::2] == [
        "/sites/shop/keys",
        "/sites/default/keys",
    ]


def test_a_key_is_revoked(run: Run, server: Server):
    path = "/sites/shop/keys/0123"
    server.replies[path] = [
        (200, {"key": SECRET | {"revoked_at": "2026-03-12"}}),
        (404, {"code": "unknown_key_id", "message": "The site has no key of this id."}),
    ]
    assert "0123\tserver\ttill\t2026-03-12\n" in run("keys", "revoke", "0123", "--site", "shop").out
    again = run("keys", "revoke", "0123", "--site", "shop")
    assert (again.code, "has no key" in again.err) == (2, True)


def test_a_key_that_may_not_is_named_without_being_told(run: Run, server: Server):
    server.replies["/sites"] = [(403, {"code": "wrong_scope", "message": "Not this one."})]
    done = run("sites", "list")
    assert done.code == 2
    assert "…7f3c" in done.err


REJECT = {
    "code": "too_old",
    "count": 3,
    "last": "2026-03-10T12:00:00.000+00:00",
    "example": {"message": "Too old.", "field": "timestamp", "event": {"type": "pageview"}},
}


def test_rejects_are_listed_with_an_example(run: Run, server: Server):
    server.replies["/rejects"] = [(200, {"data": [REJECT], "meta": {}})]
    out = run("rejects", "list", "--period", "7d", "--code", "too_old", "--site", "shop").out
    assert 'too_old\t3\t2026-03-10T12:00:00.000+00:00\tToo old.\t{"type": "pageview"}\n' in out
    assert server.received[0].query == {"site": "shop", "period": "7d", "code": "too_old"}


def test_a_replay_goes_on_until_it_is_complete(run: Run, server: Server):
    part = {"accepted": 500, "rejected": 2, "complete": False, "meta": {}}
    rest = part | {"accepted": 7, "complete": True}
    server.replies["/rejects/replay"] = [(200, part), (200, rest)]
    done = run("rejects", "replay", "--code", "over_quota")
    assert "507\t2\n" in done.out
    assert len(server.received) == 2
