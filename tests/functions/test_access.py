"""What a key may do: GET /access tells, and an administrator's routes take nobody else's key and no other site."""

from dataclasses import replace
from typing import Any

import pytest

from footfall import wiring
from tests.builders import API_KEY, WRITE_KEY, Send

ADMIN = {"authorization": f"Bearer {API_KEY}"}
ROUTES = [
    ("DELETE", "/visitors/v1"),
    ("GET", "/visitors/v1/export"),
    ("POST", "/rollup"),
    ("GET", "/doctor"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "no_key"),
        ({"authorization": "Bearer nobody"}, 401, "wrong_key"),
        ({"authorization": f"Bearer {WRITE_KEY}"}, 403, "wrong_scope"),
    ],
)
def test_only_an_administrator_may(
    send: Send, method: str, path: str, headers: dict[str, str], status: int, code: str
):
    answer = send(method, path, headers=headers)
    assert (answer[0], answer[1]["code"]) == (status, code)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_key_that_only_reads_may_not(send: Send, method: str, path: str):
    key = send("POST", "/sites/default/keys", {"scope": "read"}, headers=ADMIN)[1]["key"]
    answer = send(method, path, headers={"authorization": f"Bearer {key}"})
    assert (answer[0], answer[1]["code"]) == (403, "wrong_scope")


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_another_site_is_refused(send: Send, method: str, path: str):
    answer = send(method, path, headers=ADMIN, query={"site": "other"})
    assert (answer[0], answer[1]["code"]) == (403, "wrong_site")


def test_a_key_tells_what_it_may_do_and_of_which_sites(send: Send):
    send(
        "POST", "/sites", {"name": "Shop", "id": "shop", "domains": ["shop.example"]}, headers=ADMIN
    )
    shop = {
        "id": "shop",
        "name": "Shop",
        "domains": ["shop.example"],
        "timezone": "UTC",
        "is_default": False,
    }

    def told(site_id: str, scope: str) -> Any:
        key = send("POST", f"/sites/{site_id}/keys", {"scope": scope}, headers=ADMIN)[1]["key"]
        status, answer, _ = send("GET", "/access", headers={"authorization": f"Bearer {key}"})
        return (
            status,
            answer.get("scope") or answer["code"],
            [site["id"] for site in answer.get("sites", [])],
        )

    assert told("shop", "read") == (200, "read", ["shop"])
    assert told("shop", "admin") == (200, "admin", ["shop"])
    assert told("*", "read") == (200, "read", ["default", "shop"])
    assert told("shop", "server") == (403, "wrong_scope", [])
    sites = {site["id"]: site for site in send("GET", "/access", headers=ADMIN)[1]["sites"]}
    assert sites["shop"] == shop
    assert sites["default"]["is_default"]
    assert send("GET", "/access")[0] == 401


def test_a_page_learns_below_which_path_the_tracker_is(send: Send, monkeypatch: pytest.MonkeyPatch):
    assert send("GET", "/access", headers=ADMIN)[1]["path"] == ""
    told = replace(wiring.settings(), path_prefix="a1b2c3")
    monkeypatch.setattr(wiring, "settings", lambda: told)
    assert send("GET", "/access", headers=ADMIN)[1]["path"] == "/a1b2c3"
