"""Who watches a site live: tickets, the sockets they opened, and what waits to be pushed to those. It lies in Valkey.

A ticket opens one socket, once; of it only the SHA-256 is kept. A socket lasts a quarter of an hour whatever its client
does, and less where it says nothing for three minutes. When a key or shared link is revoked, nobody of its sites is
pushed to until they say something, and then who watches by it is told that the socket is over.

    footfall:{tickets}:<sha256>      JSON        the site, until when the ticket opens a socket and what it opens lasts,
                                                 and the key or link
    footfall:{sockets}:<connection>  JSON        the site of a socket, until when it lasts, and the key or link
    footfall:{revoked}:<id>          text        this key or link was revoked lately: what it opened is over
    footfall:{<site>}:sockets        sorted set  connection -> until when it is pushed to; gone where nobody watches
    footfall:{<site>}:feed           list        the newest events that wait to be pushed, for a minute
    footfall:{<site>}:pushing        text        a push is on its way, or was lost
    footfall:{<site>}:pushed         text        the last push is less than a second ago

The feed holds no id. It holds agents, since only `realtime/push.py` knows devices; they go no further than there.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from footfall import telemetry
from footfall.counters import Asks, sockets_key
from footfall.errors import TooMany, Unauthorized, Unavailable
from footfall.event import Event
from footfall.keys import digest
from footfall.user_agent import CHARACTERS
from footfall.valkey import Command, ValkeyError

TICKET_MS = 60_000
LAG_MS = 60_000
"""For so long some function may not have heard yet that a key or link was revoked, and give a ticket for it."""
SOCKET_MS = 15 * 60_000
"""How long a socket lasts: for so long, at the most, somebody watches whose access was taken away unnoticed."""
SILENT_MS = 3 * 60_000
"""How long a socket is pushed to whose client says nothing."""
SOCKETS = 100
"""So many may be open to a site."""
FED = 10
"""So many events are pushed at once, the newest: nobody reads more a second, and each is a message to each socket."""
FEED_MS = 60_000
PUSHING_MS = 3_000
"""After that a push that was announced counts as lost."""
PUSHED_MS = 1_000
PAUSE_SECONDS = 5.0
TEXT_CHARACTERS = 500
"""What is pushed of a text: an event may hold 32 KB, and ten of that size are more than a message takes."""
_TICKET_BYTES = 24

_encoded = json.JSONEncoder(separators=(",", ":")).encode


class Watched(NamedTuple):
    """What a socket watches."""

    site_id: str
    ends: int
    """Until when it lasts, ms since 1970."""
    by: str = ""
    """The id of the key or shared link that it was opened with."""


class Fed(NamedTuple):
    """What of an event is pushed, and what its device is told by."""

    fed: int
    """When it came into the feed, ms since 1970."""
    at: int
    """When it happened, ms since 1970."""
    event: str
    """The name of a track or screen, else `pageview` or `screen`."""
    page: str
    country: str
    device: str
    user_agent: str


class Due(NamedTuple):
    """What there is to push to whom; nothing to nobody where the push was done already."""

    events: list[Fed]
    """Oldest first."""
    connections: list[str]


NOTHING = Due([], [])


class Watchers:
    """Tickets, sockets and feeds in Valkey. Every method raises Unavailable when it does not answer."""

    def __init__(self, valkey: Asks) -> None:
        self._valkey = valkey

    def make_ticket(self, site_id: str, ends: int, now_ms: int, by: str = "") -> tuple[str, int]:
        """A ticket to watch a site, until when it opens a socket (ms), and that lasts no longer than `ends`, nor than
        the key or link of the id `by`.

        Raises TooMany where the site has as many sockets as it may.
        """
        ticket = secrets.token_urlsafe(_TICKET_BYTES)
        until = min(now_ms + TICKET_MS, ends)
        kept = _encoded([site_id, until, ends, by])
        there, _ = self._ask(
            [
                ("ZCOUNT", sockets_key(site_id), f"({now_ms}", "+inf"),
                ("SET", _ticket_key(ticket), kept, "PX", TICKET_MS),
            ]
        )
        if there >= SOCKETS:
            raise _too_many()
        return ticket, until

    def open(self, ticket: str, connection: str, now_ms: int) -> Watched:
        """Open a socket with a ticket, which is used up by that.

        Raises Unauthorized for one that nobody made, that was used or is over; TooMany as `make_ticket`.
        """
        (kept,) = self._ask([("GETDEL", _ticket_key(ticket))])
        site_id, until, ends, by = json.loads(kept) if kept else ("", 0, 0, "")
        if now_ms >= until or self._is_revoked(by):
            raise Unauthorized("wrong_ticket", "This ticket was used or is over; take another.")
        watched = Watched(site_id, min(now_ms + SOCKET_MS, ends), by)
        key, record = sockets_key(site_id), _socket_key(connection)
        *_, there = self._ask(
            [
                ("SET", record, _encoded(watched), "PX", watched.ends - now_ms),
                ("ZREMRANGEBYSCORE", key, "-inf", now_ms),
                *_listen(connection, watched, now_ms),
                ("ZCARD", key),
            ]
        )
        # Counted with itself, so that of those who come at once too many are refused rather than taken.
        if there > SOCKETS:
            self._end(site_id, connection)
            raise _too_many()
        return watched

    def prolong(self, connection: str, now_ms: int) -> str | None:
        """The site that a socket watches, which is pushed to for longer now; None where it lasts no more."""
        watched = self._watched(connection)
        if watched is None or now_ms >= watched.ends or self._is_revoked(watched.by):
            return None
        self._ask(_listen(connection, watched, now_ms))
        return watched.site_id

    def close(self, connection: str) -> None:
        """Forget a socket that was closed."""
        watched = self._watched(connection)
        if watched is not None:
            self._end(watched.site_id, connection)

    def revoke(self, by: str, site_ids: Iterable[str]) -> None:
        """End what was opened with a key or shared link of these sites. Nobody of them is pushed to until they say
        something, which a page does twice a minute.
        """
        self._ask(
            [
                ("SET", _revoked_key(by), "1", "PX", TICKET_MS + SOCKET_MS + LAG_MS),
                *(("DEL", sockets_key(site_id)) for site_id in site_ids),
            ]
        )

    def silence(self, site_id: str, connections: Sequence[str]) -> None:
        """Push no more to sockets of a site that cannot be reached, until they say something: one that is only being
        opened cannot be reached yet.
        """
        self._ask([("ZREM", sockets_key(site_id), *connections)])

    def feed(self, events: Iterable[Event], now_ms: int) -> dict[str, int]:
        """Let events wait to be pushed; the sites of which a push is to be announced now, and in how many seconds."""
        by_site: dict[str, list[Event]] = {}
        for event in events:
            by_site.setdefault(event.site_id, []).append(event)
        commands: list[Command] = []
        for site_id, own in by_site.items():
            newest = sorted(own, key=lambda event: event.ts)[-FED:]
            key = _key(site_id, "feed")
            commands += [
                ("RPUSH", key, *(_encoded(_fed(event, now_ms)) for event in newest)),
                ("LTRIM", key, -FED, -1),
                ("PEXPIRE", key, FEED_MS),
                ("EXISTS", _key(site_id, "pushed")),
                ("SET", _key(site_id, "pushing"), "1", "NX", "PX", PUSHING_MS),
            ]
        answers = self._ask(commands)
        # What comes after a quiet second is pushed at once, the rest a second after the push before.
        return {
            site_id: answers[at + 3]
            for site_id, at in zip(by_site, range(0, len(answers), 5), strict=True)
            if answers[at + 4] is not None
        }

    def take(self, site_id: str, now_ms: int) -> Due:
        """What there is to push of a site now; NOTHING where another has pushed it, as when a message comes twice."""
        was_announced, fed, listening, _ = self._ask(
            [
                ("DEL", _key(site_id, "pushing")),
                ("LPOP", _key(site_id, "feed"), FED),
                ("ZRANGE", sockets_key(site_id), f"({now_ms}", "+inf", "BYSCORE"),
                ("SET", _key(site_id, "pushed"), "1", "PX", PUSHED_MS),
            ]
        )
        if not was_announced and not fed:
            return NOTHING
        events = [event for text in fed or () if now_ms - (event := _read(text)).fed < FEED_MS]
        return Due(events, [connection.decode() for connection in listening])

    def _watched(self, connection: str) -> Watched | None:
        (kept,) = self._ask([("GET", _socket_key(connection))])
        return Watched(*json.loads(kept)) if kept else None

    def _is_revoked(self, by: str) -> bool:
        return bool(by) and self._ask([("EXISTS", _revoked_key(by))]) == [1]

    def _end(self, site_id: str, connection: str) -> None:
        self._ask([("ZREM", sockets_key(site_id), connection), ("DEL", _socket_key(connection))])

    def _ask(self, commands: Iterable[Command]) -> list[Any]:
        try:
            return self._valkey.ask(commands)
        except ValkeyError as error:
            raise Unavailable(
                "counters_unavailable", "The live numbers cannot be read at the moment; try again."
            ) from error


class Feed:
    """What collect tells those who watch. Best effort: whatever becomes of it, the event is accepted already."""

    def __init__(
        self,
        watchers: Watchers,
        announce: Callable[[str, int], object],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`announce` tells the push function of a site, and in how many seconds it is to push."""
        self._watchers = watchers
        self._announce = announce
        self._monotonic = monotonic
        self._silent_until = 0.0

    def tell(self, events: Sequence[Event], now_ms: int) -> None:
        """Let events of watched sites be pushed. Never raises: after a failure nothing is told for 5 s, so an engine
        that does not answer costs one time-out and not one a request.
        """
        if self._monotonic() < self._silent_until:
            return
        try:
            for site_id, seconds in self._watchers.feed(events, now_ms).items():
                self._announce(site_id, seconds)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong here must not refuse an event
            self._silent_until = self._monotonic() + PAUSE_SECONDS
            telemetry.report("those who watch were not told", error)


