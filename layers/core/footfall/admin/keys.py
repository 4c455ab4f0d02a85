"""A site's keys: made, listed, revoked. A key is shown once, when it is made; lists show what public ones are."""

from collections.abc import Mapping
from typing import Any

from footfall.admin import body as given
from footfall.admin.sites import ALL_SITES, covered
from footfall.days import iso
from footfall.errors import Forbidden, NotFound, Unprocessable
from footfall.keys import Access, Key, kept, make_key
from footfall.registry.registry import Registry
from footfall.registry.writing import revoked, write_keys
from footfall.store import Store


def list_keys(site_id: str, access: Access, registry: Registry) -> dict[str, Any]:
    """The keys of a site, or ("*") of all sites. Raises Forbidden for a site that is not the key's, Unavailable."""
    return {"keys": [shown(key) for key in _keys(site_id, access, registry)]}


def make_site_key(
    site_id: str,
    body: Mapping[str, Any],
    access: Access,
    now_ms: int,
    registry: Registry,
    store: Store,
) -> dict[str, Any]:
    """Make a key of a site, or ("*") one of all sites that reads or administers; it is shown this once.

    Raises Forbidden as `list_keys`, Unprocessable for a body that is not possible, Unavailable.
    """
    _keys(site_id, access, registry)
    given.known_fields(body, ("scope", "name"))
    scope = given.scope(body)
    own = "" if site_id == ALL_SITES else site_id
    if not own and scope in ("write", "server"):
        raise Unprocessable(
            "invalid_field",
            "A key that sends is one site's.",
            field="scope",
            allowed=("read", "admin"),
        )
    key = make_key(scope, own)
    made = kept(key, scope, own, given.name(body, required=False), now_ms)
    write_keys([made], store)
    registry.carry()
    return {"id": made.key_id, "scope": scope, "key": key}


def revoke_key(
    site_id: str, key_id: str, access: Access, now_ms: int, registry: Registry, store: Store
) -> dict[str, Any]:
    """Revoke a key: it stops at once. One that is revoked stays as it is.

    Raises Forbidden as `list_keys`, NotFound for a key that the site has not, Unprocessable for the deployment's own
    API key, Unavailable.
    """
    keys = _keys(site_id, access, registry)
    found = next((key for key in keys if key.key_id == key_id), None)
    if found is None:
        raise NotFound("unknown_key_id", "The site has no key of this id.")
    if found in registry.default.all_sites_keys:
        raise Unprocessable(
            "default_key", "This key is what the deployment is told; change API_KEY_SHA256."
        )
    if found.revoked_at is None:
        found = revoked(found, now_ms)
        write_keys([found], store)
        registry.carry()
    return {"key": shown(found)}


def shown(key: Key) -> dict[str, Any]:
    """A key as lists show it."""
    public = {"key": key.key} if key.key else {}
    return {
        "id": key.key_id,
        "scope": key.scope,
        "name": key.name,
        "hint": key.hint,
        "created_at": iso(key.created_at) if key.created_at else None,
        "revoked_at": None if key.revoked_at is None else iso(key.revoked_at),
        **public,
    }


def _keys(site_id: str, access: Access, registry: Registry) -> tuple[Key, ...]:
    content = registry.all()
    if site_id != ALL_SITES:
        return covered(site_id, access, registry, content).keys
    if access.site_id is not None:
        raise Forbidden("wrong_site", "The key is not one of this site's.", field="id")
    return (*registry.default.all_sites_keys, *content.keys)
