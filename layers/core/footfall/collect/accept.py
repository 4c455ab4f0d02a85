"""The public functions of collect: one event, a batch, an import. Queue first, then count.

The queue is the truth: when it does not answer, the request is a 503 and nothing is counted. The counters are a
cache: when they do not answer, the event is accepted all the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from footfall.collect import fields
from footfall.collect.identity import Salts
from footfall.collect.steps import EVENT_BYTES, Delivery, Drop, event_id, make_event
from footfall.collect.timing import parse_time
from footfall.counters import Counters
from footfall.errors import BadRequest, FootfallError, Forbidden, TooLarge, Unauthorized
from footfall.event import Event
from footfall.event_queue import EventQueue
from footfall.keys import Access, Keyring
from footfall.location import Location
from footfall.site import Site
from footfall.user_agent import bot_reason

BATCH_EVENTS = 2_500
IMPORT_EVENTS = 10_000


@dataclass(frozen=True, slots=True)
class Collector:
    """What collecting needs: the site and its keys, the engines, and where addresses lie."""

    site: Site
    keyring: Keyring
    allow_keyless: bool
    queue: EventQueue
    counters: Counters
    salts: Salts
    locate: Callable[[str], Location]


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
    access = authorize(body, sender, collector)
    delivery = _delivery(body, sender, access, now_ms, collector, is_imported=False)
    item = body | {"type": kind}
    check_site(item, access, collector)
    made = make_event(item, 0, delivery)
    if isinstance(made, Drop):
        return {"eventId": event_id(item, now_ms)}
    _deliver([made], now_ms, collector)
    return {"eventId": made.event_id}


def accept_batch(
    body: dict[str, Any], sender: Sender, now_ms: int, collector: Collector
) -> dict[str, Any]:
    """Accept a batch event by event: the good ones are kept, the answer names each refused one.

    Raises NothingAccepted when none was good, another FootfallError when the batch itself cannot be taken.
    """
    access = authorize(body, sender, collector)
    return _accept_items(
        body, sender, access, now_ms, collector, limit=BATCH_EVENTS, is_imported=False
    )


def accept_import(
    body: dict[str, Any], sender: Sender, now_ms: int, collector: Collector
) -> dict[str, Any]:
    """Accept a batch of old events: no time correction, no back-dating limit, no live counters.

    Raises Unauthorized or Forbidden without an admin key, else as accept_batch.
    """
    if not sender.key:
        raise _no_key("an API key with the scope `admin`")
    access = collector.keyring.find(sender.key)
    if access is None:
        raise _wrong_key()
    if access.scope != "admin":
        raise Forbidden(
            "wrong_scope", "This key may not import; use an API key with the scope `admin`."
        )
    return _accept_items(
        body, sender, access, now_ms, collector, limit=IMPORT_EVENTS, is_imported=True
    )


def authorize(body: dict[str, Any], sender: Sender, collector: Collector) -> Access:
    """The access of the key a request presents, in its headers, its query or its body.

    Raises Unauthorized for a wrong key, or for none where the owner demands one.
    """
    key = sender.key or fields.soft_text(body, "writeKey")
    if not key:
        if collector.allow_keyless:
            return Access("write", collector.site.id)
        raise _no_key("a write key")
    access = collector.keyring.find(key)
    if access is None:
        raise _wrong_key()
    if access.scope == "read":
        raise Forbidden("wrong_scope", "This key only reads; send events with a write key.")
    return access


def check_site(item: dict[str, Any], access: Access, collector: Collector) -> None:
    """Refuse an item that names another site than its key's. Raises Forbidden."""
    named = fields.text(item, "site")
    if named and (not access.covers(named) or named != collector.site.id):
        raise Forbidden("wrong_site", "The key is not one of this site's.", field="site")


def _accept_items(
    body: dict[str, Any],
    sender: Sender,
    access: Access,
    now_ms: int,
    collector: Collector,
    *,
    limit: int,
    is_imported: bool,
) -> dict[str, Any]:
    items = body.get("batch")
    if not isinstance(items, list):
        raise BadRequest("invalid_field", "`batch` must be a list of events.", field="batch")
    if len(items) > limit:
        raise TooLarge(
            "too_many_events", f"A request takes {limit:,} events; send {len(items):,} in several."
        )
    check_site(body, access, collector)
    delivery = _delivery(body, sender, access, now_ms, collector, is_imported=is_imported)
    events: list[Event] = []
    ids: list[str | None] = []
    rejected: list[dict[str, Any]] = []
    for index, item in enumerate(items):
        try:
            if not isinstance(item, dict):
                raise BadRequest("invalid_event", "An event must be an object.")
            _check_item_key(item, access, collector)
            check_site(item, access, collector)
            made = make_event(item, index, delivery)
        except FootfallError as refusal:
            ids.append(None)
            rejected.append({"index": index} | refusal.body())
            continue
        if isinstance(made, Drop):
            ids.append(event_id(item, now_ms))
        else:
            ids.append(made.event_id)
            events.append(made)
    accepted = len(items) - len(rejected)
    receipt = {"accepted": accepted, "eventIds": ids, "rejected": rejected}
    if items and not accepted:
        raise NothingAccepted(receipt)
    _deliver(events, now_ms, collector)
    return receipt


def _check_item_key(item: dict[str, Any], access: Access, collector: Collector) -> None:
    key = fields.soft_text(item, "writeKey")
    if not key:
        return
    own = collector.keyring.find(key)
    if (
        own is None
        or own.scope == "read"
        or (access.site_id is not None and not own.covers(access.site_id))
    ):
        raise Unauthorized(
            "wrong_key", "The event's `writeKey` is not one of this site's.", field="writeKey"
        )


def _delivery(
    body: dict[str, Any],
    sender: Sender,
    access: Access,
    now_ms: int,
    collector: Collector,
    *,
    is_imported: bool,
) -> Delivery:
    return Delivery(
        site=collector.site,
        received_at=now_ms,
        ip=sender.ip,
        user_agent=sender.user_agent,
        is_trusted=access.is_trusted,
        is_imported=is_imported,
        sent_at=parse_time(body, "sentAt"),
        salts=collector.salts,
        locate=collector.locate,
        measure=sender.body_bytes > EVENT_BYTES,
    )


def _deliver(events: list[Event], now_ms: int, collector: Collector) -> None:
    if not events:
        return
    collector.queue.send(events)
    people = [
        event for event in events if not event.is_imported and not bot_reason(event.user_agent)
    ]
    collector.counters.count(people, now_ms)


def _wrong_key() -> Unauthorized:
    return Unauthorized("wrong_key", "This key is not known; check that it was copied whole.")


def _no_key(wanted: str) -> Unauthorized:
    return Unauthorized(
        "no_key", f"The request carries no key; send {wanted} as `Authorization: Bearer …`."
    )
