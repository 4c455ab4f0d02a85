"""Page, hostname, referrer and campaign of an event, and what of a query is kept."""

from typing import Any

import pytest

from footfall.collect.page import CLICK_IDS, read_page
from footfall.errors import BadRequest
from footfall.site import Site

SITE = Site(id="default", domains=("example.com",), allowed_query=("ref", "id"))


def fields(item: dict[str, Any], site: Site = SITE) -> dict[str, str]:
    return read_page(item, site)[0]


def at(url: str) -> dict[str, Any]:
    return {"page": {"url": url}}


def test_page_comes_before_context_page_and_a_path_before_a_url():
    item = {
        "page": {"url": "https://a.example/from-url", "title": "T"},
        "context": {
            "page": {"path": "/context", "title": "other", "referrer": "https://r.example"}
        },
    }
    assert fields(item) == {
        "path": "/from-url", "hostname": "a.example", "title": "T", "referrer": "https://r.example",
    }  # fmt: skip
    assert fields({"page": {"path": "/p", "url": "https://a.example/u"}})["path"] == "/p"
    assert fields({"context": {"page": {"url": "https://a.example/u"}}})["path"] == "/u"
    assert fields({})["path"] == ""


def test_a_query_is_never_part_of_the_page():
    assert fields({"page": {"path": "/a?token=1#x"}})["path"] == "/a"


def test_a_path_is_unchanged_but_for_an_email_address():
    assert fields({"page": {"path": "/Ä b//c%20d/"}})["path"] == "/Ä b//c%20d/"
    assert fields(at("https://a.example/u/bob%40x.example/edit"))["path"] == "/u/[email]/edit"
    assert fields(at("https://bob:pw@[a.example/x"))["path"] == "https://[a.example/x"


def test_campaign_comes_from_the_context_and_else_from_the_query():
    page = {
        "url": "https://a.example/?utm_source=news+letter&utm_medium=e%2Dmail&utm_campaign=c&utm_term=t"
    }
    found = fields({"page": page, "context": {"campaign": {"source": "given", "name": 7}}})
    assert {key: value for key, value in found.items() if key.startswith("utm")} == {
        "utm_source": "given", "utm_medium": "e-mail", "utm_campaign": "c", "utm_term": "t",
    }  # fmt: skip
    assert fields({"page": {"path": "/", "search": "?utm_source=x"}})["utm_source"] == "x"


def test_an_email_address_in_a_campaign_is_none():
    found = fields(at("https://a.example/?utm_source=x&utm_content=bob%40x.example"))
    assert found["utm_content"] == "[email]"
    campaign = {"campaign": {"term": "for bob@x.example"}}
    assert fields({"context": campaign})["utm_term"] == "for [email]"


def test_parameters_that_the_site_keeps_are_properties_and_no_other_is():
    _, kept = read_page(at("https://a.example/?id=7&token=t&ref=a+b&ref=c&empty="), SITE)
    assert kept == {"query.ref": "a b", "query.id": "7"}
    assert read_page(at("https://a.example/?ref=x"), Site(id="s"))[1] == {}
    _, kept = read_page(at("https://a.example/?ref=https://b.example/?token=t"), SITE)
    assert kept == {"query.ref": "https://b.example/"}


@pytest.mark.parametrize("name", CLICK_IDS)
def test_of_a_click_id_the_name_is_kept_and_the_value_is_not(name: str):
    found = fields(at(f"https://a.example/?a=b&{name}=CjwKCA"))
    assert found["click_id"] == name
    assert "CjwKCA" not in repr(found)
    assert "click_id" not in fields(at("https://a.example/?a=b"))


@pytest.mark.parametrize(
    ("referrer", "kept"),
    [
        ("https://www.google.com/search?q=secret#x", "https://www.google.com/search"),
        ("https://bob:pw@r.example/", "https://r.example/"),
        ("https://r.example/u/bob@x.example", "https://r.example/u/[email]"),
        ("android-app://net.example/?x", "android-app://net.example/"),
        ("https://example.com/a", ""),
        ("https://www.shop.example.com/a", ""),
        ("https://notexample.com/a", "https://notexample.com/a"),
        (" https://r.example/ ", "https://r.example/"),
    ],
)
def test_of_a_referrer_the_page_is_kept_unless_it_is_the_sites_own(referrer: str, kept: str):
    assert fields({"page": {"path": "/", "referrer": referrer}})["referrer"] == kept


@pytest.mark.parametrize("page", ["text", 1, [], {"path": 1}, {"url": []}, {"title": {}}])
def test_a_page_of_the_wrong_type_is_a_400(page: object):
    with pytest.raises(BadRequest):
        read_page({"page": page}, SITE)


def test_a_query_of_thousands_of_parameters_is_no_error():
    url = "https://a.example/?utm_source=x" + "&a=b" * 5_000
    assert fields(at(url))["utm_source"] == "x"
