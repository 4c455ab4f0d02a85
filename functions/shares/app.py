"""POST /shares/{share_id}/session: whoever has a shared link gets a token that reads."""

import time
from typing import Any

from footfall import api, wiring
from footfall.body import QUERY_BYTES, read_json
from footfall.shares.session import open_session


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one HTTP request."""
    return api.handle(event, {"/shares/{share_id}/session": session}, context, "shares")


def session(request: api.Request) -> dict[str, Any]:
    """A token for the secret of a link."""
    body = read_json(request.body, QUERY_BYTES)
    share_id, now_ms = request.parameters["share_id"], time.time_ns() // 1_000_000
    return open_session(share_id, body, now_ms, wiring.registry(), wiring.counters())
