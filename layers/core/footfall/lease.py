"""A lease: work that only one process may do at a time, by rows in the store and its clock.

The store has no compare-and-set, so two that come within the same few milliseconds may both believe to be first; so
whoever did the work asks once more before it counts. A holder that dies is waited for until its lease runs out.
"""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from footfall.errors import FootfallError
from footfall.store import Store

SECONDS = 300


class Taken(FootfallError):
    """Somebody else holds the lease, or this one ran out."""


class Lease:
    """One holder's hold on a name."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self._holder = uuid.uuid4().int & (1 << 63) - 1
        self._held_at = 0.0

    def hold(self) -> None:
        """Take or renew it. Raises Taken when somebody else holds it, Unavailable."""
        self._write(SECONDS)
        self._held_at = time.monotonic()
        if not self.is_held():
            self.let_go()
            raise Taken("busy", "This is being done already.")

    def keep(self) -> None:
        """Renew it when a part of its time is over: cheap enough to be called before every statement.

        Raises Taken, Unavailable.
        """
        if time.monotonic() - self._held_at > SECONDS / 5:
            self.hold()

    def is_held(self) -> bool:
        """Whether this holder is the one."""
        found = self._store.select("leases/holder", {"name": self._name}).rows
        return bool(found) and found[0][0] == self._holder

    def let_go(self) -> None:
        """End it."""
        self._write(-1)

    def _write(self, seconds: int) -> None:
        asked = {"name": self._name, "holder": self._holder, "seconds": seconds}
        self._store.run("leases/hold", asked)


@contextmanager
def lease(store: Store, name: str) -> Iterator[Lease]:
    """Hold a name while something is done. Raises Taken when somebody else does."""
    held = Lease(store, name)
    held.hold()
    try:
        yield held
    finally:
        held.let_go()


def let_go_all(store: Store) -> None:
    """End all leases: whoever calls it knows that no other process works on this store."""
    store.run("leases/let_go_all", {})
