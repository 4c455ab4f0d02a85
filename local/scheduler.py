"""The schedules on a laptop: the template's `rate(…)` and simple `cron(…)` expressions trigger their functions.

Times are UTC, as on AWS. A run that takes longer than its interval is followed by the next one that is still to come;
what was missed in between is left out.
"""

import json
import re
import sys
import threading
import traceback
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from local.functions import ACCOUNT, REGION, Invoke, arn
from local.template import Schedule, TemplateError

_UNITS = {"minute": 60, "hour": 3_600, "day": 86_400}


def utc_now() -> datetime:
    """The moment."""
    return datetime.now(UTC)


def run(
    schedule: Schedule,
    invoke: Invoke,
    stop: threading.Event,
    now: Callable[[], datetime] = utc_now,
) -> None:
    """Trigger a function until `stop` is set: a rate at once and then regularly, a cron expression at its times."""
    due = (
        now() if schedule.expression.startswith("rate(") else next_time(schedule.expression, now())
    )
    while not stop.wait(max(0.0, (due - now()).total_seconds())):
        try:
            invoke(schedule.function, scheduled_event(schedule, due))
        except Exception:  # noqa: BLE001 - as on AWS, a run that raises is logged and the next one comes
            print(
                f"{schedule.function} failed\n{traceback.format_exc()}", file=sys.stderr, flush=True
            )
        due = max(next_time(schedule.expression, due), now())


def next_time(expression: str, after: datetime) -> datetime:
    """When a schedule is due next. Raises TemplateError for an expression that the local stack does not know."""
    if match := re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression):
        return after + timedelta(seconds=int(match[1]) * _UNITS[match[2]])
    if match := re.fullmatch(r"cron\((\S+) (\S+) (?:\*|\?) \* (?:\*|\?) \*\)", expression):
        minutes, hours = _values(match[1], 60), _values(match[2], 24)
        time = after.replace(second=0, microsecond=0) + timedelta(minutes=1)
        while time.minute not in minutes or time.hour not in hours:
            time += timedelta(minutes=1)
        return time
    raise TemplateError(
        f"{expression}: the local stack knows rate(…) and cron(minutes hours * * ? *)"
    )


def scheduled_event(schedule: Schedule, at: datetime) -> dict[str, Any]:
    """The event of one run: the schedule's own input, else the one EventBridge makes."""
    if schedule.input is not None:
        given: dict[str, Any] = json.loads(schedule.input)
        return given
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [arn("events", f"rule/{schedule.function}{schedule.name}")],
        "detail": {},
    }


def _values(field: str, size: int) -> set[int]:
    """The minutes or hours of a field: `*`, `*/n`, `n`, `n,m`."""
    if match := re.fullmatch(r"\*(?:/([1-9]\d*))?", field):
        return set(range(0, size, int(match[1] or 1)))
    if not re.fullmatch(r"\d+(,\d+)*", field):
        raise TemplateError(f"{field}: the local stack knows *, */n and numbers in a schedule")
    values = {int(number) for number in field.split(",")}
    if max(values) >= size:
        raise TemplateError(f"{field}: a schedule's minutes end at 59, its hours at 23")
    return values
