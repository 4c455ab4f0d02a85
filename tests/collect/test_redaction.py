"""What is taken out of texts: queries, fragments, passwords and e-mail addresses of URLs."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.collect import redaction
from footfall.site import Site

SITE = Site(id="default", allowed_query=("ref",), denied_properties=("secret", "card_*", "Pass*"))


def properties(**given: Any) -> dict[str, str]:
    return redaction.properties(given, redaction.rules(SITE))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://a.example/b?token=x#y", "https://a.example/b"),
        ("https://a.example/b#access_token=x", "https://a.example/b"),
        ("https://bob:pw@a.example/b", "https://a.example/b"),
        ("//bob@a.example/b?x", "//a.example/b"),
        ("https://a.example/b?x=1&ref=mail&y=2", "https://a.example/b?ref=mail"),
        ("https://a.example/b?ref=https://x?token=1", "https://a.example/b?ref=https://x"),
        ("https://a.example/b?ref=x%3Ftoken%3D1", "https://a.example/b?ref=x"),
        ("https://a.example/b?ref=bob%40x.example", "https://a.example/b?ref=[email]"),
        ("https://a.example/u/bob@x.example/edit", "https://a.example/u/[email]/edit"),
        ("https://a.example/u/bob%2540x.example", "https://a.example/u/[email]"),
        ("/a/b?token=x", "/a/b"),
        ("../b#token", "../b"),
        ("?token=x", ""),
        ("a.example/b?token=x", "a.example/b"),
        ("mailto:bob@x.example?subject=hi", "mailto:[email]"),
        ("see https://a.example/?t=x and http://b.example/#y!", "see https://a.example/ and http://b.example/"),
        ('{"url":"https://a.example/?t=x"}', '{"url":"https://a.example/"}'),
    ],
)  # fmt: skip
def test_of_a_url_anywhere_in_a_property_the_page_stays(text: str, kept: str):
    assert properties(any=text) == {"any": kept}


@pytest.mark.parametrize(
    "text",
    [
        "", "what?", "C# and F#", "#1", "#ff0000", "a=b", "1/2", "50 % off", "bob@x.example", "@bob",
        "why? because", "a & b", "12:30", "x@", "100%", "¿qué?",
    ],
)  # fmt: skip
def test_any_other_text_of_a_property_stays_as_it_is(text: str):
    assert properties(any=text) == {"any": text}


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("url", "page?token", "page"),
        ("landing_url", "a#token", "a"),
        ("pageUrl", "a?b", "a"),
        ("$referrer", "https://a.example/?x", "https://a.example/"),
        ("search", "?q=shoes&token=x", ""),
        ("search", "q=shoes&token=x", ""),
        ("search", "red shoes", "red shoes"),
        ("search", "c# = great?", "c# = great?"),
        ("search", "?ref=mail&token=x", "?ref=mail"),
        ("hash", "#token", ""),
        ("query", "shoes", "shoes"),
    ],
)
def test_a_key_tells_what_its_text_is(key: str, value: str, kept: str):
    assert properties(**{key: value}) == {key: kept}


def test_denied_properties_are_left_out_at_any_depth_in_any_case():
    given = {
        "secret": 1,
        "Card_no": "4",
        "passport": "x",
        "plan": {"Secret": 1, "a": [{"secret": 2}]},
    }
    assert properties(**given) == {"plan": '{"a":[{}]}'}
    all_denied = Site(id="default", denied_properties=("*",))
    assert redaction.properties(given, redaction.rules(all_denied)) == {}


def test_an_address_of_a_visitor_is_no_property():
    assert properties(ip="203.0.113.7", **{"$ip": "2001:db8::1"}, a={"ip": "203.0.113.7"}) == {
        "a": "{}"
    }
    assert properties(ip="internet protocol") == {"ip": "internet protocol"}


def test_properties_are_texts_as_they_are_compared():
    assert properties(
        text="a", yes=True, whole=1.0, half=0.5, none=None, list=[1, "é"], object={"a": None}
    ) == {
        "text": "a", "yes": "true", "whole": "1", "half": "0.5", "list": '[1,"é"]', "object": '{"a":null}',
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Hello bob@x.example", "Hello [email]"),
        ("Reset https://a.example/?t=x now", "Reset https://a.example/ now"),
        ("Why? How?", "Why? How?"),
        ("logo@2x.png and react@18.2.0", "logo@2x.png and react@18.2.0"),
        ("Ünïcode ö@bücher.example!", "Ünïcode [email]!"),
    ],
)
def test_titles_and_names_hold_no_address_and_no_query(text: str, kept: str):
    assert redaction.plain(text) == kept


@pytest.mark.parametrize(
    "path", ["/a b", "/@bob/post", "/a%20b", "/a//b", "/p/react@18.2.0", "/ä", "/a;v=1", "/100%"]
)
def test_a_path_without_an_address_is_unchanged(path: str):
    assert redaction.path(path) == path


def test_an_item_that_is_kept_though_refused_holds_no_secret():
    item = {
        "writeKey": "k",
        "context": {
            "ip": "203.0.113.7",
            "page": {"url": "https://a.example/?utm_source=s&t=TOKEN"},
        },
        "event": {"name": "secret", "properties": {"secret": "TOKEN", "plan": "pro"}},
        "traits": {"secret": "TOKEN"},
    }
    assert redaction.item(item, SITE) == {
        "context": {"page": {"url": "https://a.example/?utm_source=s"}},
        "event": {"name": "secret", "properties": {"plan": "pro"}},
        "traits": {},
    }


def test_what_is_nested_too_deep_is_cut_off_there():
    deep: Any = "TOKEN"
    for _ in range(5_000):
        deep = [deep]
    kept = json.dumps(redaction.item({"properties": {"a": deep, "b": 1}}, SITE))
    assert "TOKEN" not in kept
    assert '"b": 1' in kept


TOKENS = st.text("abcdefgh0123456789-_.~", min_size=6, max_size=20).map(lambda text: f"TOK{text}")
NAMES = st.text("abcdefghijklmnop_[].-$", min_size=1, max_size=12).filter(
    lambda name: name != "ref"
)
HIDES = st.sampled_from(
    [
        "https://a.example/b?{name}={token}", "https://a.example/b?x=1&{name}={token}&y=2",
        "https://a.example/b#{name}={token}", "https://a.example/#/r?{name}={token}",
        "http://a.example?{name}={token}", "//a.example/b?{name}={token}", "/b?{name}={token}",
        "a.example/b?{name}={token}", "?{name}={token}", "#{name}={token}",
        "https://u:{token}@a.example/", "https://a.example/b?{token}", "https://a.example/b#{token}",
        "go to https://a.example/b?{name}={token} now", "ftp://a.example/b?{name}={token}",
        "app://open?{name}={token}", "https://a.example/b?ref=x%23{token}",
    ]
)  # fmt: skip
SHAPES: list[Any] = [
    lambda url: url,
    lambda url: [url],
    lambda url: {"a": [{"b": url}]},
    lambda url: json.dumps({"a": url}),
    lambda url: {url: 1},
]


@given(
    hide=HIDES,
    name=NAMES,
    token=TOKENS,
    key=st.sampled_from(["url", "href", "anything", "search", "x.referrer", "title"]),
    shape=st.sampled_from(SHAPES),
)
def test_no_token_in_a_url_survives_under_any_name(
    hide: str, name: str, token: str, key: str, shape: Any
):
    text = hide.format(name=name, token=token)
    assert "TOK" not in json.dumps(properties(**{key: shape(text)}))
    assert "TOK" not in json.dumps(redaction.item({"a": {key: shape(text)}}, SITE))
    assert "TOK" not in redaction.plain(text)
    assert "TOK" not in redaction.url(text)


@given(
    local=st.text("abcdefgh0123456789._+-", min_size=1, max_size=30),
    host=st.sampled_from(["x.example", "mail.x-y.example", "163.com", "bücher.example"]),
    at=st.sampled_from(["@", "%40", "%2540"]),
    around=st.sampled_from(["/u/{}", "https://a.example/{}/b", "https://a.example/?ref={}", "{}"]),
)
def test_no_email_address_survives_in_a_path_or_url(local: str, host: str, at: str, around: str):
    text = around.format(f"{local}{at}{host}")
    for kept in (
        redaction.path(text),
        redaction.plain(text),
        redaction.url(text, frozenset({"ref"})),
    ):
        assert f"{at}{host}" not in kept


@given(st.text(), st.sampled_from(["a", "url", "search"]))
def test_any_text_is_taken(text: str, key: str):
    for allowed in (frozenset[str](), frozenset({"ref"})):
        redaction.plain(text, allowed)
        redaction.url(text, allowed)
    assert key in properties(**{key: text})


@pytest.mark.parametrize(
    "piece", ["a", "a@", "a.", "?", "#", "%40", "a@b.", "?a", "://", "a@a.a", "/", "&="]
)
def test_it_takes_time_in_proportion_to_the_text(piece: str):
    started = time.process_time()
    for text in (piece * (32_000 // len(piece)), "@" + piece * (32_000 // len(piece)) + "@"):
        properties(a=text, url=text, search=text)
        redaction.plain(text)
        redaction.path(text)
    # 0.1 s is usual for the worst; quadratic would be minutes.
    assert time.process_time() - started < 5
