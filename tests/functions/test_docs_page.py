"""GET /docs: a page that is whole by itself, and loads nothing."""

import base64
import gzip
import hashlib
import re
from html.parser import HTMLParser

import pytest

from footfall.openapi.document import document
from tests.builders import Send


class Page(HTMLParser):
    """What a page links to and holds."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.inline: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("style", "script"):
            self.inline[self.open[-1]] = data


@pytest.fixture
def answer(send: Send) -> tuple[str, dict[str, str]]:
    """The page and its headers."""
    status, text, headers = send("GET", "/docs")
    assert status == 200
    assert headers["content-type"] == "text/html; charset=utf-8"
    return text, headers


def test_the_page_names_nothing_that_is_not_here(answer: tuple[str, dict[str, str]]):
    page = Page(answer[0])

    assert page.open == []
    loading = [
        (tag, name, value)
        for tag, attributes in page.tags
        for name, value in attributes.items()
        if name in ("src", "srcset", "href", "action", "data", "poster") and tag != "a"
    ]
    assert loading == [("link", "href", "data:,")]
    links = {attributes["href"] for tag, attributes in page.tags if tag == "a"}
    assert {link for link in links if link and not link.startswith("#")} == {"openapi.json"}
    for text in page.inline.values():
        assert not re.search(r"url\(|@import|https?:|//[a-z]|fetch|XMLHttpRequest|import\(", text)
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert not any("style" in attributes for _, attributes in page.tags)


def test_every_link_on_the_page_leads_somewhere(answer: tuple[str, dict[str, str]]):
    page = Page(answer[0])

    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    links = {attributes["href"] for tag, attributes in page.tags if tag == "a"}
    assert len(set(ids)) == len(ids)
    assert {link[1:] for link in links if link and link.startswith("#")} <= set(ids)


def test_every_operation_and_schema_is_on_the_page(answer: tuple[str, dict[str, str]]):
    ids = {attributes.get("id") for _, attributes in Page(answer[0]).tags}

    operations = [
        each["operationId"] for item in document()["paths"].values() for each in item.values()
    ]
    assert len(operations) > 30
    assert ids >= {*operations, *(f"schema-{name}" for name in document()["components"]["schemas"])}


def test_the_policy_allows_the_pages_own_style_and_script_alone(
    answer: tuple[str, dict[str, str]],
):
    text, headers = answer
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))

    inline = {name: content.encode() for name, content in Page(text).inline.items()}
    digests = {
        name: f"'sha256-{base64.b64encode(hashlib.sha256(content).digest()).decode()}'"
        for name, content in inline.items()
    }
    assert policy == {
        "default-src": "'none'",
        "style-src": digests["style"],
        "script-src": digests["script"],
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }


def test_the_page_is_packed_for_who_can_unpack_it(send: Send, answer: tuple[str, dict[str, str]]):
    _, body, headers = send("GET", "/docs", headers={"accept-encoding": "br, gzip"})

    assert headers["content-encoding"] == "gzip"
    assert headers["vary"] == answer[1]["vary"] == "accept-encoding"
    assert gzip.decompress(base64.b64decode(body)).decode() == answer[0]
    assert len(body) < 45_000


def test_what_a_text_of_the_document_holds_is_no_html(answer: tuple[str, dict[str, str]]):
    assert "<start>..<end>" not in answer[0]
    assert "&lt;start&gt;..&lt;end&gt;" in answer[0]
