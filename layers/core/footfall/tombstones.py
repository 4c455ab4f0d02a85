"""Versions of rows of `events`: of equal keys the greatest stands, and a tombstone says that a key is no event."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeVar

from footfall.store import Store

NEWEST_VERSION = (1 << 64) - 2
"""Versions count down from here with the order of receipt: the delivery received first stands."""
TOMBSTONE = (1 << 64) - 1
"""The version of a tombstone: greater than every delivery's."""


Id = TypeVar("Id", uuid.UUID, str)


def hide(keys_of: Mapping[Id, Iterable[tuple[date, int]]], site_id: str, store: Store) -> None:
    """Write a tombstone for every key (day, actor_hash) of the event ids. Raises Unavailable."""
    store.insert(
        "events",
        [
            {
                "site_id": site_id,
                "day": str(day),
                "actor_hash": actor_hash,
                "event_id": str(event_id),
                "version": TOMBSTONE,
                "is_deleted": 1,
            }
            for event_id, keys in keys_of.items()
            for day, actor_hash in keys
        ],
    )
