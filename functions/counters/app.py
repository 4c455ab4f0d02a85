"""Invoked by functions outside Valkey's network: their commands are carried out on it."""

from typing import Any

from footfall import deadline, telemetry, wiring
from footfall.relay import carry_out


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer what Valkey answers, an error of its as a text."""
    with telemetry.invocation("counters", context), deadline.within(context):
        return carry_out(event, wiring.valkey())
