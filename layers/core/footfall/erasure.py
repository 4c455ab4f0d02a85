"""Erasing: a person's events, links and aliases leave the store, and what was erased is remembered as keyed hashes.

Shared by privacy, which is asked to erase somebody, and ingest, which refuses what comes later: retries of erased event
ids for good, and of the erased ids of visitors everything that was received until the erasure. Order of the steps: the
hashes first (from then on nothing new is let in), then tombstones (nobody reads the events any more), the journal
(rollups follow), and only then the rows themselves. Links and aliases go last: they tell whose the rest is, so an
erasure that was cut off finds it again when it is repeated.
"""

import hashlib
import secrets
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from footfall.days import timestamp
from footfall.event import POSITIONS
from footfall.journal import PEOPLE, Change, around, note
from footfall.people import aliases
from footfall.store import Store
from footfall.tombstones import NEWEST_VERSION, hide

IDS_A_STATEMENT = 400
"""Ids of visitors are up to 256 characters long."""
EVENT_IDS_A_STATEMENT = 2_000
EVENTS_A_PAGE = 20_000


@dataclass(frozen=True, slots=True)
class Mark:
    """That an id was erased: until when what was received is refused, and how long that is remembered."""

    erased_at_ms: int
    until_s: int


@dataclass(frozen=True, slots=True)
class Person:
    """All ids of one person: actors (`a:<anonymousId>`) and user ids."""

    actors: frozenset[str]
    users: frozenset[str]

    @property
    def ids(self) -> list[str]:
        """The ids as they are hashed: `a:<anonymousId>`, `u:<userId>`."""
        return sorted(self.actors | {f"u:{user}" for user in self.users})


Keys = Sequence[tuple[date, int]]
"""(day, actor_hash) of rows of one event id."""


@dataclass(slots=True)
class Erased:
    """What one erasure took out: how many events, of which UTC days, and the ids that were there."""

    events: int = 0
    days: set[date] = field(default_factory=set)
    actors: set[str] = field(default_factory=set)
    users: set[str] = field(default_factory=set)
    keys: dict[uuid.UUID, Keys] = field(default_factory=dict)
    """Of each event id the keys of all rows that lay under it."""
    actor_hashes: set[int] = field(default_factory=set)
    """Under whom rows were found."""


# --- who ---


def person(visitor_id: str, site_id: str, store: Store) -> Person:
    """Everybody that an id stands for, as userId and as anonymousId: all ids that resolve to the same person.

    Raises Unavailable.
    """
    actor = f"a:{visitor_id}"
    linked = store.select("privacy/links_of_actors", {"site": site_id, "ids": [actor]}).rows
    return relatives({visitor_id, *(user_id for _, _, user_id in linked)}, {actor}, site_id, store)


def relatives(
    users: Collection[str], actors: Collection[str], site_id: str, store: Store
) -> Person:
    """Users and actors with all users that resolve to the same people and all actors that are linked to them.

    Raises Unavailable.
    """
    ends = aliases(site_id, store) if users else {}
    roots = {ends.get(user, user) for user in users}
    everybody = set(users) | roots | {user for user, end in ends.items() if end in roots}
    devices = {
        actor
        for some in chunks(sorted(everybody), IDS_A_STATEMENT)
        for (actor,) in store.select("privacy/links_of_users", {"site": site_id, "ids": some}).rows
    }
    return Person(frozenset(devices | set(actors)), frozenset(everybody))


def known_ids(somebody: Person, site_id: str, store: Store) -> Person:
    """Which of a person's ids were ever seen: actors with events, users that are named. Raises Unavailable."""
    actors: set[str] = set()
    users: set[str] = set()
    for own_users, own_actors in _id_chunks(somebody):
        asked: dict[str, Any] = {"site": site_id, "ids": own_actors}
        actors |= {actor for (actor,) in store.select("privacy/seen_actors", asked).rows}
        asked = {"site": site_id, "users": own_users, "actors": []}
        users |= {user_id for *_, user_id in store.select("privacy/links_of", asked).rows}
        asked = {"site": site_id, "users": own_users, "previous_ids": own_users}
        for previous_id, _, _, user_id in store.select("privacy/aliases_of", asked).rows:
            users |= {previous_id, user_id}
    return Person(frozenset(actors), somebody.users & users)


def statements_of(somebody: Person, site_id: str, store: Store) -> list[dict[str, Any]]:
    """The parameters by which statements find a person's events; most people fit into one statement.

    Raises Unavailable.
    """
    return [
        {
            "site": site_id,
            "users": users,
            "actors": actors,
            "actor_hashes": store.select("privacy/hashes", {"actors": actors}).rows[0][0],
        }
        for users, actors in _id_chunks(somebody)
    ]


def previous_ids(somebody: Person) -> list[str]:
    """The ids by which alias() may have named a person."""
    return sorted(somebody.users | {actor[2:] for actor in somebody.actors})


# --- what is remembered ---


