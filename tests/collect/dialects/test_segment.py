"""Segment's calls as events of ours."""

import base64
from typing import Any

import pytest

from footfall.collect.dialects import segment
from footfall.collect.dialects.translation import Call, time_text
from footfall.errors import BadRequest, NotFound, TooLarge


def spoken(name: str, body: Any, **headers: str) -> dict[str, Any]:
    """The one translation of a call."""
    (made,) = segment.translate(Call(read=lambda: body, headers=headers, name=name))
    return made.body


def settings(**headers: str) -> dict[str, Any]:
    """What the settings document says of Segment.io."""
    call = Call(
        read=lambda: None, headers={k.replace("_", "-"): v for k, v in headers.items()}, name="k"
    )
    found: dict[str, Any] = segment.settings(call)["integrations"]["Segment.io"]
    return found


@pytest.mark.parametrize(
    ("names", "kind"),
    [("page p", "pageview"), ("track t", "track"), ("screen s", "screen"), ("identify i", "identify"),
     ("group g", "group"), ("alias a", "alias")],
)  # fmt: skip
def test_long_and_short_paths_name_the_type(names: str, kind: str):
    for name in names.split():
        assert spoken(name, {"userId": "u", "event": "e", "name": "n"})["type"] == kind


def test_the_path_counts_and_not_the_type_in_the_body():
    assert spoken("t", {"type": "page", "event": "Order"})["type"] == "track"


def test_a_path_that_segment_has_not_is_a_404():
    with pytest.raises(NotFound):
        spoken("import", {})
    with pytest.raises(NotFound):
        spoken("", {})


def test_numbers_of_the_script_about_itself_are_dropped_unread():
    def unread() -> None:
        raise AssertionError

    assert segment.translate(Call(read=unread, name="m")) == []
    assert segment.answer([]) == {"success": True}


@pytest.mark.parametrize("body", [None, [], "text", 3, True])
def test_a_body_that_is_no_object_is_a_400(body: Any):
    with pytest.raises(BadRequest):
        spoken("batch", body)


def test_a_page_is_its_properties_then_its_context():
    made = spoken(
        "page",
        {
            "name": "Home",
            "category": "Docs",
            "properties": {
                "url": "https://a.example/x?q=1",
                "title": "T",
                "plan": "pro",
                "search": "?q=1",
            },
            "context": {"page": {"path": "/other", "referrer": "https://b.example/"}},
        },
    )
    assert made["page"] == {"url": "https://a.example/x?q=1", "title": "T", "search": "?q=1"}
    assert made["properties"] == {"category": "Docs", "name": "Home", "plan": "pro"}
    assert made["context"]["page"] == {"path": "/other", "referrer": "https://b.example/"}


def test_what_is_no_text_is_no_page_and_stays_a_property():
    made = spoken("page", {"properties": {"path": 3, "url": None, "title": ["x"]}})
    assert made["page"] == {}
    assert made["properties"] == {"path": 3, "url": None, "title": ["x"]}


def test_null_ids_are_absent():
    made = spoken("track", {"event": "e", "userId": None, "anonymousId": "a", "messageId": 7})
    assert "userId" not in made
    assert (made["anonymousId"], made["messageId"]) == ("a", 7)


def test_traits_may_stand_in_the_context_as_rudderstack_sends_them():
    assert spoken("identify", {"context": {"traits": {"plan": "pro"}}})["traits"] == {"plan": "pro"}
    made = spoken("identify", {"traits": {"a": 1}, "context": {"traits": {"b": 2}}})
    assert made["traits"] == {"a": 1}
    assert "traits" not in made["context"]


def test_rudderstacks_headers_stand_in_for_what_the_body_lacks():
    anonymous = base64.b64encode(b"anon-1").decode()
    made = spoken("page", {}, anonymousid=anonymous, sentat="2026-03-01T10:00:00Z")
    assert (made["anonymousId"], made["sentAt"]) == ("anon-1", "2026-03-01T10:00:00Z")
    own = spoken(
        "page", {"anonymousId": "own", "sentAt": "2026-03-01T11:00:00Z"}, anonymousid=anonymous
    )
    assert (own["anonymousId"], own["sentAt"]) == ("own", "2026-03-01T11:00:00Z")
    assert "anonymousId" not in spoken("page", {}, anonymousid="%%%")


