"""Rows of the registry. Whoever writes one carries the registry afterwards (registry.carry)."""

import json
from dataclasses import replace

from footfall.days import timestamp
from footfall.keys import Key
from footfall.registry.content import Registered
from footfall.share import Share
from footfall.site import STORED, Site
from footfall.store import Store


def write_site(site: Site, registered: Registered | None, now_ms: int, store: Store) -> Registered:
    """Write a site as it is from now on; `registered` is what there was of it. Raises Unavailable."""
    written = Registered(
        site=site,
        keys=registered.keys if registered else (),
        created_at=(registered.created_at if registered else 0) or now_ms,
        updated_at=now_ms,
        shares=registered.shares if registered else (),
    )
    store.insert("sites", [_row(written, site)])
    return written


def delete_site(registered: Registered, site: Site, now_ms: int, store: Store) -> None:
    """Mark a site as deleted and revoke its keys. Raises Unavailable."""
    store.insert(
        "sites", [_row(registered, site) | {"is_deleted": True, "updated_at": timestamp(now_ms)}]
    )
    write_keys(
        [revoked(key, now_ms) for key in registered.keys if key.revoked_at is None],
        store,
    )


def revoked(key: Key, now_ms: int) -> Key:
    """A key that is not in force from now on."""
    return replace(key, revoked_at=now_ms)


def write_keys(keys: list[Key], store: Store) -> None:
    """Write keys as they are from now on. Raises Unavailable."""
    store.insert(
        "keys",
        [
            {
                "site_id": key.site_id,
                "key_id": key.key_id,
                "scope": key.scope,
                "name": key.name,
                "sha256": key.sha256,
                "hint": key.hint,
                "key": key.key,
                "created_at": timestamp(key.created_at),
                "revoked_at": None if key.revoked_at is None else timestamp(key.revoked_at),
            }
            for key in keys
        ],
    )


def write_share(share: Share, store: Store) -> None:
    """Write a shared link as it is from now on. Raises Unavailable."""
    times = {
        name: None if at is None else timestamp(at)
        for name, at in (("expires_at", share.expires_at), ("revoked_at", share.revoked_at))
    }
    row = share.values() | times
    store.insert(
        "shares",
        [
            row
            | {
                "frame_ancestors": list(share.frame_ancestors),
                "created_at": timestamp(share.created_at),
            }
        ],
    )


def _row(registered: Registered, site: Site) -> dict[str, object]:
    settings = {name: value for name, value in site.values().items() if name in STORED}
    return {
        "site_id": site.id,
        "name": site.name,
        "domains": list(site.domains),
        "timezone": site.timezone,
        "settings": json.dumps(settings, separators=(",", ":")),
        "created_at": timestamp(registered.created_at),
        "updated_at": timestamp(registered.updated_at),
    }
