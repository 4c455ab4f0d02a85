"""Made-up traffic is the same each time and lies in the past."""

import json
from datetime import UTC, datetime, timedelta

from footfall_cli.demo import DAYS, traffic
from tests.cli.conftest import Run
from tests.cli.http_server import Server

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)


def test_the_same_moment_makes_the_same_events():
    assert list(traffic(NOW)) == list(traffic(NOW))


def test_a_later_start_makes_the_same_events_of_the_days_both_have():
    today = {event["eventId"]: event for event in traffic(NOW)}
    tomorrow = {event["eventId"]: event for event in traffic(NOW + timedelta(days=1))}
    common = today.keys() & tomorrow.keys()

    assert len(common) > len(today) * (DAYS - 3) / DAYS
    assert all(today[event_id] == tomorrow[event_id] for event_id in common)


def test_ids_are_unique_and_nothing_lies_in_the_future():
    events = list(traffic(NOW))

    assert len({event["eventId"] for event in events}) == len(events) > 5_000
    assert max(datetime.fromisoformat(event["timestamp"]) for event in events) <= NOW
    assert {event["type"] for event in events} == {"pageview", "track"}


def test_a_running_server_is_filled_over_http(run: Run, server: Server):
    done = run("demo", "--days", "2", "--site", "shop", "--json")

    events = server.events()
    assert done.code == 0
    assert json.loads(done.out) == {"days": 2, "accepted": len(events), "refused": {}}
    assert len(events) > 100
    assert {request.query["site"] for request in server.received if request.path == "/import"} == {
        "shop"
    }


def test_a_server_that_is_not_there_is_told_of_at_once(run: Run):
    done = run("demo", url="http://127.0.0.1:1")

    assert (done.code, done.out, len(done.err.splitlines())) == (3, "", 1)


def test_events_that_are_refused_are_counted_and_shown(run: Run, server: Server):
    server.refuse = lambda event: ("blocked", "Blocked.") if event["type"] == "track" else None

    done = run("demo", "--days", "2")

    assert done.code == 1
    assert "Blocked. (blocked)" in done.err


def test_more_than_ten_years_are_not_made_up(run: Run, server: Server):
    done = run("demo", "--days", "3651")

    assert (done.code, done.out, server.received) == (2, "", [])
    assert "3650" in done.err
