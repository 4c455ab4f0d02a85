"""What the registry holds, and how it travels: rows of the store, documents of the counters (JSON).

    footfall:{registry}:version        changes whenever anything in the registry does
    footfall:{registry}:index          that version, the ids of all sites, which host is whose, keys of all sites
    footfall:{<site>}:registered       one site, its keys and its shared links

The index is the mark that the documents are complete: a site that it does not name does not exist.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from footfall.counters import REGISTRY_VERSION
from footfall.keys import Key
from footfall.share import Share
from footfall.site import Site
from footfall.store import Store

INDEX = "footfall:{registry}:index"


@dataclass(frozen=True, slots=True)
class Registered:
    """A site, its keys, revoked ones included, and its open links. Times are ms since 1970 UTC."""

    site: Site | None
    """None where there are only keys: the default site, which needs no row."""
    keys: tuple[Key, ...] = ()
    is_deleted: bool = False
    created_at: int = 0
    updated_at: int = 0
    shares: tuple[Share, ...] = ()


@dataclass(slots=True)
class Content:
    """What is known of the registry: the index whole, and those of its sites that were read."""

    version: str
    site_ids: frozenset[str]
    hosts: Mapping[str, str]
    keys: tuple[Key, ...]
    """Those of all sites."""
    read: dict[str, Registered] = field(default_factory=dict)
    is_whole: bool = False
    """Whether all sites were read."""


def read_store(store: Store) -> Content:
    """Everything, from the store. Raises Unavailable."""
    sites = store.select("registry/sites", {}).rows
    own: dict[str, list[Key]] = {}
    for row in store.select("registry/keys", {}).rows:
        key = Key(
            key_id=row[0], site_id=row[1], scope=row[2], sha256=row[3], name=row[4], hint=row[5],
            key=row[6], created_at=row[7], revoked_at=row[8],
        )  # fmt: skip
        own.setdefault(key.site_id, []).append(key)
    all_sites = tuple(own.pop("", ()))
    shares: dict[str, list[Share]] = {}
    for share in map(_share, store.select("registry/shares", {}).rows):
        shares.setdefault(share.site_id, []).append(share)
    read = {row[0]: _registered(row, own.pop(row[0], ())) for row in sites}
    read |= {site_id: Registered(None, tuple(keys)) for site_id, keys in own.items()}
    for site_id, links in shares.items():
        read[site_id] = replace(read.get(site_id, Registered(None)), shares=tuple(links))
    content = Content(
        version="",
        site_ids=frozenset(read),
        hosts={
            host: site_id
            for site_id, found in read.items()
            if found.site and not found.is_deleted
            for host in found.site.domains
        },
        keys=all_sites,
        read=read,
        is_whole=True,
    )
    content.version = _version(content)
    return content


def read_site(site_id: str, store: Store) -> Registered | None:
    """One site as the store has it at this moment, without keys and links; None for one that was never made.

    Raises Unavailable.
    """
    rows = store.select("registry/site", {"site": site_id}).rows
    return _registered(rows[0], ()) if rows else None


def read_shares(site_id: str, store: Store, most: int, share_id: str = "") -> list[Share]:
    """Shared links of a site, closed ones too: the open ones first, then the newest; or the one of an id.

    Raises Unavailable.
    """
    asked = {"site": site_id, "share": share_id, "most": most}
    return [_share(row) for row in store.select("registry/site_shares", asked).rows]


def _share(row: tuple[Any, ...]) -> Share:
    return Share(
        site_id=row[0], share_id=row[1], sha256=row[2], name=row[3], filters=row[4],
        password=row[5], frame_ancestors=tuple(row[6]), expires_at=row[7], created_at=row[8],
        revoked_at=row[9],
    )  # fmt: skip


def _registered(row: tuple[Any, ...], keys: Iterable[Key]) -> Registered:
    site_id, name, domains, timezone, settings, is_deleted, created_at, updated_at = row
    told = {"id": site_id, "name": name, "domains": domains, "timezone": timezone}
    site = Site.read(told | json.loads(settings))
    return Registered(site, tuple(keys), bool(is_deleted), created_at, updated_at)


def documents(content: Content) -> dict[str, str]:
    """All documents of a content that is whole, by key; the version last, since it says that the others are there."""
    made = {site_key(site_id): _site_document(found) for site_id, found in content.read.items()}
    made[INDEX] = _index_document(content)
    made[REGISTRY_VERSION] = content.version
    return made


def site_key(site_id: str) -> str:
    """Where the document of a site lies."""
    return f"footfall:{{{site_id}}}:registered"


def parse_index(document: bytes) -> Content:
    """What an index says, no site read yet."""
    told = json.loads(document)
    return Content(
        version=told["version"],
        site_ids=frozenset(told["sites"]),
        hosts=told["hosts"],
        keys=tuple(_parse_key(key, "") for key in told["keys"]),
    )


def parse_site(site_id: str, document: bytes) -> Registered:
    """What the document of a site says."""
    told = json.loads(document)
    return Registered(
        site=Site.read(told["site"]) if told["site"] else None,
        keys=tuple(_parse_key(key, site_id) for key in told["keys"]),
        is_deleted=told["deleted"],
        created_at=told["created"],
        updated_at=told["updated"],
        # A document that was written before there were links tells none.
        shares=tuple(map(Share.read, told.get("shares", ()))),
    )


def _version(content: Content) -> str:
    told = json.dumps(
        [_index_document(content), sorted(map(_site_document, content.read.values()))]
    )
    return hashlib.blake2b(told.encode(), digest_size=12).hexdigest()


def _index_document(content: Content) -> str:
    return json.dumps(
        {
            "version": content.version,
            "sites": sorted(content.site_ids),
            "hosts": content.hosts,
            "keys": [_key_document(key) for key in content.keys],
        },
        separators=(",", ":"),
    )


def _site_document(found: Registered) -> str:
    return json.dumps(
        {
            "site": found.site.values() if found.site else None,
            "keys": [_key_document(key) for key in found.keys],
            "deleted": found.is_deleted,
            "created": found.created_at,
            "updated": found.updated_at,
            "shares": [share.values() for share in found.shares],
        },
        separators=(",", ":"),
    )


def _key_document(key: Key) -> list[Any]:
    return [
        key.key_id, key.scope, key.sha256, key.name, key.hint, key.key, key.created_at, key.revoked_at,
    ]  # fmt: skip


def _parse_key(told: list[Any], site_id: str) -> Key:
    key_id, scope, sha256, name, hint, key, created_at, revoked_at = told
    return Key(key_id, site_id, scope, sha256, name, hint, key, created_at, revoked_at)
