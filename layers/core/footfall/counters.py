"""Valkey: what happens right now, and the salts of cookieless ids. Nothing else speaks to the counters.

The counters are a cache of the last half hour: the queue and the store hold the truth. A request costs one pipelined
round trip; every key names its site (in a hash tag, so that a cluster keeps a site together) and expires.

    footfall:{<site>}:active           sorted set  actor -> time of its last activity: the open sessions
    footfall:{<site>}:pageviews        sorted set  event id -> time: a retry changes nothing
    footfall:{<site>}:pages            sorted set  actor and path -> time of the last view
    footfall:{<site>}:day:<YYYY-MM-DD> hash        pageviews, events: deliveries of the UTC day; taken: for quotas
    footfall:{<site>}:salt:import      text        when the site's import salt was first used, for 48 h (salts.py)
    footfall:{<site>}:salt:<zone>:<day> text       the day's salt where there is no vault, until 48 h after the day
    footfall:{<site>}:tries:<share>    number      wrong passwords of a shared link in the last quarter of an hour

The documents of the registry lie here too (registry/content.py says under which keys), and what live pushes take
(watchers.py).
"""

import hashlib
import time
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Protocol

from footfall.days import DAY_MS, utc_day
from footfall.errors import Unavailable
from footfall.event import ACTIVITY, Event, event_uuid
from footfall.valkey import Command, ValkeyError, packed

REGISTRY_VERSION = "footfall:{registry}:version"
"""Under this key lies the version of the registry's documents."""
ACTIVE_MS = 5 * 60_000
REALTIME_MS = 30 * 60_000
_KEY_SECONDS = REALTIME_MS // 1000 + 120
_DAY_KEY_SECONDS = 3 * 86_400
_PAUSE_SECONDS = 2.0
_ACTOR_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class Live:
    """The last minutes of a site, by event time."""

    active_users: int
    open_sessions: int
    pageviews_last_5_min: int
    pages: list[tuple[str, int]]
    """(path, actors that viewed it in the last 5 minutes), most first."""
    per_minute: list[int]
    """Pageviews of each of the last 30 minutes of the clock, oldest first, the running one last."""


class Asks(Protocol):
    """Who carries out commands: Valkey itself, or whoever may speak to it."""

    def ask(self, commands: Iterable[Command | bytes]) -> list[Any]:
        """The answers in the order of the commands. Raises ValkeyError."""


