"""Whether events can be accepted, and what waits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from footfall import __version__, journal
from footfall.counters import Counters
from footfall.errors import FootfallError
from footfall.event_queue import EventQueue
from footfall.store import Store


def health(queue: EventQueue, counters: Counters, store: Store) -> dict[str, Any]:
    """The state of the engines, how many messages are not stored yet, and how many days of sites changed and are not
    rolled up yet (null when the store does not answer).

    Raises Unavailable when events cannot be accepted: the queue does not answer.
    """
    waiting = queue.waiting()
    pending = _pending(store)
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
