"""Every hour: the salts of cookieless ids are made ahead, and those whose time is over are destroyed."""

import time
from typing import Any

from footfall import deadline, telemetry, wiring
from footfall.salts import keep_salts


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Do one run. Raises when the vault does not answer; the next hour's run makes up for it."""
    with telemetry.invocation("salts", context), deadline.within(context):
        return keep_salts(wiring.vault(), wiring.counters(), time.time_ns() // 1_000_000)
