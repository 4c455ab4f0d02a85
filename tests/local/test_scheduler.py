"""Schedules: when they are due and what they send."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.scheduler import next_time, run, scheduled_event
from local.template import Schedule, TemplateError

START = datetime(2026, 3, 2, 10, 0, 30, tzinfo=UTC)
EVERY_MINUTE = Schedule("EveryMinute", "RollupFunction", "rate(1 minute)", None)


class Clock(threading.Event):
    """A stop signal whose waiting moves the time instead of taking it; it stops by itself at `end`."""

    def __init__(self, end: datetime) -> None:
        super().__init__()
        self.now, self.end = START, end

    def wait(self, timeout: float | None = None) -> bool:
        self.now += timedelta(seconds=timeout or 0)
        return self.now >= self.end


def runs(schedule: Schedule, minutes: int, takes: timedelta = timedelta(0)) -> list[datetime]:
    """When a schedule's function is invoked; each run takes its time."""
    clock = Clock(START + timedelta(minutes=minutes))
    times: list[datetime] = []

    def invoke(name: str, event: dict[str, Any]) -> None:
        assert name == schedule.function
        times.append(clock.now)
        clock.now += takes
        if len(times) == 2:
            raise RuntimeError("one bad run")

    run(schedule, invoke, clock, lambda: clock.now)
    return times


def test_a_rate_runs_at_once_and_then_regularly_even_after_a_failure(
    capsys: pytest.CaptureFixture[str],
):
    assert runs(EVERY_MINUTE, 4) == [START + timedelta(minutes=minute) for minute in range(4)]
    assert "one bad run" in capsys.readouterr().err


def test_a_run_longer_than_its_interval_is_not_made_up_for():
    times = runs(EVERY_MINUTE, 6, takes=timedelta(seconds=90))

    assert times == [START + timedelta(seconds=90 * count) for count in range(4)]


def test_a_cron_expression_waits_for_its_time():
    schedule = Schedule("Hourly", "RollupFunction", "cron(15 * * * ? *)", None)

    assert runs(schedule, 120) == [
        START.replace(minute=15, second=0),
        START.replace(hour=11, minute=15, second=0),
    ]


@pytest.mark.parametrize(
    ("expression", "due"),
    [
        ("rate(1 minute)", "2026-03-02T10:01:30"),
        ("rate(5 minutes)", "2026-03-02T10:05:30"),
        ("rate(2 hours)", "2026-03-02T12:00:30"),
        ("rate(1 day)", "2026-03-03T10:00:30"),
        ("cron(0 3 * * ? *)", "2026-03-03T03:00:00"),
        ("cron(*/20 * ? * * *)", "2026-03-02T10:20:00"),
        ("cron(5,50 10 * * ? *)", "2026-03-02T10:05:00"),
    ],
)
def test_expressions_are_due_when_eventbridge_says(expression: str, due: str):
    assert next_time(expression, START) == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 week)",
        "cron(0 12 1 * ? *)",
        "cron(60 * * * ? *)",
        "cron(a * * * ? *)",
        "at(2026-01-01)",
        "",
    ],
)
def test_an_expression_nobody_knows_is_refused(expression: str):
    with pytest.raises(TemplateError):
        next_time(expression, START)


def test_the_event_is_eventbridges_own_unless_the_schedule_has_an_input():
    event = scheduled_event(EVERY_MINUTE, START)

    assert (event["source"], event["detail-type"]) == ("aws.events", "Scheduled Event")
    assert event["time"] == "2026-03-02T10:00:30Z"
    assert scheduled_event(Schedule("x", "F", "rate(1 day)", '{"rollup": "daily"}'), START) == {
        "rollup": "daily"
    }
