"""Invoked by `make migrate`: the data model moves forward."""

from typing import Any

from footfall import wiring
from footfall.migrate import migrate


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Apply pending migrations; the answer names them."""
    return {"applied": migrate(wiring.store(), replicated=wiring.settings().store_replicated)}