def _listen(connection: str, watched: Watched, now_ms: int) -> list[Command]:
    """Let a socket be pushed to for as long as its client need not say anything."""
    key = sockets_key(watched.site_id)
    return [
        ("ZADD", key, min(now_ms + SILENT_MS, watched.ends), connection),
        # No other one is listened for longer.
        ("PEXPIRE", key, SILENT_MS),
    ]


def _fed(event: Event, now_ms: int) -> Fed:
    # An agent is for the device alone.
    agent = "" if event.device else event.user_agent[:CHARACTERS]
    name, page, country, device = (
        text[:TEXT_CHARACTERS]
        for text in (event.name or event.type, event.path, event.country, event.device)
    )
    return Fed(now_ms, event.ts, name, page, country, device, agent)


def _read(text: bytes) -> Fed:
    return Fed(*json.loads(text))


def _too_many() -> TooMany:
    return TooMany(
        "too_many_sockets",
        f"{SOCKETS} watch this site already; ask GET /realtime instead.",
        retry_after=60,
    )


def _ticket_key(ticket: str) -> str:
    return _key("tickets", digest(ticket))


def _revoked_key(by: str) -> str:
    return _key("revoked", by)


def _socket_key(connection: str) -> str:
    return _key("sockets", connection)


def _key(tag: str, *parts: str) -> str:
    return ":".join((f"footfall:{{{tag}}}", *parts))
