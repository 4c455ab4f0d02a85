"""The grammar of filters."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.errors import Unprocessable
from footfall.query.filters import build_filter, parse_filters
from tests.builders import Product, at, pageview, track

NOW = at("2026-03-10T12:00:00")


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "1",
        "null",
        "{}",
        '"x"',
        "[[]]",
        "[1]",
        '["is"]',
        '["is","page"]',
        '["is","page",[]]',
        '["is","page","x"]',
        '["is","page",[null]]',
        '["is","page",[["x"]]]',
        '["is","nothing",["x"]]',
        '["is",1,["x"]]',
        '["equals","page",["x"]]',
        '["is","page",["x"],1]',
        '["is","page",["x"],{"case_sensitive":1}]',
        '["is","page",["x"],{"case_sensitve":false}]',
        '["not"]',
        '["not",[]]',
        '["and",1]',
        '["or",[]]',
        '["is","props:",["x"]]',
        '["is","page",["x"],{},1]',
        "[" * 5_000,
        '["not",' * 20 + '["is","page",["x"]]' + "]" * 20,
    ],
)
def test_what_is_no_filter_is_a_422(text: str):
    with pytest.raises(Unprocessable) as refused:
        parse_filters(text)
    assert refused.value.field == "filters"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists))
def test_no_json_is_another_error(parsed: object):
    with contextlib.suppress(Unprocessable):
        build_filter(parsed)


@given(st.text())
def test_no_value_becomes_sql(text: str):
    plain = build_filter(["is", "page", ["x"]])
    assert build_filter(["is", "page", [text]]).condition == plain.condition


@pytest.fixture
def shop(product: Product) -> Product:
    batch = [
        pageview("v1", "/Docs/a"),
        pageview("v2", "/docs/b", context={"locale": "de"}),
        pageview("v3", "/blog", context={"locale": "en"}),
        track(
            "v3",
            "buy",
            event={"name": "buy", "properties": {"plan": "Pro", "price": 9.0, "gift": True}},
        ),
    ]
    product.post("/batch", {"batch": batch}, NOW)
    product.drain()
    return product


@pytest.mark.parametrize(
    ("filters", "events"),
    [
        ([], 4),
        (["is", "page", ["/blog", "/docs/b"]], 2),
        (["is", "page", ["/docs/a"]], 0),
        (["is", "page", ["/docs/A"], {"case_sensitive": False}], 1),
        (["is_not", "language", ["de"]], 3),
        (["contains", "page", ["/docs", "log"]], 2),
        (["contains", "page", ["/DOCS"], {"case_sensitive": False}], 2),
        (["contains_not", "page", ["/docs"]], 3),
        (["matches", "page", ["^/[dD]ocs/.$"]], 2),
        (["matches", "page", ["^/DOCS"], {"case_sensitive": False}], 2),
        (["matches_not", "page", ["docs", "blog"]], 2),
        (["is", "props:plan", ["Pro"]], 1),
        (["is", "props:price", [9]], 1),
        (["is", "props:gift", [True]], 1),
        (["is", "props:plan", [""]], 3),
        (["is", "event", ["buy"]], 1),
        (["not", ["is", "event", ["buy"]]], 3),
        (["or", [["is", "language", ["de"]], ["is", "event", ["buy"]]]], 2),
        ([["is", "language", ["de"]], ["is", "page", ["/blog"]]], 0),
        (["and", [["not", ["is", "language", ["de"]]], ["contains", "page", ["/"]]]], 2),
        (["is", "entry_page", ["/blog"]], 2),
        (["is", "source", [""]], 4),
    ],
)
def test_a_filter_selects_events(shop: Product, filters: object, events: int):
    assert shop.metrics(NOW, "events", period="today", filters=filters) == {"events": events}


def test_a_pattern_that_is_none_is_a_422(shop: Product):
    with pytest.raises(Unprocessable):
        shop.metrics(NOW, "events", period="today", filters=["matches", "page", ["("]])


@pytest.mark.parametrize(
    ("filters", "events"),
    [
        (["or", [["is", "page", ["/blog"]], ["is", "event", ["buy"]]]], 0),
        (["matches", "page", ["blog", "docs"]], 0),
        (["matches_not", "page", ["nothing", "never"]], 0),
        (["not", ["is", "page", ["/x"]]], 0),
    ],
)
def test_a_filter_that_is_no_list_of_filters_keeps_to_the_period_too(
    shop: Product, filters: object, events: int
):
    for metric in ("events", "sessions"):
        found = shop.metrics(NOW, metric, period="yesterday", filters=filters)
        assert found == {metric: events}


def test_the_longest_filter_is_answered(shop: Product):
    """A statement may be 256 kB long, and a filter stands in it several times."""
    shop.roll_up()
    texts = [*(f"x{number}" for number in range(9)), "PR"]
    one = ["contains", "props:plan", texts, {"case_sensitive": False}]
    question = {
        "metrics": ["visitors", "sessions"],
        "date_range": "today",
        "dimensions": ["props:plan", "entry_page"],
        "filters": [["or", [one] * 98]],
    }
    assert shop.query(question, NOW)["results"] == [
        {"dimensions": ["Pro", "/blog"], "metrics": [1, 1]}
    ]
