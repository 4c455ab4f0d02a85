"""The ordinary events of a request at once, by column: what steps.py makes of them one by one, for a third of the CPU.

Python spends its time on calling functions and making dicts for each event; a column of nothing but short texts is
checked in one go. The steps are those of steps.py, and where a batch says what these columns know nothing of, the step
is taken one by one. Nothing is refused or dropped here: an item with which that would happen is left to
`steps.make_event`. Of all others both make the same event (tests/collect/test_ordinary.py).
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial
from itertools import islice, repeat
from types import NoneType
from typing import Any

from footfall.collect import page, redaction, steps
from footfall.collect.browser import language
from footfall.collect.fields import ID_CHARACTERS
from footfall.collect.identity import guarded
from footfall.collect.steps import Delivery, Draft, Item
from footfall.errors import FootfallError
from footfall.event import Event
from footfall.url import split_url

LEAST = 8
"""Fewer items are made one by one: columns of their own would cost more."""

KINDS = frozenset({"pageview", "track", "engagement", "vitals"})
"""What anybody sends many of."""
SETTLED_BEFORE = frozenset({"site", "writeKey"})
"""Names by which an event says itself whose it is: accept.py judges that."""
_TIMES = frozenset({"timestamp", "originalTimestamp", "sentAt"})
_NAMED = frozenset({"event", "properties"})
_PAGE = frozenset({"url", "path", "title", "referrer"})
_PAGE_AROUND = frozenset({"page", "campaign"})
_EQUIPMENT = frozenset({"device", "browser", "os"})
_NOTHING: Item = {}

Columns = dict[str, Iterable[Any]]
"""By field of an Event one value for each item, or the same one again and again."""


def make_events(items: Sequence[Any], delivery: Delivery) -> list[Event | None]:
    """The event of each item, None where `steps.make_event` has to say what becomes of it.

    Raises Unavailable when a cookieless id cannot be made.
    """
    columns: Columns = {name: repeat(value) for name, value in delivery.blank.items()}
    columns["position"] = range(len(items))
    batch = Batch(items, delivery, columns)
    for step in STEPS:
        step(batch)
    del columns["ip"], columns["agent"]
    made = map(partial(tuple.__new__, Event), zip(*columns.values(), strict=False))
    return [None if at in batch.odd else event for at, event in enumerate(made)]


class Batch:
    """Items of a request and their columns; what is not ordinary is noted, and goes on as if it said nothing."""

    def __init__(self, items: Sequence[Any], delivery: Delivery, columns: Columns) -> None:
        self.delivery = delivery
        self.columns = columns
        self.odd: set[int] = set()
        self.items: list[Item] = self.of_type(dict, items, _NOTHING)
        self.contexts = self.parts("context")
        self.says: frozenset[str] = frozenset().union(*self.items)
        """Names that any item has."""
        self.says_around: frozenset[str] = frozenset().union(*self.contexts)
        """Names that any context has."""

    def parts(self, name: str) -> list[Item]:
        """The objects under a name, an empty one where it is missing or null."""
        return self.of_type(dict, [item.get(name) for item in self.items], _NOTHING)

    def texts(self, containers: Sequence[Item], name: str) -> list[str]:
        """The texts under a name, "" where it is missing or null."""
        return self.of_type(str, [each.get(name) for each in containers], "")

    def column(self, name: str) -> list[Any]:
        """The values of a column, also of one that has the same again and again."""
        return list(islice(self.columns[name], len(self.items)))

    def of_type(self, kind: type, column: Sequence[Any], instead: Any) -> list[Any]:
        """A column of values of one type, `instead` for null; what is of another type is not ordinary."""
        kinds = set(map(type, column))
        if kinds == {kind}:
            return list(column)
        if not kinds <= {kind, NoneType}:
            column = self.only([type(v) is kind or v is None for v in column], column, instead)
        return [instead if value is None else value for value in column]

    def up_to(self, limit: int, column: list[str]) -> list[str]:
        """A column of texts that are not too long."""
        if max(map(len, column)) <= limit:
            return column
        return self.only([len(value) <= limit for value in column], column, "")

    def only(self, are_ordinary: Sequence[bool], column: Sequence[Any], instead: Any) -> list[Any]:
        """A column with `instead` where it is not ordinary."""
        self.odd.update(at for at, is_ordinary in enumerate(are_ordinary) if not is_ordinary)
        return [
            value if is_ordinary else instead
            for is_ordinary, value in zip(are_ordinary, column, strict=True)
        ]

    @cached_property
    def drafts(self) -> list[Draft]:
        """A draft of each event, for steps that are taken one by one."""
        return [self.delivery.blank | {"type": kind} for kind in self.columns["type"]]

    def one_by_one(self, step: steps.Step, *names: str) -> None:
        """Take a step as it is for one event, and from the drafts the columns of these names."""
        for at, (item, draft) in enumerate(zip(self.items, self.drafts, strict=True)):
            if at not in self.odd:
                try:
                    drop = step(item, draft, self.delivery)
                except FootfallError:
                    self.odd.add(at)
                else:
                    if drop is not None:
                        self.odd.add(at)
        for name in names:
            self.columns[name] = [draft[name] for draft in self.drafts]


def of_this_site(batch: Batch) -> None:
    """The events that do not say themselves whose they are."""
    if not SETTLED_BEFORE.isdisjoint(batch.says):
        batch.only([SETTLED_BEFORE.isdisjoint(item) for item in batch.items], batch.items, None)


def within_caps(batch: Batch) -> None:
    """At most 32 KB an event."""
    if batch.delivery.measure:
        sizes = [_size(item) for item in batch.items]
        batch.only([size <= steps.EVENT_BYTES for size in sizes], sizes, 0)


def _size(item: Any) -> int:
    """The bytes of an item, more than any cap for one that cannot be told."""
    try:
        return steps.size(item)
    except FootfallError:
        return steps.EVENT_BYTES + 1


def known_type(batch: Batch) -> None:
    """The types of which there are many."""
    kinds = batch.texts(batch.items, "type")
    if not KINDS.issuperset(kinds):
        kinds = batch.only([kind in KINDS for kind in kinds], kinds, "")
    batch.columns["type"] = kinds


def identified(batch: Batch) -> None:
    """The client's event id."""
    ids = batch.texts(batch.items, "eventId")
    if not all(ids) and "messageId" in batch.says:
        others = batch.texts(batch.items, "messageId")
        ids = [own or other for own, other in zip(ids, others, strict=True)]
    if not all(ids):
        ids = batch.only([bool(an_id) for an_id in ids], ids, "")
    batch.columns["event_id"] = batch.up_to(steps.EVENT_ID_CHARACTERS, ids)


