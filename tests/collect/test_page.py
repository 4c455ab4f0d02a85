"""Page, hostname and campaign of an event."""

import pytest

from footfall.collect.page import page_fields
from footfall.errors import BadRequest


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