def keys(site_ids: Collection[str], store: Store) -> dict[str, list[bytes]]:
    """The keys of the hashes of each site that has erased anything, the one for new hashes first.

    Raises Unavailable.
    """
    found: dict[str, list[bytes]] = {}
    for site_id, key in store.select("privacy/keys", {"sites": sorted(site_ids)}).rows:
        found.setdefault(site_id, []).append(bytes.fromhex(key))
    return found


def ensure_key(site_id: str, now_ms: int, store: Store) -> bytes:
    """The key for new hashes of a site; it is made at the first erasure. Raises Unavailable."""
    made = keys([site_id], store)
    if site_id not in made:
        row = {"site_id": site_id, "made_at": timestamp(now_ms), "key": secrets.token_hex(32)}
        store.insert("erasure_keys", [row])
        made = keys([site_id], store)
    return made[site_id][0]


def remember(ids: Iterable[str], mark: Mark, site_id: str, key: bytes, store: Store) -> None:
    """Remember that ids (`e:<uuid>`, `a:<anonymousId>`, `u:<userId>`) were erased. Raises Unavailable."""
    row = {
        "site_id": site_id,
        "erased_at": timestamp(mark.erased_at_ms),
        "until": datetime.fromtimestamp(mark.until_s, UTC).strftime("%Y-%m-%d %H:%M:%S"),
    }
    store.insert("erased", [row | {"hash": str(_hash(an_id, key))} for an_id in ids])


def recall(
    ids: Collection[str], site_id: str, site_keys: Sequence[bytes], store: Store
) -> dict[str, Mark]:
    """Which of the ids were erased. Raises Unavailable."""
    hashed = {_hash(an_id, key): an_id for key in site_keys for an_id in ids}
    found: dict[str, Mark] = {}
    for some in chunks(list(hashed), EVENT_IDS_A_STATEMENT):
        asked = {"site": site_id, "hashes": [str(value) for value in some]}
        for value, erased_at_ms, until_s in store.select("privacy/erased", asked).rows:
            found[hashed[value]] = Mark(erased_at_ms, until_s)
    return found


# --- erasing ---


def erase(
    somebody: Person, mark: Mark, site_id: str, key: bytes, store: Store, *, asked_for: str = ""
) -> Erased:
    """Take everything of a person that was received until the mark out of the store.

    An erasure that was cut off is finished by repeating it for the id that was `asked_for`. Raises Unavailable.
    """
    remember(somebody.ids, mark, site_id, key, store)
    erased = Erased()
    whole = [
        {**who, "oldest_version": NEWEST_VERSION - newest_receipt(mark)}
        for who in statements_of(somebody, site_id, store)
    ]
    for who in whole:
        for page in _pages(who, somebody, erased, store):
            remember((f"e:{event_id}" for event_id in page), mark, site_id, key, store)
            hide(page, site_id, store)
    note(store, [Change(site_id, around(erased.days))])
    for some in chunks(sorted(erased.actor_hashes), EVENT_IDS_A_STATEMENT):
        for who in whole:
            store.run("privacy/delete_person_events", {**who, "found_hashes": some})
    for who in whole:
        store.run("privacy/delete_rejects", {**who, "erased_at": mark.erased_at_ms})
    # Copies under one id may be somebody else's.
    delete_ids({i: keys for i, keys in erased.keys.items() if len(keys) > 1}, site_id, 0, store)
    delete_ids(erased.keys, site_id, 1, store)
    for some in chunks(somebody.ids, IDS_A_STATEMENT):
        lone = store.select("privacy/lone_tombstones", {"site": site_id, "ids": some}).rows
        delete_ids({event_id: [(day, of)] for event_id, day, of in lone}, site_id, 1, store)
    _forget_links(somebody, asked_for, mark, site_id, store)
    note(store, [Change(site_id, frozenset({PEOPLE})), *_rolled_up(somebody, site_id, store)])
    for table in ("events", "links", "aliases", "rejects"):
        clear(table, store)
    return erased


def _rolled_up(somebody: Person, site_id: str, store: Store) -> list[Change]:
    """The windows in which rollups know the person: also those whose events have expired."""
    changes = []
    for some in chunks(somebody.ids, IDS_A_STATEMENT):
        asked = {"site": site_id, "ids": some}
        [(identities, days)] = store.select("privacy/rolled_up", asked).rows
        changes.append(Change(site_id, frozenset(days), identities=identities))
    return changes


def clear(table: str, store: Store) -> None:
    """Take what was deleted off the disk, too, in the background. Raises Unavailable."""
    store.run(f"privacy/clear_{table}", {}, settings={"mutations_sync": 0})


def newest_receipt(mark: Mark) -> int:
    """The last receipt that an erasure reaches."""
    return mark.erased_at_ms * POSITIONS + POSITIONS - 1


def delete_ids(
    keys_of: Mapping[uuid.UUID, Keys], site_id: str, is_deleted: int, store: Store
) -> None:
    """Take rows of event ids (is_deleted 0), or their tombstones (1), out of the store. Raises Unavailable."""
    for some in chunks(sorted(keys_of), EVENT_IDS_A_STATEMENT):
        keys = [key for event_id in some for key in keys_of[event_id]]
        store.run(
            "privacy/delete_event_ids",
            {
                "site": site_id,
                "from_day": min(keys)[0],
                "to_day": max(keys)[0],
                "found_hashes": sorted({actor_hash for _, actor_hash in keys}),
                "event_ids": [str(event_id) for event_id in some],
                "is_deleted": is_deleted,
            },
        )


