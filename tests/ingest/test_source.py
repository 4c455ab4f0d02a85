import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.ingest.source import kind, source


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("google.com", "Google"),
        ("google.de", "Google"),
        ("google.co.uk", "Google"),
        ("google.com.br", "Google"),
        ("news.google.fr", "Google News"),
        ("bing.com", "Bing"),
        ("cn.bing.com", "Bing"),
        ("images.de.ask.com", "Ask"),
        ("de.search.yahoo.com", "Yahoo!"),
        ("m.baidu.com", "Baidu"),
        ("duckduckgo.com", "DuckDuckGo"),
        ("yandex.com.tr", "Yandex"),
        ("chatgpt.com", "ChatGPT"),
        ("facebook.com", "Facebook"),
        ("l.facebook.com", "Facebook"),
        ("old.reddit.com", "reddit"),
        ("t.co", "Twitter"),
        ("news.ycombinator.com", "Hacker News"),
        ("plus.google.com", "Google+"),
    ],
)
def test_the_source_is_the_name_of_the_referring_site_when_it_is_listed(
    host: str, name: str
) -> None:
    assert source("", host) == name


@pytest.mark.parametrize(
    "host",
    ["heise.de", "mail.google.com", "evilgoogle.com", "google.evil.com", "com", "de", "cnn.com"],
)
def test_the_source_is_the_referring_host_when_it_is_not_listed(host: str) -> None:
    assert source("", host) == host


def test_the_source_is_the_campaigns_when_it_has_one() -> None:
    assert source("betalist", "betalist.com") == "betalist"
    assert source("Google", "bing.com") == "Google"


def test_there_is_no_source_without_campaign_and_referrer() -> None:
    assert source("", "") == ""


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("google", "search"),
        ("Google ", "search"),
        ("www.google.de", "search"),
        ("fb", "social"),
        ("m.facebook.com", "social"),
        ("youtube.com", "video"),
        ("amazon.de", "shopping"),
        ("smile.amazon.co.uk", "shopping"),
        ("docs.aws.amazon.com", ""),
        ("perplexity.ai", "ai"),
        ("gemini.google.com", "ai"),
        ("mail.google.com", "webmail"),
        ("blog.google", ""),
        ("newsletter", ""),
        ("", ""),
    ],
)
def test_a_source_is_of_the_kind_that_it_is_listed_as(place: str, expected: str) -> None:
    assert kind(place) == expected


@given(st.text())
def test_any_text_is_a_source(text: str) -> None:
    assert source(text, "") == text
    assert isinstance(source("", text), str)
    assert isinstance(kind(text), str)


def test_an_endless_text_is_a_source_of_no_kind() -> None:
    text = "a." * 1_000_000 + "google.com"

    assert source("", text) == text
    assert kind(text) == ""
