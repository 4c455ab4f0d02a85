"""Plausible's messages as events of ours."""

from typing import Any

import pytest

from footfall.collect.dialects import plausible
from footfall.collect.dialects.translation import Call, Translation
from footfall.errors import BadRequest, Unprocessable

PAGE = {"n": "pageview", "u": "https://shop.example/a?utm_source=x", "d": "shop.example"}


def spoken(body: Any, **headers: str) -> list[Translation]:
    """What a message becomes."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return plausible.translate(Call(read=lambda: body, headers=headers, ip="192.0.2.1"))


def item(**changes: Any) -> dict[str, Any]:
    """The event of a message that differs from a pageview."""
    return spoken(PAGE | changes)[0].body


def test_long_and_short_keys_are_the_same():
    long = {
        "name": "pageview",
        "url": PAGE["u"],
        "domain": "shop.example",
        "referrer": "https://b.example/",
    }
    assert spoken(long) == spoken(PAGE | {"r": "https://b.example/"})
    assert item()["page"] == {"url": PAGE["u"]}
    for name in ("p", "props", "m", "meta"):
        assert item(**{name: {"plan": "pro"}})["properties"] == {"plan": "pro"}
        assert item(**{name: '{"plan": "pro"}'})["properties"] == {"plan": "pro"}


def test_any_other_name_is_a_track_and_numbers_are_names():
    assert item(n="Signup", p={"plan": "pro"})["event"] == {
        "name": "Signup",
        "properties": {"plan": "pro"},
    }
    assert item(n=404)["event"]["name"] == "404"


def test_revenue_is_two_properties():
    assert item(n="Buy", **{"$": {"amount": "12.50", "currency": "EUR"}})["event"]["properties"] == {
        "revenue": "12.50", "currency": "EUR",
    }  # fmt: skip
    assert item(n="Buy", revenue='{"amount": 3}')["event"]["properties"] == {"revenue": 3}


def test_engagement_is_kept_as_what_it_is():
    assert item(n="engagement", sd=55, e=4_000) == {
        "type": "engagement",
        "properties": {"engaged_ms": 4_000, "scroll_depth": 55},
        "page": {"url": PAGE["u"]},
        "context": {},
    }
    assert item(n="engagement", sd=255, e=1)["properties"] == {"engaged_ms": 1}
    assert item(n="engagement", sd=0)["properties"] == {"scroll_depth": 0}
    with pytest.raises(BadRequest):
        item(n="engagement", sd=255, e=-1)


def test_each_domain_gets_the_event_once():
    assert [made.named for made in spoken(PAGE | {"d": "a, b,,a"})] == ["a", "b"]
    assert [made.named for made in spoken(PAGE | {"d": None})] == ["shop.example"]
    with pytest.raises(Unprocessable):
        spoken(PAGE | {"d": ",".join(map(str, range(11)))})


@pytest.mark.parametrize(
    "url", [None, "", "/a", "data:text/html,x", "file:///etc", "app://x", 3, "javascript:x"]
)
def test_a_url_that_is_no_web_page_is_refused(url: Any):
    with pytest.raises(BadRequest):
        item(u=url)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://a.example/#/about?token=x", "/about"),
        ("https://a.example/app/#!/about", "/app/about"),
        ("https://a.example/app#/about/", "/app/about/"),
        ("https://a.example/app#access_token=secret", None),
        ("https://a.example/app", None),
    ],
)
def test_in_hash_mode_a_route_in_the_fragment_is_the_path(url: str, path: str | None):
    for name in ("h", "hashMode"):
        assert item(u=url, **{name: 1})["page"].get("path") == path
    assert "path" not in item(u=url)["page"]


@pytest.mark.parametrize(
    "changes",
    [{"n": None}, {"n": ""}, {"n": []}, {"p": [1]}, {"p": "{"}, {"p": "3"}, {"$": 3}, {"d": 3}],
)
def test_what_cannot_be_read_is_a_400(changes: dict[str, Any]):
    with pytest.raises(BadRequest):
        item(**changes)


@pytest.mark.parametrize("body", [None, [], "x", 3])
def test_a_body_that_is_no_object_is_a_400(body: Any):
    with pytest.raises(BadRequest):
        spoken(body)


def test_a_server_that_speaks_for_a_visitor_says_so_in_headers():
    def context(**headers: str) -> Any:
        return spoken(PAGE, **headers)[0].body["context"]

    assert context(user_agent="Mozilla/5.0 X", x_forwarded_for="198.51.100.9, 192.0.2.1") == {
        "ip": "198.51.100.9", "userAgent": "Mozilla/5.0 X",
    }  # fmt: skip
    # What the gateway adds is the server's own address, and a library's agent is its own.
    assert context(user_agent="python-requests/2", x_forwarded_for="192.0.2.1") == {}