def timed(batch: Batch) -> None:
    """The time the event counts at; without one it is that of the request."""
    if not _TIMES.isdisjoint(batch.says):
        batch.one_by_one(steps.timed, "ts")


def named(batch: Batch) -> None:
    """Name and properties, where any event has some."""
    if not _NAMED.isdisjoint(batch.says) or set(batch.columns["type"]) - {"pageview", ""}:
        batch.one_by_one(steps.named, "name", "properties")


def paged(batch: Batch) -> None:
    """Page, hostname, title, referrer, campaign, and the parameters that the site keeps."""
    columns, site = batch.columns, batch.delivery.site
    pages = batch.parts("page")
    says = frozenset().union(*pages)
    if not says <= _PAGE or not _PAGE_AROUND.isdisjoint(batch.says_around):
        batch.one_by_one(steps.paged, *page.FIELDS, "properties")
        return
    urls = [split_url(url) for url in batch.texts(pages, "url")]
    paths, queries = [url.path for url in urls], [url.query for url in urls]
    if "path" in says:
        own = [page.split_path(path) for path in batch.texts(pages, "path")]
        paths = [given.path or path for given, path in zip(own, paths, strict=True)]
        queries = [given.query or query for given, query in zip(own, queries, strict=True)]
    # Many pages have one referrer and one campaign.
    referrers = batch.texts(pages, "referrer")
    bare = {referrer: page.read_referrer(referrer, site) for referrer in set(referrers)}
    told = {query: page.read_query(query, site) for query in set(queries)}
    paths = [redaction.path(path) for path in paths]
    columns["path"] = paths
    columns["hostname"] = [url.host for url in urls]
    columns["title"] = [redaction.plain(title) for title in batch.texts(pages, "title")]
    columns["referrer"] = [bare[referrer] for referrer in referrers]
    for name in {name for fields, _ in told.values() for name in fields}:
        columns[name] = [told[query][0].get(name, "") for query in queries]
    if any(kept for _, kept in told.values()):
        kept = [redaction.properties(told[query][1], batch.delivery.rules) for query in queries]
        given = zip(kept, batch.column("properties"), strict=True)
        columns["properties"] = [of_query | own for of_query, own in given]
    if not all(paths):
        kinds = batch.column("type")
        is_whole = [
            bool(path) or kind != "pageview" for path, kind in zip(paths, kinds, strict=True)
        ]
        batch.only(is_whole, paths, "")


