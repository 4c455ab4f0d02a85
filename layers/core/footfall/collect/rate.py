"""The limit of requests: a bucket of tokens a key, in the memory of one instance.

It keeps one client's burst from costing everybody; it is no quota. What was refused takes no token, so that a client
that comes back as told is not held off by its own tries.
"""

from dataclasses import dataclass, field

from footfall.errors import TooMany

MOST_SECONDS = 60
"""A client is never told to stay away for longer."""
_BUCKETS = 10_000


@dataclass
class RateLimit:
    """At most `a_second` requests a second of each key, and as many at once."""

    a_second: int = 0
    """0: no limit."""
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Of each key the tokens that were left, and when (seconds)."""

    def check(self, key: str, now: float) -> None:
        """Raise TooMany when the key has no token left at `now` (seconds of a clock that only goes forward)."""
        if not self.a_second:
            return
        left = self._left(key, now)
        if left < 1:
            seconds = min(MOST_SECONDS, max(1, int((1 - left) / self.a_second + 0.999)))
            raise TooMany(
                "too_many_requests",
                f"A key takes {self.a_second:,} requests a second; try again in {seconds} s.",
                retry_after=seconds,
            )

    def count(self, key: str, now: float) -> None:
        """Take a token of the key for a request that was accepted."""
        if not self.a_second:
            return
        left = self._left(key, now)
        if len(self._buckets) >= _BUCKETS:
            self._buckets.clear()
        self._buckets[key] = (left - 1, now)

    def _left(self, key: str, now: float) -> float:
        left, at = self._buckets.get(key, (float(self.a_second), now))
        return min(float(self.a_second), left + max(0.0, now - at) * self.a_second)
