"""Schedule: the run over everything that arrived since the last one."""

from datetime import UTC, datetime
from typing import Any

from footfall import wiring
from footfall.rollup.run import run


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Do one run; its answer says what was done."""
    return run(
        datetime.now(UTC),
        wiring.store(),
        wiring.event_queue(),
        wiring.site_of,
        eager=bool(event.get("eager")),
    )
