"""Valkey: what happens right now, and the salts of cookieless ids. Nothing else speaks to the counters.

The counters are a cache of the last half hour: the queue and the store hold the truth. A request costs one pipelined
round trip; every key names its site (in a hash tag, so that a cluster keeps a site together) and expires.

    footfall:{<site>}:active           sorted set  actor -> time of its last activity: the open sessions
    footfall:{<site>}:pageviews        sorted set  event id -> time: a retry changes nothing
    footfall:{<site>}:pages            sorted set  actor and path -> time of the last view
    footfall:{<site>}:day:<YYYY-MM-DD> hash        pageviews, events: deliveries of the UTC day
    footfall:{<site>}:salt:<day>       text        the day's salt, until 48 h after the day
"""

import hashlib
import time
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from footfall.days import DAY_MS
from footfall.errors import Unavailable
from footfall.event import ACTIVITY, Event, event_uuid

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


class Counters:
    """The live counters, through a redis-py client. Reading raises Unavailable; counting is best effort."""

    def __init__(self, client: Any, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._monotonic = monotonic
        self._silent_until = 0.0

    def count(self, events: Iterable[Event], now_ms: int) -> bool:
        """Count events (people's, not imports) in one round trip; False when the counters did not answer.

        Activity older than 30 minutes is left out: nobody asks for it here. After a failure the counters are left
        alone for 2 s, so that a dead Valkey costs one time-out and not one a request.
        """
        recent = [e for e in events if e.type in ACTIVITY and e.ts > now_ms - REALTIME_MS]
        if not recent:
            return True
        if self._monotonic() < self._silent_until:
            return False
        pipeline = self._client.pipeline(transaction=False)
        for site_id in {event.site_id for event in recent}:
            _count_site(pipeline, site_id, [e for e in recent if e.site_id == site_id], now_ms)
        return self._flush(pipeline) is not None

    def live(self, site_id: str, now_ms: int) -> Live:
        """The last 5 and 30 minutes of a site, in one round trip. Raises Unavailable."""
        minute = now_ms - now_ms % 60_000
        starts = [minute - 60_000 * back for back in range(29, -1, -1)]
        recent = f"({now_ms - ACTIVE_MS}"
        pageviews = _key(site_id, "pageviews")
        pipeline = self._client.pipeline(transaction=False)
        pipeline.zcount(_key(site_id, "active"), recent, "+inf")
        pipeline.zcount(_key(site_id, "active"), f"({now_ms - REALTIME_MS}", "+inf")
        pipeline.zcount(pageviews, recent, "+inf")
        pipeline.zrangebyscore(_key(site_id, "pages"), recent, "+inf")
        for start in starts:
            pipeline.zcount(pageviews, start, f"({start + 60_000}" if start < minute else "+inf")
        answers = self._flush(pipeline)
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
        pipeline = self._client.pipeline(transaction=False)
        for day in days:
            pipeline.hmget(_key(site_id, "day", day.isoformat()), "pageviews", "events")
        answers = self._flush(pipeline)
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
        pipeline = self._client.pipeline(transaction=False)
        pipeline.set(key, proposal, nx=True, ex=max(1, seconds))
        pipeline.get(key)
        pipeline.ttl(key)
        answers = self._flush(pipeline) if self._monotonic() >= self._silent_until else None
        if answers is None or answers[1] is None:
            raise Unavailable("counters_unavailable", "The salts cannot be read at the moment.")
        return answers[1], answers[2]

    def forget(
        self, site_id: str, actors: Collection[str], event_ids: Collection[uuid.UUID]
    ) -> bool:
        """Forget what actors did, and the events of these ids; False when the counters did not answer.

        What is not forgotten is gone after half an hour anyway; deliveries of a day stay counted.
        """
        keys = {name: _key(site_id, name) for name in ("active", "pages", "pageviews")}
        pipeline = self._client.pipeline(transaction=False)
        pipeline.zrange(keys["pages"], 0, -1)
        pipeline.zrange(keys["pageviews"], 0, -1)
        members = self._flush(pipeline)
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
        for name, own in gone.items():
            for at in range(0, len(own), 1_000):
                pipeline.zrem(keys[name], *own[at : at + 1_000])
        return self._flush(pipeline) is not None

    def is_alive(self) -> bool:
        """Whether the counters answer."""
        try:
            return bool(self._client.ping())
        except Exception:  # noqa: BLE001 - the question is exactly whether anything at all goes wrong
            return False

    def _flush(self, pipeline: Any) -> Sequence[Any] | None:
        try:
            answers: Sequence[Any] = pipeline.execute()
        except Exception:  # noqa: BLE001 - whatever goes wrong with a cache must not refuse an event
            self._silent_until = self._monotonic() + _PAUSE_SECONDS
            return None
        return answers


def _count_site(pipeline: Any, site_id: str, events: Sequence[Event], now_ms: int) -> None:
    views = [event for event in events if event.type == "pageview"]
    active = _key(site_id, "active")
    pipeline.zadd(active, _latest((_actor(event), event.ts) for event in events), gt=True)
    keys = [active]
    if views:
        pageviews, pages = _key(site_id, "pageviews"), _key(site_id, "pages")
        pipeline.zadd(pageviews, {event.event_id: event.ts for event in reversed(views)}, nx=True)
        pipeline.zadd(
            pages, _latest((_actor(event) + event.path, event.ts) for event in views), gt=True
        )
        keys += [pageviews, pages]
    for key in keys:
        pipeline.zremrangebyscore(key, "-inf", now_ms - REALTIME_MS - 60_000)
        pipeline.expire(key, _KEY_SECONDS)
    for day in {event.ts // DAY_MS for event in events}:
        key = _key(site_id, "day", datetime.fromtimestamp(day * 86_400, UTC).date().isoformat())
        pipeline.hincrby(key, "pageviews", sum(event.ts // DAY_MS == day for event in views))
        pipeline.hincrby(key, "events", sum(event.ts // DAY_MS == day for event in events))
        pipeline.expire(key, _DAY_KEY_SECONDS)


def _actor(event: Event) -> str:
    return _hash(event.actor)


def _hash(actor: str) -> str:
    """A short hash of an actor: no visitor's id lies in the counters."""
    return hashlib.blake2b(actor.encode(), digest_size=_ACTOR_CHARACTERS // 2).hexdigest()


def _latest(times: Iterable[tuple[str, int]]) -> dict[str, int]:
    latest: dict[str, int] = {}
    for member, at in times:
        latest[member] = max(at, latest.get(member, at))
    return latest


def _key(site_id: str, *parts: str) -> str:
    return ":".join((f"footfall:{{{site_id}}}", *parts))
