"""What was erased does not come back: deliveries that an erasure reaches are refused, and whatever they left goes.

Refused are retries of erased event ids, for good, and of erased visitors everything that was received until their
erasure. What of it says who is who (links, aliases) is refused with it; a device that turns out to be an erased
person's is erased, too. A site that never erased anything costs one small question a batch.
"""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from footfall import erasure
from footfall.days import FIRST_DAY, LAST_DAY, utc_day
from footfall.erasure import Mark, Person
from footfall.event import Event, event_uuid
from footfall.store import Store

COPY_DAYS = timedelta(days=9)


def kept(events: Sequence[Event], store: Store) -> list[Event]:
    """The events that may be stored, without links to erased ids; of the others nothing is left in the store.

    Called before they are stored and, since an erasure may have come in between, once more afterwards. Raises
    Unavailable.
    """
    site_keys = erasure.keys({event.site_id for event in events}, store) if events else {}
    if not site_keys:
        return list(events)
    by_site: dict[str, list[Event]] = {}
    for event in events:
        by_site.setdefault(event.site_id, []).append(event)
    return [
        event
        for site_id, own in by_site.items()
        for event in (
            _kept_of_site(own, site_id, site_keys[site_id], store) if site_id in site_keys else own
        )
    ]


def _kept_of_site(
    events: Sequence[Event], site_id: str, keys: Sequence[bytes], store: Store
) -> list[Event]:
    marks = erasure.recall({i for event in events for i in _ids(event)}, site_id, keys, store)
    if not marks:
        return list(events)
    while True:
        dropped = [event for event in events if _reason(event, marks)]
        if not (learnt := _learnt(dropped, events, marks, site_id, store)):
            break
        marks |= learnt
        for mark in set(learnt.values()):
            own = _people(learnt, mark)
            # Nobody else's by an earlier entry, so this adds devices and former names only.
            own = erasure.relatives(own.users, own.actors, site_id, store)
            erasure.erase(own, mark, site_id, keys[0], store)
    if dropped:
        _clear(dropped, marks, site_id, keys[0], store)
    return [_without_erased_ids(event, marks) for event in events if not _reason(event, marks)]


def _ids(event: Event) -> list[str]:
    ids = [f"e:{event_uuid(event.event_id)}"]
    if event.anonymous_id:
        ids.append(f"a:{event.anonymous_id}")
    if event.user_id:
        ids.append(f"u:{event.user_id}")
    if event.previous_id:
        ids += [f"a:{event.previous_id}", f"u:{event.previous_id}"]
    return ids


def _reason(event: Event, marks: dict[str, Mark]) -> Mark | None:
    """Why an event is refused: the erasure of its id, or of its person after it was received."""
    person = f"u:{event.user_id}" if event.user_id else event.actor
    return marks.get(f"e:{event_uuid(event.event_id)}") or _reached(person, event, marks)


def _reached(an_id: str, event: Event, marks: dict[str, Mark]) -> Mark | None:
    mark = marks.get(an_id)
    return mark if mark and event.received_at <= mark.erased_at_ms else None


def _without_erased_ids(event: Event, marks: dict[str, Mark]) -> Event:
    """The event of somebody else, without what would link it to an erased id."""
    if event.anonymous_id and _reached(f"a:{event.anonymous_id}", event, marks):
        event = event._replace(anonymous_id="")
    if event.previous_id and any(
        _reached(f"{kind}:{event.previous_id}", event, marks) for kind in "au"
    ):
        event = event._replace(previous_id="")
    return event


def _learnt(
    dropped: Sequence[Event],
    events: Sequence[Event],
    marks: dict[str, Mark],
    site_id: str,
    store: Store,
) -> dict[str, Mark]:
    """Ids that belong to an erased person only by what the dropped deliveries say, and to nobody by an earlier one."""
    wanted: dict[str, tuple[int, Mark]] = {}
    for event in dropped:
        mark = _reached(f"u:{event.user_id}", event, marks) if event.user_id else None
        if mark:
            for an_id in (
                event.anonymous_id and f"a:{event.anonymous_id}",
                event.previous_id and f"a:{event.previous_id}",
                event.previous_id and f"u:{event.previous_id}",
            ):
                if an_id and not _reached(an_id, event, marks):
                    claim = (event.receipt, mark)
                    wanted[an_id] = min(claim, wanted.get(an_id, claim), key=lambda c: c[0])
    if not wanted:
        return {}
    actors = sorted(an_id for an_id in wanted if an_id.startswith("a:"))
    users = sorted(an_id[2:] for an_id in wanted if an_id.startswith("u:"))
    asked = {"site": site_id, "ids": actors}
    seen = {actor for (actor,) in store.select("privacy/seen_actors", asked).rows}
    seen |= {event.actor for event in events}
    earlier = {
        actor
        for actor, receipt, _ in store.select("privacy/links_of_actors", asked).rows
        if receipt < wanted[actor][0]
    }
    earlier |= {
        f"a:{event.anonymous_id}"
        for event in events
        if event.user_id
        and not _reached(f"u:{event.user_id}", event, marks)
        and event.receipt < wanted.get(f"a:{event.anonymous_id}", (0,))[0]
    }
    asked = {"site": site_id, "previous_ids": users, "users": []}
    named = store.select("privacy/aliases_of", asked).rows
    earlier |= {f"u:{previous_id}" for previous_id, *_ in named}
    # What alias() names is the anonymousId where one was seen, else the user.
    earlier |= {f"u:{user}" for user in users if f"a:{user}" in seen}
    return {an_id: mark for an_id, (_, mark) in wanted.items() if an_id not in earlier}


def _people(ids: dict[str, Mark], mark: Mark) -> Person:
    own = [an_id for an_id, of in ids.items() if of == mark]
    return Person(
        frozenset(an_id for an_id in own if an_id.startswith("a:")),
        frozenset(an_id[2:] for an_id in own if an_id.startswith("u:")),
    )


def _clear(
    dropped: Sequence[Event], marks: dict[str, Mark], site_id: str, key: bytes, store: Store
) -> None:
    """Remember the ids of dropped events, so that their retries are dropped too, and clear what they left."""
    for mark in set(marks.values()):
        own = [event for event in dropped if _reason(event, marks) == mark]
        if not own:
            continue
        ids = {f"e:{event_uuid(event.event_id)}" for event in own} - marks.keys()
        erasure.remember(sorted(ids), mark, site_id, key, store)
        if any(event.is_imported for event in own):
            first, last = FIRST_DAY, LAST_DAY
        else:
            days = [utc_day(e.ts) for e in own]
            first = max(min(days), FIRST_DAY + COPY_DAYS) - COPY_DAYS
            last = max(days) + COPY_DAYS
        event_ids: set[uuid.UUID] = {event_uuid(event.event_id) for event in own}
        erasure.withdraw(event_ids, first, last, site_id, store)
        who = _people(marks, mark)
        erasure.withdraw_entries({e.event_id for e in own}, who, mark, site_id, store)
