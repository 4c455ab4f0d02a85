"""Page, hostname and campaign of an event."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.collect.page import page_fields, split_url
from footfall.errors import BadRequest


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://www.Example.COM:8080/A/b%20c/?x=1#y", "example.com", "/A/b%20c/"),
        ("https://example.com", "example.com", "/"),
        ("https://example.com?x=1", "example.com", "/"),
        ("https://user:pw@example.com/a", "example.com", "/a"),
        ("//example.com/a//b", "example.com", "/a//b"),
        ("/just/a/path?x", "", "/just/a/path"),
        ("http://[2001:db8::1]:80/a", "[2001:db8::1]", "/a"),
        ("http://[broken/a?x=1", "", "http://[broken/a"),
        ("http://exa mple.com/<a>", "exa mple.com", "/<a>"),
        ("android-app://com.example/x", "com.example", "/x"),
        ("", "", ""),
    ],
)
def test_host_and_path_of_a_url(url: str, host: str, path: str):
    assert split_url(url)[:2] == (host, path)


@given(st.text())
def test_no_url_is_an_error(url: str):
    split_url(url)


def test_page_comes_before_context_page_and_a_path_before_a_url():
    item = {
        "page": {"url": "https://a.example/from-url", "title": "T"},
        "context": {
            "page": {"path": "/context", "title": "other", "referrer": "https://r.example"}
        },
    }
    assert page_fields(item) == {
        "path": "/from-url", "hostname": "a.example", "title": "T", "referrer": "https://r.example",
    }  # fmt: skip
    assert page_fields({"page": {"path": "/p", "url": "https://a.example/u"}})["path"] == "/p"
    assert page_fields({"context": {"page": {"url": "https://a.example/u"}}})["path"] == "/u"
    assert page_fields({})["path"] == ""


def test_a_query_is_never_part_of_the_page():
    assert page_fields({"page": {"path": "/a?token=1#x"}})["path"] == "/a"


def test_campaign_comes_from_the_context_and_else_from_the_query():
    page = {
        "url": "https://a.example/?utm_source=news+letter&utm_medium=e%2Dmail&utm_campaign=c&utm_term=t"
    }
    fields = page_fields({"page": page, "context": {"campaign": {"source": "given", "name": 7}}})
    assert {key: value for key, value in fields.items() if key.startswith("utm")} == {
        "utm_source": "given", "utm_medium": "e-mail", "utm_campaign": "c", "utm_term": "t",
    }  # fmt: skip
    assert page_fields({"page": {"path": "/", "search": "?utm_source=x"}})["utm_source"] == "x"


@pytest.mark.parametrize("page", ["text", 1, [], {"path": 1}, {"url": []}, {"title": {}}])
def test_a_page_of_the_wrong_type_is_a_400(page: object):
    with pytest.raises(BadRequest):
        page_fields({"page": page})