def withdraw(
    event_ids: Collection[uuid.UUID], first: date, last: date, site_id: str, store: Store
) -> None:
    """Take whatever is stored under erased event ids on the days first to last out again: what a delivery that ran into
    an erasure has left. Raises Unavailable.
    """
    left: dict[uuid.UUID, Keys] = {}
    for some in chunks(sorted(event_ids), EVENT_IDS_A_STATEMENT):
        asked = {
            "site": site_id,
            "event_ids": [str(event_id) for event_id in some],
            "from_day": first,
            "to_day": last,
        }
        left |= dict(store.select("privacy/copies_of_ids", asked).rows)
    if not left:
        return
    days = {day for rows in left.values() for day, _ in rows}
    hide(left, site_id, store)
    note(store, [Change(site_id, around(days))])
    for is_deleted in (0, 1):
        delete_ids(left, site_id, is_deleted, store)
    clear("events", store)


def withdraw_entries(
    event_ids: Collection[str], somebody: Person, mark: Mark, site_id: str, store: Store
) -> None:
    """Take what erased deliveries (client's event ids) or ids left in links and aliases out again.

    Raises Unavailable.
    """
    ids = list(chunks(sorted(event_ids), IDS_A_STATEMENT)) or [[]]
    for names in (names for some in ids for names in _names(somebody, mark, site_id, some)):
        if store.select("privacy/entries_left", names).rows[0][0]:
            store.run("privacy/delete_links", {**names, "spared": ""})
            store.run("privacy/delete_aliases", names)
            note(store, [Change(site_id, frozenset({PEOPLE}))])


def _pages(
    who: Mapping[str, Any], somebody: Person, erased: Erased, store: Store
) -> Iterator[dict[uuid.UUID, Keys]]:
    """The person's event ids with their keys, page by page; what is found is counted in `erased`."""
    after, is_first = uuid.UUID(int=0), True
    while True:
        asked = {**who, "after": str(after), "is_first": is_first, "limit": EVENTS_A_PAGE}
        is_first = False
        rows = store.select("privacy/event_keys", asked).rows
        page: dict[uuid.UUID, Keys] = {}
        for event_id, found, (actor, user_id) in rows:
            after = event_id
            erased.actor_hashes |= {actor_hash for _, actor_hash in found}
            is_theirs = user_id in somebody.users if user_id else actor in somebody.actors
            if not is_theirs or event_id in erased.keys:
                continue
            page[event_id] = found
            erased.keys[event_id] = found
            erased.events += 1
            erased.days |= {day for day, _ in found}
            if actor in somebody.actors:
                erased.actors.add(actor)
            if user_id:
                erased.users.add(user_id)
        if page:
            yield page
        if not rows:
            return


def _forget_links(somebody: Person, asked_for: str, mark: Mark, site_id: str, store: Store) -> None:
    """Links, then aliases; last the link of the id that was asked for, by which the others are found."""
    asked = {f"a:{asked_for}"}
    for names in _names(Person(somebody.actors - asked, somebody.users), mark, site_id):
        store.run("privacy/delete_links", {**names, "spared": f"a:{asked_for}"})
    for names in _names(somebody, mark, site_id):
        store.run("privacy/delete_aliases", names)
    for names in _names(Person(somebody.actors & asked, frozenset()), mark, site_id):
        store.run("privacy/delete_links", {**names, "spared": ""})


def _names(
    somebody: Person, mark: Mark, site_id: str, event_ids: Sequence[str] = ()
) -> Iterator[dict[str, Any]]:
    """The parameters of the statements about links and aliases; most people fit into one statement."""
    for users, actors in _id_chunks(somebody):
        yield {
            "site": site_id,
            "newest_receipt": newest_receipt(mark),
            "users": users,
            "actors": actors,
            "previous_ids": [*users, *(actor[2:] for actor in actors)],
            "event_ids": list(event_ids),
        }


def _id_chunks(somebody: Person) -> list[tuple[list[str], list[str]]]:
    """(users, actors) for one statement each; most people fit into one."""
    users, actors = sorted(somebody.users), sorted(somebody.actors)
    count = max(len(users), len(actors), 1)
    return [
        (users[at : at + IDS_A_STATEMENT], actors[at : at + IDS_A_STATEMENT])
        for at in range(0, count, IDS_A_STATEMENT)
    ]


def chunks(items: Sequence[Any], size: int) -> Iterator[list[Any]]:
    """Items, so many at a time."""
    for at in range(0, len(items), size):
        yield list(items[at : at + size])


def _hash(an_id: str, key: bytes) -> uuid.UUID:
    digest = hashlib.blake2b(an_id.encode("utf-8", "replace"), key=key, digest_size=16).digest()
    return uuid.UUID(bytes=digest)
