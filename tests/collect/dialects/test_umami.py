"""Umami's messages as events of ours."""

from typing import Any

import pytest

from footfall.collect.dialects import umami
from footfall.collect.dialects.translation import Call, Outcome, Translation
from footfall.errors import BadRequest, TooLarge, Unauthorized, Unprocessable

PAYLOAD = {"website": "default", "url": "https://a.example/x", "title": "T", "referrer": ""}


def item(kind: str = "event", **changes: Any) -> dict[str, Any]:
    """The event of a message."""
    return umami.translated({"type": kind, "payload": PAYLOAD | changes})[0]


def test_a_name_makes_a_track_of_a_pageview():
    assert item() == {
        "type": "pageview",
        "page": {"url": "https://a.example/x", "title": "T", "referrer": ""},
        "context": {},
        "properties": {},
    }
    made = item(name="Signup", data={"plan": "pro"}, tag="b", id=7)
    assert made["event"] == {"name": "Signup", "properties": {"tag": "b", "plan": "pro"}}
    assert (made["type"], made["userId"]) == ("track", 7)


def test_identify_and_performance_are_kept_as_what_they_are():
    identify = item("identify", id="user-1", data={"plan": "pro"})
    assert (identify["type"], identify["userId"], identify["traits"]) == (
        "identify", "user-1", {"plan": "pro"},
    )  # fmt: skip
    vitals = item("performance", lcp=144, ttfb=56.2, cls=None, name="x")
    assert (vitals["type"], vitals["properties"]) == ("vitals", {"lcp": 144, "ttfb": 56.2})


def test_what_the_client_says_of_itself_is_its_context():
    made = item(screen="800x600", language="en-US", browser="Firefox", os="Linux", device="desktop",
                ip="198.51.100.9", userAgent="Mozilla/5.0 X", timestamp=1_772_000_000)  # fmt: skip
    assert made["timestamp"] == "2026-02-25T06:13:20.000+00:00"
    assert made["context"] == {
        "ip": "198.51.100.9", "userAgent": "Mozilla/5.0 X", "locale": "en-US",
        "screen": {"width": 800, "height": 600}, "browser": {"name": "Firefox"},
        "os": {"name": "Linux"}, "device": {"type": "desktop"},
    }  # fmt: skip
    assert "screen" not in item(screen="wide")["context"]


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("/x", "https://a.example/x"),
        ("x?b=1", "https://a.example/x?b=1"),
        ("/caf%25C3%25A9?q=a%2520b", "https://a.example/caf%C3%A9?q=a%20b"),
        ("/a%2Fb%23c", "https://a.example/a%2Fb%23c"),
        ("/100%", "https://a.example/100%"),
        ("/%ff", "https://a.example/%ff"),
    ],
)
def test_a_script_before_version_3_sends_an_encoded_path(given: str, url: str):
    assert item(url=given, hostname="a.example")["page"]["url"] == url


def test_a_script_before_version_3_encodes_the_title_and_one_after_does_not():
    assert (
        item(url="/x", hostname="a.example", title="A%20%26%20100%25")["page"]["title"]
        == "A & 100%"
    )
    assert item(title="Shop%20100%25")["page"]["title"] == "Shop%20100%25"


@pytest.mark.parametrize(
    "message",
    [
        None,
        3,
        [],
        {},
        {"type": "event"},
        {"type": "event", "payload": []},
        {"type": "x", "payload": {}},
    ],
)
def test_what_is_no_message_is_a_400(message: Any):
    with pytest.raises(BadRequest):
        umami.translate(Call(read=lambda: message))


def test_a_batch_is_taken_website_by_website():
    messages = [
        {"type": "event", "payload": {"website": website, "url": "https://a.example/"}}
        for website in ("a", "b", "a")
    ]
    made = umami.translate_batch(Call(read=lambda: [*messages, "x"]))
    assert [(one.named, one.positions) for one in made] == [("a", (0, 2)), ("b", (1,)), ("", (3,))]


def test_a_batch_that_is_no_list_or_too_long_is_refused():
    with pytest.raises(BadRequest):
        umami.translate_batch(Call(read=dict))
    with pytest.raises(TooLarge):
        umami.translate_batch(Call(read=lambda: [{}] * 2_501))
    with pytest.raises(Unprocessable):
        umami.translate_batch(
            Call(read=lambda: [{"payload": {"website": str(n)}} for n in range(11)])
        )


def test_the_answer_of_a_batch_names_what_was_refused():
    some = Translation({}, "a", (0, 2))
    rejected = [{"index": 1, "code": "missing_field", "message": "m"}]
    receipt = {"accepted": 1, "eventIds": ["e", None], "rejected": rejected}
    none = Outcome(Translation({}, "b", (1,)), {}, Unauthorized("no_key", "n"))
    made = umami.answer_batch([Outcome(some, receipt), none])
    assert (made["size"], made["processed"], made["errors"]) == (3, 1, 2)
    assert made["details"] == [
        {"index": 1, "response": {"code": "no_key", "message": "n"}},
        {"index": 2, "response": {"code": "missing_field", "message": "m"}},
    ]


def test_the_answer_holds_no_id_of_the_visitor_and_is_one_line():
    made = umami.answer([Outcome(Translation({}), {"eventId": "e\n1"})])
    assert list(made) == ["cache", "sessionId", "visitId"]
    assert "\n" not in made["cache"]
    other = umami.answer([Outcome(Translation({}), {"eventId": "e2"})])
    assert other["sessionId"] != made["sessionId"]