def test_a_batchs_context_is_every_events_and_their_own_comes_first():
    shared = {"locale": "de", "library": {"name": "x"}}
    items = [
        {"type": "track", "event": "e", "context": {"locale": "fr"}},
        {"type": "track", "event": "e"},
    ]
    made = spoken("batch", {"batch": items, "context": shared})["batch"]
    assert [item["context"]["locale"] for item in made] == ["fr", "de"]
    assert made[0]["context"]["library"] == {"name": "x"}


def test_a_batchs_own_timestamp_is_no_events():
    made = spoken("batch", {"batch": [{"type": "page"}], "timestamp": "2020-01-01T00:00:00Z"})
    assert "timestamp" not in made
    assert "timestamp" not in made["batch"][0]


def test_what_is_no_event_of_segments_is_left_for_our_own_rules():
    given = [3, None, "x", {"type": "pageview", "page": {"path": "/"}}, {"no": "type"}]
    assert spoken("batch", {"batch": given})["batch"] == given
    assert spoken("batch", {"batch": "x"}) == {"batch": "x"}


def test_a_shared_context_cannot_make_a_small_request_large():
    shared = {"page": {"title": "x" * 30_000}}
    with pytest.raises(TooLarge):
        spoken("batch", {"batch": [{"type": "page"}] * 2_500, "context": shared})


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [("ffw_a_b", True), ("***", False), ("", False), (None, False), (3, False)],
)
def test_a_masked_key_is_none(given: Any, is_taken: bool):
    assert ("writeKey" in spoken("track", {"event": "e", "writeKey": given})) == is_taken


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({"type": "ios"}, "mobile"),
        ({"type": "Android"}, "mobile"),
        ({"type": "desktop"}, "desktop"),
    ],
)
def test_a_device_is_named_by_its_kind(given: dict[str, str], made: str):
    assert (
        spoken("track", {"event": "e", "context": {"device": given}})["context"]["device"]["type"]
        == made
    )


def test_consent_to_no_category_is_denied_and_to_some_is_left_open():
    def consent(categories: dict[str, bool]) -> Any:
        context = {"consent": {"categoryPreferences": categories}}
        return spoken("track", {"event": "e", "context": context})["context"]["consent"]

    assert consent({"a": False, "b": False}) == "denied"
    assert consent({"a": False, "b": True}) is None
    assert consent({}) is None


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (1_772_000_000, "2026-02-25T06:13:20.000+00:00"),
        (1_772_000_000_123, "2026-02-25T06:13:20.123+00:00"),
        (1_772_000_000.5, "2026-02-25T06:13:20.500+00:00"),
        ("2026-02-25", "2026-02-25"),
        (None, None),
        (True, True),
        (10**30, 10**30),
    ],
)
def test_numbers_are_times_in_seconds_or_milliseconds(given: Any, text: Any):
    assert time_text(given) == text


def test_the_settings_lead_back_to_where_they_were_asked_for():
    assert settings(host="c.example", x_forwarded_proto="https") | {} == settings(host="c.example")
    assert (
        settings(host="127.0.0.1:8787", x_forwarded_proto="http")["apiHost"] == "127.0.0.1:8787/v1"
    )
    assert settings(host="127.0.0.1:8787", x_forwarded_proto="http")["protocol"] == "http"
    assert settings(host="[::1]:80", x_forwarded_proto="https,http")["protocol"] == "https"
    proxied = settings(host="inner", x_forwarded_host="c.example", x_forwarded_prefix="/stats/")
    assert proxied["apiHost"] == "c.example/stats/v1"


def test_no_header_can_put_anything_else_into_the_settings():
    hostile = 'x"><script>'
    made = settings(
        host=hostile,
        x_forwarded_host=hostile,
        x_forwarded_prefix=hostile,
        x_forwarded_proto=hostile,
    )
    assert (made["apiHost"], made["protocol"]) == ("localhost/v1", "https")
