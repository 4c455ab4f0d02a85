"""When an invocation has to be answered: Lambda kills a function at its time-out, and nobody learns why.

Engines ask how long they may be waited for. What is left is kept by context, so that threads of the local stack, which
answer several requests at a time, have each their own; outside an invocation there is no end.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

HTTP_SECONDS = 29.0
"""API Gateway gives up after 30 s, whatever the function's own time-out is."""
KEPT_BACK = 0.5
"""Seconds in which a function says what went wrong: an answer made, a line logged."""
_NEVER = float("inf")
_ends: ContextVar[float] = ContextVar("footfall_ends", default=_NEVER)


@contextmanager
def within(
    context: Any, monotonic: Callable[[], float] = time.monotonic, most: float = _NEVER
) -> Iterator[None]:
    """Everything inside ends before Lambda's `context` does, and within `most` seconds; without a context it takes what
    it takes.
    """
    left: Callable[[], int] | None = getattr(context, "get_remaining_time_in_millis", None)
    token = _ends.set(monotonic() + min(left() / 1000, most) - KEPT_BACK if left else _NEVER)
    try:
        yield
    finally:
        _ends.reset(token)


def seconds(most: float, monotonic: Callable[[], float] = time.monotonic) -> float:
    """How long something may be waited for, `most` at the most. Raises TimeoutError when nothing is left."""
    ends = _ends.get()
    if ends == _NEVER:
        return most
    left = ends - monotonic()
    if left <= 0:
        raise TimeoutError("the time of this invocation is over")
    return min(most, left)
