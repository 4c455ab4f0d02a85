"""SQS batch of sites in which something happened while somebody watched: those who watch are told."""

import time
from typing import Any

from footfall import deadline, telemetry, wiring
from footfall.event_queue import announced
from footfall.realtime.push import push


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Push to the sockets of the sites that messages name. Raises when nobody can be told; then the alarm rings."""
    sites = announced(record["body"] for record in event["Records"])
    with telemetry.invocation("push", context), deadline.within(context):
        now_ms = time.time_ns() // 1_000_000
        return push(sites, now_ms, wiring.watchers(), wiring.counters(), wiring.sockets())
