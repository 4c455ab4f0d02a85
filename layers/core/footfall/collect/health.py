"""Whether events can be accepted, and what waits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from footfall import __version__, journal
from footfall.counters import Counters
from footfall.errors import FootfallError, Unavailable
from footfall.event_queue import EventQueue
from footfall.store import Store

STORE_KEY = "footfall:{registry}:store"
"""Under this key lies what a function that reaches the store saw last: how many days are not rolled up."""
STORE_SECONDS = 180
"""How long that counts: three runs of who notes it."""


def note_store(store: Store, counters: Counters) -> None:
    """Tell those who do not reach the store that it answers, and what waits there.

    Whoever carries the registry does this, every minute. Raises Unavailable when the store does not answer, or the
    counters do not.
    """
    pending = sum(site.windows for site in journal.backlog(store).values())
    if not counters.write_texts({STORE_KEY: str(pending)}, STORE_SECONDS):
        raise Unavailable("counters_unavailable", "The counters cannot be told of the store now.")


def health(queue: EventQueue, counters: Counters, store: Store | None) -> dict[str, Any]:
    """The state of the engines, how many messages are not stored yet, and how many days of sites changed and are not
    rolled up yet (null when the store does not answer).

    Without a store, since a collector need not reach it, it is as `note_store` found it.

    Raises Unavailable when events cannot be accepted: the queue does not answer.
    """
    waiting = queue.waiting()
    pending = _noted(counters) if store is None else _pending(store)
    engines = {
        "queue": "ok",
        "counters": "ok" if counters.is_alive() else "down",
        "store": "down" if pending is None else "ok",
    }
    return {
        "status": "ok" if set(engines.values()) == {"ok"} else "degraded",
        "version": __version__,
        "engines": engines,
        "waiting": waiting,
        "rollups_pending": pending,
    }


def _pending(store: Store) -> int | None:
    """One small question, which also tells whether the store answers."""
    try:
        return sum(site.windows for site in journal.backlog(store).values())
    except FootfallError:
        return None


def _noted(counters: Counters) -> int | None:
    """What was noted in the last minutes; None when nothing was, or nobody knows."""
    try:
        (noted,) = counters.texts([STORE_KEY])
    except FootfallError:
        return None
    return int(noted) if noted is not None and noted.isdigit() else None


@dataclass
class Remembered:
    """An answer of `health` kept for a while, so that a watcher costs the engines one question a few seconds."""

    seconds: float
    _until: float = 0.0
    _answer: dict[str, Any] = field(default_factory=dict)

    def read(self, now: float, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The answer of the last `seconds`, else a new one; a failure is not remembered. `now` is in seconds."""
        if now >= self._until:
            self._answer = ask()
            self._until = now + self.seconds
        return self._answer
