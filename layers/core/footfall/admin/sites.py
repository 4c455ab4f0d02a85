"""Sites: made, shown, changed, deleted. A key of one site shows and changes that site and nothing else."""

from collections.abc import Mapping
from typing import Any

from footfall.admin import body as given
from footfall.admin.zone import is_built_otherwise, note_all_windows
from footfall.days import iso
from footfall.errors import Forbidden, Unprocessable
from footfall.keys import Access, Key, kept, make_key
from footfall.registry.content import Content, Registered
from footfall.registry.registry import Registry
from footfall.registry.writing import delete_site, write_keys, write_site
from footfall.site import SETTINGS, Site
from footfall.store import Store

ALL_SITES = "*"
"""Stands for all sites where a route names one: keys of all sites are made under it."""
FIELDS = ("name", "domains", "timezone", "settings")


def list_sites(access: Access, registry: Registry) -> dict[str, Any]:
    """The sites that a key covers. Raises Unavailable."""
    content = registry.all()
    ids = sorted(content.site_ids | {registry.default.site.id})
    return {
        "sites": [
            shown(found, registry)
            for site_id in ids
            if access.covers(site_id) and (found := _known(site_id, content, registry)) is not None
        ]
    }


def show_site(site_id: str, access: Access, registry: Registry) -> dict[str, Any]:
    """One site. Raises Forbidden for one that is not the key's or does not exist, Unavailable."""
    return {"site": shown(covered(site_id, access, registry, registry.all()), registry)}


def make_site(
    body: Mapping[str, Any], access: Access, now_ms: int, registry: Registry, store: Store
) -> dict[str, Any]:
    """Make a site with its first two keys, which are shown this once.

    Raises Forbidden for a key of one site; Unprocessable for a field that is not possible, an id that is or was another
    site's (`site_exists`), a domain of another (`domain_taken`); Unavailable.
    """
    if access.site_id is not None:
        raise Forbidden("wrong_scope", "Making sites takes a key for all sites.")
    given.known_fields(body, ("id", *FIELDS))
    name = given.name(body, required=True)
    content = registry.all()
    taken = content.site_ids | {registry.default.site.id}
    site_id = given.site_id(body) or _free_id(given.id_of_name(name), taken)
    if site_id in taken:
        raise Unprocessable(
            "site_exists", "There is or was a site of this id; choose another.", field="id"
        )
    default = registry.default.site
    site = _changed(
        Site(id=site_id, name=name, back_dating_days=default.back_dating_days),
        body,
        access,
        content,
    )
    write_key, api_key = make_key("write", site_id), make_key("admin", site_id)
    made = [
        kept(write_key, "write", site_id, "", now_ms),
        kept(api_key, "admin", site_id, "", now_ms),
    ]
    # The keys first: a site that was answered has them, and keys of no site open nothing.
    write_keys(made, store)
    registered = write_site(site, None, now_ms, store)
    registry.carry()
    return {"site": shown(registered, registry), "write_key": write_key, "api_key": api_key}


def change_site(
    site_id: str,
    body: Mapping[str, Any],
    access: Access,
    now_ms: int,
    registry: Registry,
    store: Store,
) -> dict[str, Any]:
    """Change what the body names of a site; with another zone all its days are rolled up anew.

    Raises as `make_site`, and Forbidden as `show_site`.
    """
    content = registry.all()
    before = covered(site_id, access, registry, content)
    given.known_fields(body, FIELDS)
    assert before.site is not None  # noqa: S101 - `covered` answers with a site
    site = before.site
    if "name" in body:
        site = site.changed(name=given.name(body, required=True))
    site = _changed(site, body, access, content)
    if site.timezone != before.site.timezone:
        site = site.changed(zone_changes=site.zone_changes + 1)
    registered = write_site(site, before, now_ms, store)
    registry.carry()
    # Also where the zone is what it was: a call that was cut off after it was changed is repeated.
    if site.timezone != before.site.timezone or (
        body.get("timezone") is not None and is_built_otherwise(site, store)
    ):
        note_all_windows(site_id, store)
    return {"site": shown(registered, registry)}


