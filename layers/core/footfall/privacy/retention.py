"""Once a day: events that a site no longer keeps leave the store, and the ids that nothing else is kept of.

Rollups stay: stored totals go on answering for days before the horizon, so nothing is noted in the journal.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from footfall.erasure import EVENT_IDS_A_STATEMENT, IDS_A_STATEMENT, chunks, clear
from footfall.event import POSITIONS
from footfall.registry.registry import Registry
from footfall.site import RAW_DAYS, Site
from footfall.store import Fragment, Store

IDS_A_RUN = 20_000
"""So many ids are forgotten a run at most; the rest tomorrow."""


TABLES = (
    "events", "links", "aliases", "rejects", "changes", "builds", "sessions", "totals", "breakdowns",
    "heads", "uniques", "people", "erased", "erasure_keys", "annotations", "shares",
)  # fmt: skip
"""All that holds rows of a site, the registry itself left out."""


def expire_all(registry: Registry, now_ms: int, store: Store) -> dict[str, Any]:
    """The daily run: of every site what is too old goes, of deleted ones everything; what was done. Raises Unavailable.

    Running it twice, or again after it was cut off, changes nothing more.
    """
    deleted = [site_id for site_id, found in registry.all().read.items() if found.is_deleted]
    return {
        "sites": [expire(site, now_ms, store) for site in registry.sites()],
        "deleted": {site_id: rows for site_id in deleted if (rows := remove(site_id, store))},
    }


def remove(site_id: str, store: Store) -> int:
    """Take everything of a deleted site out of the store; how many rows there were. Raises Unavailable."""
    removed = 0
    for name in TABLES:
        table = {"table": Fragment(name)}
        rows = store.select("privacy/site_rows", {"site": site_id}, table).rows[0][0]
        if rows:
            store.run("privacy/delete_site_rows", {"site": site_id}, table)
            store.run("privacy/clear_site_rows", {}, table, {"mutations_sync": 0})
            removed += rows
    return removed


def expire(site: Site, now_ms: int, store: Store) -> dict[str, Any]:
    """Take out what lies more than 3 days before the site's horizon; what was done. Raises Unavailable.

    Running it twice, or again after it was cut off, changes nothing more.
    """
    horizon_ms = site.horizon_ms(now_ms)
    if horizon_ms is None:
        return {"site": site.id, "before": None}
    before = datetime.fromtimestamp(horizon_ms / 1000, UTC).date() - timedelta(days=RAW_DAYS)
    asked = {"site": site.id, "before": before}
    events = store.select("privacy/expired", asked).rows[0][0]
    if events:
        store.run("privacy/delete_expired_events", asked)
        clear("events", store)
    before_ms = int(datetime(before.year, before.month, before.day, tzinfo=UTC).timestamp()) * 1000
    long_ago = {"site": site.id, "before_receipt": max(before_ms, 0) * POSITIONS}
    return {
        "site": site.id,
        "before": str(before),
        "events": events,
        "links": _forget_links(long_ago, store),
        "aliases": _forget_aliases(long_ago, store),
    }


def _forget_links(long_ago: dict[str, Any], store: Store) -> int:
    rows = store.select("privacy/expired_links", {**long_ago, "limit": IDS_A_RUN}).rows
    for some in chunks([actor_hash for (actor_hash,) in rows], EVENT_IDS_A_STATEMENT):
        store.run("privacy/delete_expired_links", {**long_ago, "actor_hashes": some})
    if rows:
        clear("links", store)
    return len(rows)


def _forget_aliases(long_ago: dict[str, Any], store: Store) -> int:
    rows = store.select("privacy/expired_aliases", {**long_ago, "limit": IDS_A_RUN}).rows
    for some in chunks([previous_id for (previous_id,) in rows], IDS_A_STATEMENT):
        store.run("privacy/delete_expired_aliases", {**long_ago, "previous_ids": some})
    if rows:
        clear("aliases", store)
    return len(rows)