class Counters:
    """The live counters. Reading raises Unavailable; counting is best effort."""

    def __init__(self, valkey: Asks, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._valkey = valkey
        self._monotonic = monotonic
        self._silent_until = 0.0
        self.seen_version: tuple[str, float] | None = None
        """The version of the registry as counting saw it last, and when: it costs counting nothing to look."""
        self._taken: dict[str, tuple[int, int]] = {}
        """Of sites with a quota the day (since 1970) and the events that were taken on it, as counting saw it last."""

    @property
    def is_silent(self) -> bool:
        """Whether they are left alone because they just did not answer."""
        return self._monotonic() < self._silent_until

    def count(
        self, events: Iterable[Event], now_ms: int, taken: Mapping[str, int] | None = None
    ) -> list[Event] | None:
        """Count events (people's, not imports) in one round trip; those of them that somebody watches, None when the
        counters did not answer.

        Activity older than 30 minutes is left out: nobody asks for it here. `taken` are the events of a request by
        site, where the site has a quota. After a failure the counters are left alone for 2 s, so that a dead Valkey
        costs one time-out and not one a request.
        """
        since = now_ms - REALTIME_MS
        recent = [e for e in events if e.type in ACTIVITY and e.ts > since]
        if not recent and not taken:
            return []
        if self.is_silent:
            return None
        sites = list({event.site_id for event in recent})
        commands: list[Command | bytes] = [_again("GET", REGISTRY_VERSION), *map(_watched, sites)]
        for site_id in sites:
            own = [e for e in recent if e.site_id == site_id] if len(sites) > 1 else recent
            commands += _count_site(site_id, own, now_ms)
        quotas = len(commands)
        for site_id, number in (taken or {}).items():
            key = _day_key(site_id, now_ms // DAY_MS)
            commands += [
                _again("HINCRBY", key, "taken", number),
                _again("EXPIRE", key, _DAY_KEY_SECONDS),
            ]
        answers = self._ask(commands)
        if answers is None:
            return None
        self.saw_version(answers[0])
        for site_id, answer in zip(taken or {}, answers[quotas::2], strict=True):
            self._taken[site_id] = (now_ms // DAY_MS, answer)
        if not any(watched := answers[1 : len(sites) + 1]):
            return []
        by_site = dict(zip(sites, watched, strict=True))
        return [event for event in recent if by_site[event.site_id]]

    def taken(self, site_id: str, now_ms: int) -> int:
        """How many events of a site with a quota were taken on this UTC day, as far as this process saw; 0 if never."""
        day, number = self._taken.get(site_id, (0, 0))
        return number if day == now_ms // DAY_MS else 0

    def saw_version(self, version: bytes | None) -> None:
        """Note the version of the registry that lies here now; None (they were emptied) tells nothing."""
        if version is not None:
            self.seen_version = (version.decode(), self._monotonic())

    def texts(self, keys: Sequence[str]) -> list[bytes | None]:
        """The documents under keys, None for those that are not there, in one round trip. Raises Unavailable."""
        # One command a key: a cluster would refuse one for keys of several slots.
        answers = None if self.is_silent else self._ask([("GET", key) for key in keys])
        if answers is None:
            raise Unavailable("counters_unavailable", "The counters cannot be read at the moment.")
        return list(answers)

    def write_texts(self, documents: Mapping[str, str], seconds: int) -> bool:
        """Keep documents by key for a while, in their order; False when the counters did not answer."""
        written = self._ask(
            [("SET", key, document, "EX", seconds) for key, document in documents.items()]
        )
        return written is not None

    def live(self, site_id: str, now_ms: int) -> Live:
        """The last 5 and 30 minutes of a site, in one round trip. Raises Unavailable."""
        minute = now_ms - now_ms % 60_000
        starts = [minute - 60_000 * back for back in range(29, -1, -1)]
        recent = f"({now_ms - ACTIVE_MS}"
        pageviews = _key(site_id, "pageviews")
        commands: list[Command] = [
            ("ZCOUNT", _key(site_id, "active"), recent, "+inf"),
            ("ZCOUNT", _key(site_id, "active"), f"({now_ms - REALTIME_MS}", "+inf"),
            ("ZCOUNT", pageviews, recent, "+inf"),
            ("ZRANGE", _key(site_id, "pages"), recent, "+inf", "BYSCORE"),
        ]
        for start in starts:
            end = f"({start + 60_000}" if start < minute else "+inf"
            commands.append(("ZCOUNT", pageviews, start, end))
        answers = self._ask(commands)
        if answers is None:
            raise Unavailable(
                "counters_unavailable", "The live numbers cannot be read at the moment; try again."
            )
        pages = Counter(
            member.decode("utf-8", "replace")[_ACTOR_CHARACTERS:] for member in answers[3]
        )
        ranked = sorted(pages.items(), key=lambda page: (-page[1], page[0]))
        return Live(answers[0], answers[1], answers[2], ranked, list(answers[4:]))

    def deliveries(self, site_id: str, days: Sequence[date]) -> dict[date, tuple[int, int]]:
        """How many pageviews and events of UTC days were counted, retries again; days that are forgotten are left out.

        Raises Unavailable.
        """
        answers = self._ask(
            [
                ("HMGET", _key(site_id, "day", day.isoformat()), "pageviews", "events")
                for day in days
            ]
        )
        if answers is None:
            raise Unavailable(
                "counters_unavailable", "The live numbers cannot be read at the moment; try again."
            )
        return {
            day: (int(pageviews or 0), int(events))
            for day, (pageviews, events) in zip(days, answers, strict=True)
            if events is not None
        }

    def salt(self, site_id: str, name: str, proposal: bytes, seconds: int) -> tuple[bytes, int]:
        """The salt kept under `name` and the seconds it still lives; `proposal` becomes it where there is none.

        Raises Unavailable.
        """
        key = _key(site_id, "salt", name)
        commands: list[Command] = [
            ("SET", key, proposal, "NX", "EX", max(1, seconds)),
            ("GET", key),
            ("TTL", key),
        ]
        answers = None if self.is_silent else self._ask(commands)
        if answers is None or answers[1] is None:
            raise Unavailable("counters_unavailable", "The salts cannot be read at the moment.")
        return answers[1], answers[2]

    def tried(self, site_id: str, name: str, seconds: int) -> int:
        """Count a try of what may be tried so often in so long a time; how many there were. Raises Unavailable."""
        return self._tries(site_id, name, 1, seconds)

    def forget_try(self, site_id: str, name: str, seconds: int) -> None:
        """Take a try back, since it was a right one. Raises Unavailable."""
        self._tries(site_id, name, -1, seconds)

    def _tries(self, site_id: str, name: str, by: int, seconds: int) -> int:
        key = _key(site_id, "tries", name)
        answers = self._ask([("INCRBY", key, by), ("EXPIRE", key, seconds, "NX")])
        if answers is None:
            raise Unavailable(
                "counters_unavailable", "This cannot be checked at the moment; try again."
            )
        return int(answers[0])

    def forget(
        self, site_id: str, actors: Collection[str], event_ids: Collection[uuid.UUID]
    ) -> bool:
        """Forget what actors did, and the events of these ids; False when the counters did not answer.

        What is not forgotten is gone after half an hour anyway; deliveries of a day stay counted.
        """
        keys = {name: _key(site_id, name) for name in ("active", "pages", "pageviews")}
        members = self._ask(
            [("ZRANGE", keys["pages"], 0, -1), ("ZRANGE", keys["pageviews"], 0, -1)]
        )
        if members is None:
            return False
        hashes = {_hash(actor).encode() for actor in actors}
        gone: dict[str, list[bytes]] = {
            "active": sorted(hashes),
            "pages": [member for member in members[0] if member[:_ACTOR_CHARACTERS] in hashes],
            "pageviews": [
                member
                for member in members[1]
                if event_uuid(member.decode("utf-8", "replace")) in event_ids
            ],
        }
        commands: list[Command] = [
            ("ZREM", keys[name], *own[at : at + 1_000])
            for name, own in gone.items()
            for at in range(0, len(own), 1_000)
        ]
        return self._ask(commands) is not None

    def is_alive(self) -> bool:
        """Whether the counters answer."""
        try:
            return self._valkey.ask([("PING",)]) == [b"PONG"]
        except ValkeyError:
            return False

    def _ask(self, commands: Sequence[Command | bytes]) -> list[Any] | None:
        """The answers, None when there are none: whatever goes wrong with a cache must not refuse an event."""
        try:
            return self._valkey.ask(commands)
        except ValkeyError:
            self._silent_until = self._monotonic() + _PAUSE_SECONDS
            return None


def _count_site(site_id: str, events: Sequence[Event], now_ms: int) -> list[Command | bytes]:
    hashes = {actor: _hash(actor) for actor in {event.actor for event in events}}
    active: dict[str, int] = {}
    pageviews: dict[str, int] = {}
    pages: dict[str, int] = {}
    counted: dict[int, int] = {}
    viewed: dict[int, int] = {}
    for event in events:
        at, hashed = event.ts, hashes[event.actor]
        day = at // DAY_MS
        counted[day] = counted.get(day, 0) + 1
        if at > active.get(hashed, -1):
            active[hashed] = at
        if event.type == "pageview":
            viewed[day] = viewed.get(day, 0) + 1
            pageviews.setdefault(event.event_id, at)
            member = hashed + event.path
            if at > pages.get(member, -1):
                pages[member] = at
    # Whole seconds, so that it is the same command for a while; who reads asks for 30 minutes.
    long_ago = (now_ms - REALTIME_MS) // 1000 * 1000 - 60_000
    commands: list[Command | bytes] = []
    for name, condition, times in (
        ("active", "GT", active),
        ("pageviews", "NX", pageviews),
        ("pages", "GT", pages),
    ):
        if times:
            key = _key(site_id, name)
            commands += (
                _zadd(key, condition, times),
                _again("ZREMRANGEBYSCORE", key, "-inf", long_ago),
                _again("EXPIRE", key, _KEY_SECONDS),
            )
    for day, count in counted.items():
        key = _day_key(site_id, day)
        commands += (
            _again("HINCRBY", key, "pageviews", viewed.get(day, 0)),
            _again("HINCRBY", key, "events", count),
            _again("EXPIRE", key, _DAY_KEY_SECONDS),
        )
    return commands


@lru_cache(4_096)
def _again(*command: str | int) -> bytes:
    """A command that is sent again and again, as it is sent."""
    return packed(command)


def _zadd(key: str, condition: str, times: Mapping[str, int]) -> Command:
    command: list[str | bytes] = ["ZADD", key, condition]
    # Most of a request happened at the same time.
    scores = {at: b"%d" % at for at in set(times.values())}
    for member, at in times.items():
        command += (scores[at], member)
    return command


@lru_cache(1_024)
def _day_key(site_id: str, day: int) -> str:
    return _key(site_id, "day", utc_day(day * DAY_MS).isoformat())


@lru_cache(1_024)
def _watched(site_id: str) -> bytes:
    """The question whether somebody watches a site, as it is sent."""
    return packed(("EXISTS", sockets_key(site_id)))


def sockets_key(site_id: str) -> str:
    """Under this key lie the sockets that watch a site; it is there while there are any."""
    return _key(site_id, "sockets")


def _hash(actor: str) -> str:
    """A short hash of an actor: no visitor's id lies in the counters."""
    return hashlib.blake2b(actor.encode(), digest_size=_ACTOR_CHARACTERS // 2).hexdigest()


def _key(site_id: str, *parts: str) -> str:
    return ":".join((f"footfall:{{{site_id}}}", *parts))