def with_ids(batch: Batch) -> None:
    """The client's ids, without those that stand for none."""
    for name, field in (("anonymousId", "anonymous_id"), ("userId", "user_id")):
        if name in batch.says:
            given = batch.up_to(ID_CHARACTERS, batch.texts(batch.items, name))
            known = {an_id: guarded(an_id) for an_id in set(given)}
            batch.columns[field] = [known[an_id] for an_id in given]


def prefetched(batch: Batch) -> None:
    """No page that a browser loads ahead."""
    if batch.delivery.browser.prefetches:
        batch.odd.update(range(len(batch.items)))


def consented(batch: Batch) -> None:
    """Those whose visitor agreed, or does not need to."""
    site = batch.delivery.site
    is_asked = site.consent == "required" or (
        site.privacy_signals != "ignore" and batch.delivery.browser.objects
    )
    if is_asked or "consent" in batch.says_around:
        enough = ("granted",) if is_asked else ("granted", None)
        given = [context.get("consent") for context in batch.contexts]
        batch.only([consent in enough for consent in given], given, None)


def visited(batch: Batch) -> None:
    """The visitor's agent and place: with a public key the same for all."""
    if batch.delivery.is_trusted:
        batch.one_by_one(steps.visited, "ip", "agent", "user_agent", "country", "region", "city")


def acted(batch: Batch) -> None:
    """The actor: anonymousId, else userId, else the cookieless id."""
    delivery = batch.delivery
    ids = zip(batch.column("anonymous_id"), batch.column("user_id"), strict=True)
    actors = [f"a:{anonymous}" if anonymous else user and f"u:{user}" for anonymous, user in ids]
    batch.columns["actor"] = actors
    if all(actors):
        return
    known: dict[tuple[str, str, int], str] = {}
    visitors = zip(batch.column("ip"), batch.column("agent"), batch.column("ts"), strict=True)
    for at, (ip, agent, ts) in enumerate(visitors):
        if actors[at] or at in batch.odd:
            continue
        if not (ip or agent):
            batch.odd.add(at)
            continue
        if (ip, agent, ts) not in known:
            known[ip, agent, ts] = "c:" + delivery.salts.cookieless_id(
                delivery.site, ts, ip, agent, delivery.received_at
            )
        actors[at] = known[ip, agent, ts]


def equipped(batch: Batch) -> None:
    """Language and screen, and what else the client says of itself."""
    columns, contexts = batch.columns, batch.contexts
    if not _EQUIPMENT.isdisjoint(batch.says_around):
        batch.one_by_one(
            steps.equipped,
            *("device", "browser", "browser_version", "os", "os_version"),
            *("language", "screen_size"),
        )
        return
    if "locale" in batch.says_around:
        locales = [context.get("locale") for context in contexts]
        known = {locale: language(locale) for locale in locales if isinstance(locale, str)}
        columns["language"] = [
            (isinstance(locale, str) and known[locale]) or of_headers
            for locale, of_headers in zip(locales, batch.column("language"), strict=True)
        ]
    if "screen" in batch.says_around:
        columns["screen_size"] = [steps.screen_size(each.get("screen")) for each in contexts]


STEPS: tuple[Callable[[Batch], None], ...] = (
    of_this_site,
    within_caps,
    known_type,
    identified,
    timed,
    named,
    paged,
    with_ids,
    prefetched,
    consented,
    visited,
    acted,
    equipped,
)
