"""Shared links: GET /share/{share_id} is the page of one, POST /shares/{share_id}/session a token for its secret."""

import time
from typing import Any

from footfall import api, wiring
from footfall.body import QUERY_BYTES, read_json
from footfall.shares.page import page, policy
from footfall.shares.session import open_session


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one HTTP request."""
    return api.handle(event, HANDLERS, context, "shares")


def shown(request: api.Request) -> api.Response:
    """The page of a link."""
    share_id, now_ms = request.parameters["share_id"], time.time_ns() // 1_000_000
    headers = {
        "content-security-policy": policy(share_id, now_ms, wiring.registry()),
        "referrer-policy": "no-referrer",
    }
    return api.Response(page(), "text/html; charset=utf-8", headers=headers)


def session(request: api.Request) -> dict[str, Any]:
    """A token for the secret of a link."""
    body = read_json(request.body, QUERY_BYTES)
    share_id, now_ms = request.parameters["share_id"], time.time_ns() // 1_000_000
    return open_session(share_id, body, now_ms, wiring.registry(), wiring.counters())


HANDLERS: dict[str, api.Handler] = {
    "/share/{share_id}": shown,
    "/shares/{share_id}/session": session,
}
