"""Keys that collect could not look up: they are before what they sent is stored."""

from collections.abc import Sequence

from footfall.event import Event
from footfall.store import Store


def split_by_key(events: Sequence[Event], store: Store) -> tuple[list[Event], list[Event]]:
    """Events whose key is good, and those whose key nobody made or was revoked before they were received.

    Raises Unavailable.
    """
    unverified: dict[str, set[str]] = {}
    for event in events:
        if event.unverified_key:
            unverified.setdefault(event.site_id, set()).add(event.unverified_key)
    if not unverified:
        return list(events), []
    made: dict[tuple[str, str], int | None] = {}
    for site_id, digests in unverified.items():
        asked = {"site": site_id, "digests": sorted(digests)}
        for sha256, revoked_at in store.select("ingest/keys_made", asked).rows:
            made[site_id, sha256] = revoked_at
    good: list[Event] = []
    wrong: list[Event] = []
    for event in events:
        (good if _is_good(event, made) else wrong).append(event)
    return good, wrong


def _is_good(event: Event, made: dict[tuple[str, str], int | None]) -> bool:
    if not event.unverified_key:
        return True
    key = event.site_id, event.unverified_key
    if key not in made:
        return False
    revoked_at = made[key]
    return revoked_at is None or event.received_at < revoked_at
