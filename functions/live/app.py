"""A WebSocket: opened with a ticket, asked for the live numbers, closed. What is pushed to it is push's to send."""

import time
from typing import Any

from footfall import deadline, telemetry, wiring
from footfall.realtime import socket


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one event of a socket by its route: `$connect`, `$disconnect`, `$default` for whatever it says."""
    about = event["requestContext"]
    connection, now_ms = about["connectionId"], time.time_ns() // 1_000_000
    with telemetry.invocation("live", context), deadline.within(context):
        match about["routeKey"]:
            case "$connect":
                ticket = (event.get("queryStringParameters") or {}).get("ticket", "")
                return socket.opened(ticket, connection, now_ms, wiring.watchers())
            case "$disconnect":
                return socket.closed(connection, wiring.watchers())
        return socket.asked(connection, now_ms, wiring.watchers(), wiring.counters())
