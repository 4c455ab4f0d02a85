"""Routes that are an administrator's: nobody else's key will do, and no other site's."""

import pytest

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
