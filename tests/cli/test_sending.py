"""The commands that send one event."""

import json

import pytest

from footfall_cli.errors import UsageError
from footfall_cli.sending import properties
from tests.cli.conftest import Run
from tests.cli.http_server import Server


def test_a_pageview_is_sent_with_an_id_of_its_own(run: Run, server: Server):
    done = run(
        "pageview",
        "/pricing",
        "--title",
        "Pricing",
        "--referrer",
        "https://a.example/",
        "--user-id",
        "u1",
    )

    (request,) = server.received
    event_id = request.body.pop("eventId")
    assert request.path == "/pageview"
    assert request.body == {
        "page": {"path": "/pricing", "title": "Pricing", "referrer": "https://a.example/"},
        "userId": "u1",
    }
    assert (done.code, done.out.strip()) == (0, event_id)


def test_a_track_is_sent_with_properties_a_page_and_ids(run: Run, server: Server):
    done = run(
        "track", "signup", "plan=pro", "seats=3", "trial=true", "note=a=b", "--page", "https://a.example/x?utm_source=m",
        "--anonymous-id", "v1", "--event-id", "e1", "--timestamp", "2026-03-01T12:00:00Z", "--site", "shop", "--json",
    )  # fmt: skip

    (request,) = server.received
    assert request.path == "/track"
    assert request.body == {
        "event": {
            "name": "signup",
            "properties": {"plan": "pro", "seats": 3, "trial": True, "note": "a=b"},
        },
        "page": {"url": "https://a.example/x?utm_source=m"},
        "anonymousId": "v1",
        "eventId": "e1",
        "timestamp": "2026-03-01T12:00:00Z",
        "site": "shop",
    }
    assert json.loads(done.out) == {"eventId": "e1"}


def test_a_visitor_is_said_to_be_a_user(run: Run, server: Server):
    done = run("identify", "v1", "u1", "plan=pro", "--event-id", "e1", "--json")

    (request,) = server.received
    assert request.path == "/identify"
    assert request.body == {
        "anonymousId": "v1",
        "userId": "u1",
        "traits": {"plan": "pro"},
        "eventId": "e1",
    }
    assert json.loads(done.out) == {"eventId": "e1"}


def test_an_event_of_nobody_is_the_command_lines(run: Run, server: Server):
    run("track", "deploy")

    assert server.received[0].body["anonymousId"] == "footfall-cli"


def test_the_write_key_is_used_and_none_is_needed(
    run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FOOTFALL_API_KEY", "ffa_not_for_this")
    assert run("track", "deploy", key=None).code == 0
    monkeypatch.setenv("FOOTFALL_WRITE_KEY", "ffw_default_0123456789abcdef")
    run("track", "deploy", key=None)

    without, with_key = server.received
    assert "authorization" not in without.headers
    assert with_key.headers["authorization"] == "Bearer ffw_default_0123456789abcdef"


def test_a_refused_event_is_exit_code_1(run: Run, server: Server):
    server.replies["/track"] = [(422, {"code": "too_old", "message": "Too old."})]

    done = run("track", "deploy")

    assert (done.code, done.out, done.err) == (1, "", "footfall: Too old.\n")


@pytest.mark.parametrize("pair", ["plan", "=pro", ""])
def test_a_property_needs_a_name_and_a_value(pair: str):
    with pytest.raises(UsageError, match="name=value"):
        properties([pair])
