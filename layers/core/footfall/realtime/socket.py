"""What a WebSocket is answered: opened with a ticket, asked for numbers, closed.

Whatever a client sends asks for the numbers, and says that it still watches.
"""

import json
from collections.abc import Callable
from typing import Any

from footfall.counters import Counters
from footfall.errors import FootfallError, Unavailable
from footfall.realtime.live import live
from footfall.watchers import TEXT_CHARACTERS, Watchers

Answer = dict[str, Any]
_encoded = json.JSONEncoder(separators=(",", ":")).encode


def opened(ticket: str, connection: str, now_ms: int, watchers: Watchers) -> Answer:
    """Whether a socket may be opened: 200, else the status and code of why not."""
    return _answered(lambda: watchers.open(ticket, connection, now_ms))


def closed(connection: str, watchers: Watchers) -> Answer:
    """A socket is forgotten; one that cannot be ends by itself."""
    return _answered(lambda: watchers.close(connection))


def asked(connection: str, now_ms: int, watchers: Watchers, counters: Counters) -> Answer:
    """The numbers of the site that a socket watches, or why there are none, as a message."""
    try:
        site_id = watchers.prolong(connection, now_ms)
        told = _OVER if site_id is None else numbers(site_id, now_ms, counters)
    except Unavailable as error:
        told = _error(error)
    return {"statusCode": 200, "body": told}


def numbers(site_id: str, now_ms: int, counters: Counters) -> str:
    """The message of GET /realtime, its paths no longer than what is told of events. Raises Unavailable."""
    told = live(site_id, now_ms, counters)
    pages = [page | {"path": page["path"][:TEXT_CHARACTERS]} for page in told["pages"]]
    return _encoded({"type": "realtime", **told, "pages": pages})


def _answered(work: Callable[[], object]) -> Answer:
    try:
        work()
    except FootfallError as error:
        return {"statusCode": error.status, "body": _error(error)}
    return {"statusCode": 200}


def _error(error: FootfallError) -> str:
    return _encoded({"type": "error", **error.body()})


_OVER = _encoded(
    {
        "type": "error",
        "code": "socket_over",
        "message": "This socket has ended; open another with a new ticket.",
    }
)
