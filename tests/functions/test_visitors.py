"""/visitors/{id} over HTTP: what is answered, and which id is meant."""

from typing import Any

import pytest

from tests.builders import API_KEY, Product, Send, at, doorway, http_event, pageview

NOW = at("2026-03-10T12:00:00")
ADMIN = {"authorization": f"Bearer {API_KEY}"}
ROUTES = [("DELETE", "/visitors/v1"), ("GET", "/visitors/v1/export")]


def test_a_visitor_is_shown_and_erased(send: Send, wired: Product):
    for path in ("/a", "/b"):
        send("POST", "/pageview", pageview("v1", path))
    send("POST", "/pageview", pageview("v2", "/c"))
    wired.drain()

    status, shown, _ = send("GET", "/visitors/v1/export", headers=ADMIN)
    assert (status, [event["path"] for event in shown["events"]]) == (200, ["/a", "/b"])
    status, answer, _ = send("DELETE", "/visitors/v1", headers=ADMIN)
    assert (status, answer["receipt"]["events"]) == (200, 2)
    status, answer, _ = send("DELETE", "/visitors/v1", headers=ADMIN)
    assert (status, answer["receipt"]["events"]) == (200, 0)
    status, shown, _ = send("GET", "/visitors/v1/export", headers=ADMIN)
    assert (status, shown["events"]) == (200, [])


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_an_empty_id_names_nobody_not_even_the_path(send: Send, method: str, path: str):
    status, body, _ = send(method, path, query={"id": ""}, headers=ADMIN)
    assert (status, body["code"]) == (422, "missing_id")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/visitors/v1", 405),
        ("POST", "/visitors/v1/export", 405),
        ("PUT", "/visitors", 404),
        ("POST", "/visitors/", 404),
        ("OPTIONS", "/visitors/v1", 204),
        ("OPTIONS", "/visitors/v1/export", 204),
        ("OPTIONS", "/visitors/", 404),
    ],
)
def test_other_methods_and_paths(send: Send, method: str, path: str, status: int):
    assert send(method, path, headers={"origin": "https://a.example"})[0] == status


def test_a_preflight_names_the_method(send: Send):
    headers = send("OPTIONS", "/visitors/v1", headers={"origin": "https://a.example"})[2]
    assert headers["access-control-allow-methods"] == "DELETE"


def from_gateway(method: str, route: str, path: str, visitor_id: str, **options: Any) -> Any:
    event = http_event(method, path, headers=ADMIN, **options)
    event |= {"routeKey": f"{method} {route}", "pathParameters": {"id": visitor_id}}
    return event


@pytest.mark.parametrize("way", ["path", "query"])
@pytest.mark.parametrize(
    "name", ["a b", "a/b", "a/export", "a?b#c", "50%25", "\U0001f4a5", "' or 1", "-", ".."]
)
def test_any_id_can_be_named(wired: Product, name: str, way: str):
    """The gateway decodes the path, so its parameters say what was one segment; a query parameter can say it, too."""
    wired.post("/pageview", pageview(name, "/a"), NOW)
    wired.post("/pageview", pageview("other", "/b"), NOW)
    wired.drain()
    event = (
        from_gateway("DELETE", "/visitors/{id}", f"/visitors/{name}", name)
        if way == "path"
        else from_gateway("DELETE", "/visitors/{id}", "/visitors/-", "-", query={"id": name})
    )
    answer = doorway("privacy").lambda_handler(event, None)
    assert answer["statusCode"] == 200
    assert '"events":1,' in answer["body"]


def test_halves_of_surrogate_pairs_are_read_as_they_were_stored(wired: Product):
    wired.post("/pageview", pageview("a\ufffd", "/a"), NOW)
    wired.drain()
    event = from_gateway("DELETE", "/visitors/{id}", "/visitors/x", "a\ud800")
    assert '"events":1,' in doorway("privacy").lambda_handler(event, None)["body"]


def test_the_daily_run_keeps_everything_where_nothing_else_is_set(wired: Product):
    answer = doorway("privacy").lambda_handler({"source": "aws.events"}, None)
    assert answer == {"sites": [{"site": "default", "before": None}], "deleted": {}}