def remove_site(
    site_id: str, access: Access, now_ms: int, registry: Registry, store: Store
) -> dict[str, Any]:
    """Delete a site: its keys stop at once, its data goes with the next daily run.

    Raises Forbidden as `show_site` and for a key of one site, Unprocessable for the default site, Unavailable.
    """
    found = covered(site_id, access, registry, registry.all())
    if access.site_id is not None:
        raise Forbidden("wrong_scope", "Deleting sites takes a key for all sites.")
    if site_id == registry.default.site.id:
        raise Unprocessable(
            "default_site", "The default site is what the deployment is told; it cannot be deleted."
        )
    assert found.site is not None  # noqa: S101 - `covered` answers with a site
    delete_site(found, found.site, now_ms, store)
    registry.carry()
    return {
        "deleted": site_id,
        "message": "Its keys are not valid any more. Its data is removed by the next daily run.",
    }


def covered(site_id: str, access: Access, registry: Registry, content: Content) -> Registered:
    """What is registered of a site that a key covers. Raises Forbidden, also for one that does not exist."""
    found = _known(site_id, content, registry) if access.covers(site_id) else None
    if found is None:
        raise Forbidden("wrong_site", "The key is not one of this site's.", field="id")
    return found


def shown(registered: Registered, registry: Registry) -> dict[str, Any]:
    """A site as answers show it."""
    site = registered.site
    assert site is not None  # noqa: S101 - only sites are shown
    values = site.values()
    return {
        "id": site.id,
        "name": site.name,
        "domains": list(site.domains),
        "timezone": site.timezone,
        "settings": {
            name: list(value) if isinstance(value := values[name], tuple) else value
            for name in SETTINGS
        },
        "is_default": site.id == registry.default.site.id,
        "created_at": iso(registered.created_at) if registered.created_at else None,
        "updated_at": iso(registered.updated_at) if registered.updated_at else None,
    }


def _known(site_id: str, content: Content, registry: Registry) -> Registered | None:
    """A site that is there; of the default site also what only the environment tells."""
    found = content.read.get(site_id)
    if found is not None and found.is_deleted:
        return None
    if site_id != registry.default.site.id:
        return found if found is not None and found.site is not None else None
    own: tuple[Key, ...] = found.keys if found else ()
    known = {key.sha256 for key in own}
    keys = (*(key for key in registry.default.keys if key.sha256 not in known), *own)
    site = (found.site if found else None) or registry.default.site
    return Registered(
        site,
        keys,
        created_at=found.created_at if found else 0,
        updated_at=found.updated_at if found else 0,
    )


def _changed(site: Site, body: Mapping[str, Any], access: Access, content: Content) -> Site:
    """The site with what a body says of domains, zone and settings; null stands for "as it is"."""
    changes: dict[str, Any] = {}
    if body.get("domains") is not None:
        changes["domains"] = given.domains(body["domains"])
        for host in set(changes["domains"]) - set(site.domains):
            if _is_taken(host, site, access, content):
                raise Unprocessable(
                    "domain_taken",
                    f"{host} is not free to be a domain of this site.",
                    field="domains",
                )
    if body.get("timezone") is not None:
        changes["timezone"] = given.timezone(body["timezone"])
    if body.get("settings") is not None:
        changes |= given.settings(body["settings"])
    return site.changed(**changes) if changes else site


def _free_id(wanted: str, taken: frozenset[str]) -> str:
    """An id like the wanted one that nobody has or had."""
    if wanted not in taken:
        return wanted
    number = 2
    while (found := f"{wanted[: 31 - len(str(number))]}-{number}") in taken:
        number += 1
    return found


def _is_taken(host: str, site: Site, access: Access, content: Content) -> bool:
    """Whether a domain is another site's. With a key of one site also one below or above another's: the pages of a
    longer host count for the site that names it, so it would take what comes without a key.
    """
    others = {other for other, site_id in content.hosts.items() if site_id != site.id}
    if host in others or access.site_id is None:
        return host in others
    return any(f".{host}".endswith(f".{o}") or f".{o}".endswith(f".{host}") for o in others)
