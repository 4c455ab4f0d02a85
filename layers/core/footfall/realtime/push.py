"""What those who watch a site are told without asking: the numbers, and the events that just came. No id, no address
and no agent is in it.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from footfall import user_agent
from footfall.aws import AwsError
from footfall.counters import Counters
from footfall.days import iso
from footfall.realtime.socket import numbers
from footfall.sockets import Sockets
from footfall.watchers import Fed, Watchers

_encoded = json.JSONEncoder(separators=(",", ":")).encode


def push(
    site_ids: Iterable[str], now_ms: int, watchers: Watchers, counters: Counters, sockets: Sockets
) -> dict[str, int]:
    """Push to the sockets of sites what waits for them. `{"reached", "gone", "missed"}`: how many sockets.

    Nothing is tried again: the next push says what is then. Raises Unavailable when Valkey does not answer, AwsError
    when API Gateway takes nothing at all.
    """
    site_of: dict[str, str] = {}
    messages: dict[str, list[str]] = {}
    for site_id in site_ids:
        due = watchers.take(site_id, now_ms)
        if due.connections:
            said = [numbers(site_id, now_ms, counters), *events(due.events)]
            site_of |= dict.fromkeys(due.connections, site_id)
            messages |= dict.fromkeys(due.connections, said)
    posted = sockets.post_all(messages)
    for site_id in {site_of[connection] for connection in posted.gone}:
        watchers.silence(site_id, [each for each in posted.gone if site_of[each] == site_id])
    if posted.missed and not posted.reached:
        raise AwsError("nobody who watches can be reached")
    return {"reached": posted.reached, "gone": len(posted.gone), "missed": posted.missed}


def events(fed: Iterable[Fed]) -> Iterator[str]:
    """The messages of events: `{"type","page","country","device","event","at"}`."""
    for each in fed:
        told: dict[str, Any] = {
            "type": "event",
            "page": each.page,
            "country": each.country,
            "device": each.device or user_agent.parse(each.user_agent).device,
            "event": each.event,
            "at": iso(each.at),
        }
        yield _encoded(told)
