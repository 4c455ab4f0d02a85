"""Made-up traffic is the same each time and lies in the past."""

from datetime import UTC, datetime, timedelta

from local.demo import DAYS, traffic

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
