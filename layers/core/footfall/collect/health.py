"""Whether events can be accepted, and what waits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from footfall import __version__
from footfall.counters import Counters
from footfall.event_queue import EventQueue


def health(
    queue: EventQueue, counters: Counters, store_is_alive: Callable[[], bool]
) -> dict[str, Any]:
    """The state of the engines and how many messages are not stored yet (null when the queue does not answer).

    Raises Unavailable when events cannot be accepted: the queue does not answer.
    """
    waiting = queue.waiting()
    engines = {
        "queue": "ok",
        "counters": "ok" if counters.is_alive() else "down",
        "store": "ok" if store_is_alive() else "down",
    }
    return {
        "status": "ok" if set(engines.values()) == {"ok"} else "degraded",
        "version": __version__,
        "engines": engines,
        "waiting": waiting,
        # Nothing is rolled up yet: every number is read from the events themselves.
        "rollups_pending": 0,
    }


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
