"""The public functions of collect: one event, a batch, an import. Queue first, then count.

The queue is the truth: when it does not answer, the request is a 503 and nothing is counted. The counters are a
cache: when they do not answer, the event is accepted all the same.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from footfall.collect import fields
from footfall.collect.identity import CookielessIds
from footfall.collect.ordinary import LEAST, make_events
from footfall.collect.rate import RateLimit
from footfall.collect.refused import Refusals, refused
from footfall.collect.steps import EVENT_BYTES, Delivery, Drop, event_id, make_event, never
from footfall.collect.timing import parse_time
from footfall.counters import Counters
from footfall.errors import (
    BadRequest,
    FootfallError,
    Forbidden,
    TooLarge,
    Unauthorized,
    Unavailable,
)
from footfall.event import Event
from footfall.event_queue import EventQueue
from footfall.keys import Access, sites_named
from footfall.location import NOWHERE, Location
from footfall.registry.registry import Registry
from footfall.reject import Reject, not_stored
from footfall.site import Site
from footfall.url import split_url
from footfall.user_agent import bot_reason
from footfall.watchers import Feed

BATCH_EVENTS = 2_500
IMPORT_EVENTS = 10_000
OVER = "The site had its events of the day; this one is kept and can be replayed."


@dataclass(frozen=True, slots=True)
class Collector:
    """What collecting needs: sites and their keys, the engines, and where addresses lie."""

    registry: Registry
    allow_keyless: bool
    queue: EventQueue
    counters: Counters
    salts: CookielessIds
    locate: Callable[[str], Location]
    is_hosted: Callable[[str], bool] = never
    rate: RateLimit = field(default_factory=RateLimit)
    refusals: Refusals = field(default_factory=Refusals)
    monotonic: Callable[[], float] = time.monotonic
    feed: Feed | None = None
    """Tells those who watch; None where nobody can."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a request: the key it presented ("" for none), its address, its agent, and how long its body is."""

    key: str
    ip: str
    user_agent: str
    body_bytes: int = EVENT_BYTES + 1
    named: str = ""
    """What a dialect without keys names its site by: the site's id, a write key, or a page's host."""
    origin: str = ""
    """The page that sent it, as the browser says."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """The other headers, names in lower case: client hints, privacy signals, the purpose of a fetch."""
    place: Location = NOWHERE
    """Where it comes from, as far as the trusted front of the deployment says."""
    dialect: str = ""
    """Whose API the request speaks: "segment", "plausible", "umami", "pixel"; "" for our own."""


class NothingAccepted(BadRequest):
    """A batch of which nothing could be accepted; the answer names every event all the same."""

    def __init__(self, receipt: dict[str, Any]) -> None:
        super().__init__(
            "nothing_accepted", "No event of the batch could be accepted; `rejected` says why."
        )
        self.receipt = receipt

    def body(self) -> dict[str, object]:
        """The error and the receipt of the batch."""
        return super().body() | self.receipt


def accept_event(
    kind: str, body: dict[str, Any], sender: Sender, now_ms: int, collector: Collector
) -> dict[str, Any]:
    """Accept the one event of a body; the answer is its id. Raises FootfallError when it is refused."""
    access, site = admit(body, sender, collector)
    delivery = _delivery(body, sender, access, site, now_ms, collector, is_imported=False)
    item = body | {"type": kind}
    try:
        _check_origin(access, sender, site)
        if not sender.dialect:
            _check_item_key(item, site, collector)
        made = _made(item, 0, access, delivery)
    except Unavailable:
        raise
    except FootfallError as refusal:
        kept = _kept(item, refusal, 0, access, delivery, collector)
        _deliver([], kept, now_ms, collector, site)
        raise
    if isinstance(made, Drop):
        return {"eventId": event_id(item, now_ms)}
    _deliver([made], [], now_ms, collector, site)
    _count_request(access, site, collector)
    return {"eventId": made.event_id}


def accept_batch(
    body: dict[str, Any], sender: Sender, now_ms: int, collector: Collector
) -> dict[str, Any]:
    """Accept a batch event by event: the good ones are kept, the answer names each refused one.

    Raises NothingAccepted when none was good, another FootfallError when the batch itself cannot be taken.
    """
    access, site = admit(body, sender, collector)
    try:
        _check_origin(access, sender, site)
    except Forbidden as refusal:
        delivery = _delivery(body, sender, access, site, now_ms, collector, is_imported=False)
        rejects: list[Reject] = []
        for index, item in enumerate(_items(body, BATCH_EVENTS)):
            rejects += _kept(item, refusal, index, access, delivery, collector)
        _deliver([], rejects, now_ms, collector, site)
        raise
    receipt = _accept_items(
        body, sender, access, site, now_ms, collector, limit=BATCH_EVENTS, is_imported=False
    )
    _count_request(access, site, collector)
    return receipt


def accept_import(
    body: dict[str, Any], sender: Sender, now_ms: int, collector: Collector
) -> dict[str, Any]:
    """Accept a batch of old events: no time correction, no back-dating limit, no live counters, no limit of requests.

    With a key for all sites its events may be of several sites.

    Raises Unauthorized or Forbidden without an admin key, else as accept_batch.
    """
    if not sender.key:
        raise _no_key("an API key with the scope `admin`")
    access = collector.registry.find(sender.key)
    if access is None:
        raise _wrong_key()
    if access.scope != "admin":
        raise Forbidden(
            "wrong_scope", "This key may not import; use an API key with the scope `admin`."
        )
    site = site_named(fields.text(body, "site"), access, collector)
    return _accept_items(
        body, sender, access, site, now_ms, collector, limit=IMPORT_EVENTS, is_imported=True
    )


def admit(body: dict[str, Any], sender: Sender, collector: Collector) -> tuple[Access, Site]:
    """The access of a request and the one site it may touch.

    Raises Unauthorized for a wrong key, or for none where one is needed; Forbidden for a key or a site that may not
    send; TooMany above the limit of requests; Unavailable when a secret API key cannot be looked up.
    """
    access = authorize(body, sender, collector)
    site = site_named(_site_said(body, access), access, collector)
    if not collector.counters.is_silent:
        collector.rate.check(access.key_id or site.id, collector.monotonic())
    return access, site


def authorize(body: dict[str, Any], sender: Sender, collector: Collector) -> Access:
    """The access of the key a request presents, in its headers, its query or its body; without one, that to the site
    which a dialect's body names or whose page sent it, else to the default site where its owner allows it.

    Raises Unauthorized for a wrong key, or for none where one is needed.
    """
    key = sender.key or fields.soft_text(body, "writeKey")
    if key:
        access = collector.registry.find_sender(key)
        if access is None:
            raise _wrong_key()
    else:
        access = _keyless(body, sender, collector)
    if access.scope == "read":
        raise Forbidden("wrong_scope", "This key only reads; send events with a write key.")
    return access


def site_named(named: str, access: Access, collector: Collector) -> Site:
    """The site of an id ("": the key's only one, else the default site). Raises Forbidden when the key is not its."""
    site_id = named or access.site_id or collector.registry.default.site.id
    site = collector.registry.site_of_sender(site_id) if access.covers(site_id) else None
    if site is None:
        raise _wrong_site()
    return site


def _keyless(body: dict[str, Any], sender: Sender, collector: Collector) -> Access:
    registry = collector.registry
    if sender.named:
        access = registry.find_sender(sender.named) if sites_named(sender.named) else None
        if access is None and registry.site(sender.named) is not None:
            access = Access("write", sender.named)
        if access is not None:
            return access
    for host in (sender.named, *_hosts(body), sender.origin):
        site_id = registry.site_of_host(host) if host else None
        if site_id is not None:
            return Access("write", site_id)
    if collector.allow_keyless:
        return Access("write", registry.default.site.id)
    raise _no_key("a write key")


def _hosts(body: dict[str, Any]) -> list[str]:
    """The hosts of the pages that a request is about."""
    batch = body.get("batch")
    items = [body, *batch] if isinstance(batch, list) else [body]
    hosts: dict[str, None] = {}
    for item in items:
        if isinstance(item, dict):
            for holder in (item, fields.soft_part(item, "context")):
                hosts[split_url(fields.soft_text(fields.soft_part(holder, "page"), "url")).host] = (
                    None
                )
    return [host for host in hosts if host]


def _site_said(body: dict[str, Any], access: Access) -> str:
    """The site that a request names: its body, with a key for all sites else the first event that names one."""
    named = fields.text(body, "site")
    batch = body.get("batch")
    if named or access.site_id is not None or not isinstance(batch, list):
        return named
    return next(
        (
            own
            for item in batch
            if isinstance(item, dict) and (own := fields.soft_text(item, "site"))
        ),
        "",
    )


def _count_request(access: Access, site: Site, collector: Collector) -> None:
    """Count what was accepted against the limit of requests."""
    collector.rate.count(access.key_id or site.id, collector.monotonic())


def _made(item: dict[str, Any], index: int, access: Access, delivery: Delivery) -> Event | Drop:
    """The event of an item, or why it is dropped. Raises FootfallError when it is refused."""
    site = delivery.site
    if "site" in item and (named := fields.text(item, "site")) and named != site.id:
        raise _wrong_site()
    if site.blocked_ips:
        own = fields.soft_text(fields.soft_part(item, "context"), "ip")
        if site.blocks_address(own if own and access.is_trusted else delivery.ip):
            raise Forbidden("blocked", "Events of this address are not taken.")
    made = make_event(item, index, delivery)
    if isinstance(made, Drop):
        return made
    if site.blocked_paths and made.type == "pageview" and site.blocks_path(made.path):
        raise Forbidden("blocked", "Pageviews of this path are not taken.", field="page")
    return made._replace(unverified_key=access.unverified_key) if access.unverified_key else made


def _items(body: dict[str, Any], limit: int) -> list[Any]:
    """The items of a batch. Raises BadRequest where there are none, TooLarge for too many."""
    items = body.get("batch")
    if not isinstance(items, list):
        raise BadRequest("invalid_field", "`batch` must be a list of events.", field="batch")
    if len(items) > limit:
        raise TooLarge(
            "too_many_events", f"A request takes {limit:,} events; send {len(items):,} in several."
        )
    return items


def _accept_items(
    body: dict[str, Any],
    sender: Sender,
    access: Access,
    site: Site,
    now_ms: int,
    collector: Collector,
    *,
    limit: int,
    is_imported: bool,
) -> dict[str, Any]:
    items = _items(body, limit)
    is_keyless = not (sender.key or sender.named or fields.soft_text(body, "writeKey"))
    delivery = _delivery(body, sender, access, site, now_ms, collector, is_imported=is_imported)
    events: list[Event] = []
    ids: list[str | None] = []
    rejected: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    ordinary: Sequence[Event | None] = ()
    if len(items) >= LEAST and not (
        is_keyless or access.unverified_key or site.blocked_ips or site.blocked_paths
    ):
        ordinary = make_events(items, delivery)
    for index, item in enumerate(items):
        if ordinary and (event := ordinary[index]) is not None:
            ids.append(event.event_id)
            events.append(event)
            continue
        own = delivery
        try:
            if not isinstance(item, dict):
                raise BadRequest("invalid_event", "An event must be an object.")
            if is_imported and (named := fields.text(item, "site")) and named != site.id:
                own = replace(delivery, site=site_named(named, access, collector))
            if "writeKey" in item:
                _check_item_key(item, own.site, collector)
            elif is_keyless:
                _check_hosts(item, own.site, collector)
            made = _made(item, index, access, own)
        except Unavailable:
            # Not the event's fault: the whole request has to come again.
            raise
        except FootfallError as refusal:
            ids.append(None)
            rejected.append({"index": index} | refusal.body())
            rejects += _kept(item, refusal, index, access, own, collector)
            continue
        if isinstance(made, Drop):
            ids.append(event_id(item, now_ms))
        else:
            ids.append(made.event_id)
            events.append(made)
    accepted = len(items) - len(rejected)
    receipt = {"accepted": accepted, "eventIds": ids, "rejected": rejected}
    _deliver(events, rejects, now_ms, collector, site)
    if items and not accepted:
        raise NothingAccepted(receipt)
    return receipt


def _check_origin(access: Access, sender: Sender, site: Site) -> None:
    if access.scope == "write" and sender.origin and not site.allows_origin(sender.origin):
        raise Forbidden("wrong_origin", "Pages of this origin may not send to the site.")


def _check_hosts(item: dict[str, Any], site: Site, collector: Collector) -> None:
    """Without a key an event is its page's site's; a request is of one site."""
    for host in _hosts(item):
        of_host = collector.registry.site_of_host(host)
        if of_host is not None and of_host != site.id:
            raise Forbidden(
                "wrong_site", "The event's page is another site's; send it in a request of its own."
            )


def _check_item_key(item: dict[str, Any], site: Site, collector: Collector) -> None:
    key = fields.soft_text(item, "writeKey")
    if not key:
        return
    own = collector.registry.find_sender(key)
    if own is None or own.scope == "read" or not own.covers(site.id):
        raise Unauthorized(
            "wrong_key", "The event's `writeKey` is not one of this site's.", field="writeKey"
        )


def _delivery(
    body: dict[str, Any],
    sender: Sender,
    access: Access,
    site: Site,
    now_ms: int,
    collector: Collector,
    *,
    is_imported: bool,
) -> Delivery:
    return Delivery(
        site=site,
        received_at=now_ms,
        ip=sender.ip,
        user_agent=sender.user_agent,
        is_trusted=access.is_trusted,
        is_imported=is_imported,
        sent_at=parse_time(body, "sentAt"),
        sent_at_text=fields.text(body, "sentAt"),
        salts=collector.salts,
        locate=collector.locate,
        measure=sender.body_bytes > EVENT_BYTES,
        headers=sender.headers,
        place=sender.place,
        is_hosted=collector.is_hosted,
        dialect=sender.dialect,
    )


def _kept(
    item: Any,
    refusal: FootfallError,
    position: int,
    access: Access,
    delivery: Delivery,
    collector: Collector,
) -> list[Reject]:
    """What is kept of an item that was refused: at most one reject; none by a key that is not verified."""
    if access.unverified_key:
        return []
    kept = refused(item, refusal, position, delivery)
    if kept is None or not collector.refusals.has_room(kept.site_id, kept.received_at):
        return []
    return [kept]


def _deliver(
    events: list[Event],
    rejects: list[Reject],
    now_ms: int,
    collector: Collector,
    site: Site,
) -> None:
    """Queue and count what was taken; what is above the site's quota goes to the rejects."""
    events, over = _within_quota(events, now_ms, collector, site)
    if not events and not rejects and not over:
        return
    collector.queue.send(events, [*rejects, *(not_stored(e, "over_quota", OVER) for e in over)])
    # The events of a request have few agents.
    bots = {agent for agent in {event.user_agent for event in events} if bot_reason(agent)}
    people = [
        event
        for event in events
        if not (event.is_imported or event.bot_hint or event.user_agent in bots)
    ]
    taken = None
    if site.daily_quota and (live := sum(not event.is_imported for event in events)):
        taken = {site.id: live}
    watched = collector.counters.count(people, now_ms, taken)
    if watched and collector.feed is not None:
        collector.feed.tell(watched, now_ms)


def _within_quota(
    events: list[Event], now_ms: int, collector: Collector, site: Site
) -> tuple[list[Event], list[Event]]:
    """The events that the site's daily quota has room for, and the others; imports are an owner's own and have none.

    What other processes took since this one last counted is not known to it: a quota is a bound on cost, met within
    the requests that are under way.
    """
    if not site.daily_quota or any(event.is_imported for event in events):
        return events, []
    room = max(site.daily_quota - collector.counters.taken(site.id, now_ms), 0)
    return events[:room], events[room:]


def _wrong_site() -> Forbidden:
    return Forbidden("wrong_site", "The key is not one of this site's.", field="site")


def _wrong_key() -> Unauthorized:
    return Unauthorized("wrong_key", "This key is not known; check that it was copied whole.")


def _no_key(wanted: str) -> Unauthorized:
    return Unauthorized(
        "no_key", f"The request carries no key; send {wanted} as `Authorization: Bearer …`."
    )
