"""POST /realtime/ticket: who may read a site's live numbers gets a ticket that opens one WebSocket: no key stands in a
URL.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from footfall.days import iso
from footfall.errors import BadRequest
from footfall.keys import Access
from footfall.origin import is_from_front
from footfall.share import read_token
from footfall.watchers import SOCKET_MS, TICKET_MS, Watchers

PATH = "/live"
"""Of the WebSocket: the name of its stage, so that a CDN in front need not change it."""
_HOST = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"
)


def make_ticket(
    site_id: str, access: Access, bearer: str, url: str, now_ms: int, watchers: Watchers
) -> dict[str, Any]:
    """`{"ticket", "url", "expires"}`. A socket ends when the key or shared link of the `access` is revoked, and a
    shared link's with the token (`bearer`) that it was opened with.

    Raises TooMany where as many watch as may, Unavailable.
    """
    token = read_token(bearer)
    ends = token[1] if token else now_ms + TICKET_MS + SOCKET_MS
    ticket, until = watchers.make_ticket(site_id, ends, now_ms, access.key_id)
    return {"ticket": ticket, "url": url, "expires": iso(until)}


def address(
    headers: Mapping[str, str], origin_key_sha256: str, live_url: str, elsewhere: Collection[str]
) -> str:
    """Where the WebSocket is: where that has it, at the host of the page that asks, since it may connect to no other.
    Header names are in lower case. Raises BadRequest.

    Without `live_url` the request's own host has it. With one there may be a CDN in front, whose name only the page
    knows (the CDN asks the API by the API's name): where the request came through it, the page is on its host, unless
    it is one of the pages `elsewhere` that may read too; no other page gets to read the answer. Who makes up headers is
    told what they said themselves, and nobody else is: an answer goes to who asked, and is not kept.
    """
    if not live_url:
        host = headers.get("host", "")
        if not _HOST.fullmatch(host):
            raise BadRequest("invalid_field", "The `Host` header names no host.", field="host")
        is_secure = headers.get("x-forwarded-proto", "").partition(",")[0].strip() == "https"
        return f"{'wss' if is_secure else 'ws'}://{host}{PATH}"
    if not is_from_front(headers, origin_key_sha256):
        return live_url
    scheme, _, host = headers.get("origin", "").partition("://")
    is_here = scheme == "https" and f"https://{host}" not in elsewhere
    return f"wss://{host}{PATH}" if is_here and _HOST.fullmatch(host) else live_url
