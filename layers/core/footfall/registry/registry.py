"""The registry: whose a key is, what a site's settings are, whose a host is.

Asked in this order: the memory of the process, the counters' documents, the store, as far as a function has them.
Memory is left when counting saw another version of the documents, or after a while in which it was not confirmed; while
neither engine answers, what is in it goes on counting.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from footfall.counters import Counters
from footfall.errors import Unavailable
from footfall.keys import Access, Key, digest, find_key, kept, key_id, sites_named, unverified
from footfall.registry import content
from footfall.registry.content import Content
from footfall.share import Share, find_share, read_token, site_of_share
from footfall.site import Site, domain, strict
from footfall.store import Store

COUNTERS_SECONDS = 60.0
"""How long memory is believed that came from the counters, unless counting confirms it."""
STORE_SECONDS = 10.0
"""How long memory is believed that came from the store: nothing tells of changes there."""
PAUSE_SECONDS = 30.0
"""How long a store that did not answer is not asked again: for a function that cannot reach it, asking takes 3 s."""
RETRY_SECONDS = 2.0
DOCUMENT_SECONDS = 30 * 86_400
"""Documents are written every minute; they outlast a store that is down for as long as the queue keeps events."""


@dataclass(frozen=True)
class Default:
    """The default site and its keys, which the environment tells: they need not be registered."""

    site: Site
    write_key: str = ""
    api_key_sha256: str = ""

    @cached_property
    def keys(self) -> tuple[Key, ...]:
        """Those that only send to the site."""
        if not self.write_key:
            return ()
        return (kept(self.write_key, "write", self.site.id, "WRITE_KEY"),)

    @cached_property
    def all_sites_keys(self) -> tuple[Key, ...]:
        """Those of all sites."""
        sha256 = self.api_key_sha256.lower()
        return (Key(key_id(sha256), "", "admin", sha256, "API_KEY_SHA256"),) if sha256 else ()


@dataclass
class Registry:
    """Sites and keys, through whichever engines a function has."""

    default: Default
    counters: Counters | None = None
    store: Store | None = None
    monotonic: Callable[[], float] = time.monotonic
    time: Callable[[], float] = time.time
    """Seconds since 1970: tokens have an end."""
    beside: Mapping[str, Callable[[bytes | None], object]] = field(default_factory=dict)
    """Other documents that are read in the round trip that reads a site, and who takes them: so that a process that
    has just started needs no further one.
    """
    _held: Content | None = field(default=None, repr=False)
    _believed_until: float = 0.0
    _store_silent_until: float = 0.0
    _retry_at: float = 0.0
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def find(self, key: str) -> Access | None:
        """What a presented key lets its bearer do, None for a key that nobody made or that was revoked.

        Raises Unavailable when it cannot be looked up.
        """
        sha256 = digest(key)
        if found := find_key(sha256, self.default.all_sites_keys):
            return found.access
        if found := find_key(sha256, self.default.keys):
            return None if self._is_revoked(sha256) else found.access
        for site_id in sites_named(key):
            found = find_key(sha256, self._keys(site_id))
            if found is not None:
                return found.access if found.revoked_at is None else None
        return None

    def find_token(self, token: str) -> Access | None:
        """What the token of a shared link lets its bearer read, None for one that nobody signed or that is over.

        Raises Unavailable when it cannot be looked up.
        """
        named = read_token(token)
        share = self.share(named[0]) if named else None
        if named is None or share is None:
            return None
        return share.access(named[1], named[2], int(self.time() * 1000))

    def share(self, share_id: str) -> Share | None:
        """A shared link that is open, or was lately; None for any other and for those of a site that is deleted.

        Raises Unavailable when it cannot be looked up.
        """
        site_id = site_of_share(share_id)
        if site_id is None:
            return None
        registered = self._content(site_id).read.get(site_id)
        if registered is None or registered.is_deleted:
            return None
        return find_share(share_id, registered.shares)

    def find_sender(self, key: str) -> Access | None:
        """As `find`; while nothing can be looked up, a well-formed write or server key is taken unverified."""
        try:
            return self.find(key)
        except Unavailable:
            access = unverified(key)
            if access is None:
                raise
            return access

    def site(self, site_id: str) -> Site | None:
        """The site of an id, None where there is none. Raises Unavailable when it cannot be looked up."""
        return self._site_in(self._content(site_id), site_id)

    def site_of_sender(self, site_id: str) -> Site | None:
        """As `site`; while nothing can be looked up, one with the strictest settings."""
        try:
            return self.site(site_id)
        except Unavailable:
            is_default = site_id == self.default.site.id
            return strict(self.default.site if is_default else Site(id=site_id))

    def site_to_read(self, site_id: str) -> Site | None:
        """As `site`; while nothing can be looked up, the default site is what the environment tells."""
        try:
            return self.site(site_id)
        except Unavailable:
            if site_id == self.default.site.id:
                return self.default.site
            raise

    def stored_site(self, site_id: str) -> Site:
        """A site as the store has it at this moment, a deleted one too: whose days rows are noted and rolled up by.

        Raises Unavailable.
        """
        if self.store is None:
            raise _unavailable()
        found = content.read_site(site_id, self.store)
        if found is not None and found.site is not None:
            return found.site
        is_default = site_id == self.default.site.id
        return self.default.site if is_default else Site(id=site_id)

    def site_of_host(self, host: str) -> str | None:
        """The id of the site whose pages lie on a host or above it, None where there is none. Raises Unavailable."""
        name = domain(host)
        if not name:
            return None
        hosts = self._content(None).hosts
        while name:
            if name in hosts:
                return hosts[name]
            name = name.partition(".")[2]
        return None

    def all(self) -> Content:
        """Everything, deleted sites too, from the store. Raises Unavailable."""
        if self.store is None:
            raise _unavailable()
        return content.read_store(self.store)

    def sites(self) -> list[Site]:
        """All sites, the default one among them, from the store. Raises Unavailable."""
        found = self.all()
        ids = sorted(found.site_ids | {self.default.site.id})
        return [site for site_id in ids if (site := self._site_in(found, site_id))]

    def carry(self, *, must_arrive: bool = False) -> int:
        """Carry everything from the store into the counters and this process's memory; how many sites there are.

        Whoever changed the registry calls it: a change is made even if the counters learn of it later. And a schedule,
        since the counters may have been emptied: it says `must_arrive`, so that it is noticed when they are not told.
        Raises Unavailable when the store does not answer, or the counters do not and it must arrive there.
        """
        if self.store is None:
            raise _unavailable()
        while True:
            revision = self.store.select("registry/revision", {}).rows
            found = content.read_store(self.store)
            with self._lock:
                has_arrived = self.counters is None or self.counters.write_texts(
                    content.documents(found), DOCUMENT_SECONDS
                )
                self._hold(found)
            if must_arrive and not has_arrived:
                raise _untold()
            # Whatever changed meanwhile, its carrier may have been overtaken by this one.
            if self.store.select("registry/revision", {}).rows == revision:
                return len(found.site_ids)

    def _keys(self, site_id: str) -> tuple[Key, ...]:
        """The keys of a site, or ("") of all; none of a deleted or unknown one."""
        if not site_id:
            return self._content(None).keys
        registered = self._content(site_id).read.get(site_id)
        return () if registered is None or registered.is_deleted else registered.keys

    def _is_revoked(self, sha256: str) -> bool:
        """Whether the default site's write key was revoked. It is in force while nothing can be looked up."""
        try:
            found = find_key(sha256, self._keys(self.default.site.id))
        except Unavailable:
            return False
        return found is not None and found.revoked_at is not None

    def _site_in(self, found: Content, site_id: str) -> Site | None:
        registered = found.read.get(site_id)
        if registered is not None and registered.site is not None:
            return None if registered.is_deleted else registered.site
        return self.default.site if site_id == self.default.site.id else None

    def _content(self, site_id: str | None) -> Content:
        """What is known, the site of `site_id` read if there is one. Raises Unavailable."""
        held = self._held
        if held is not None and _has_read(held, site_id) and self._is_believed(held):
            return held
        with self._lock:
            held = self._held
            if held is not None and _has_read(held, site_id) and self._is_believed(held):
                return held
            if self.monotonic() >= self._retry_at:
                found = self._from_counters(site_id) or self._from_store()
                if found is not None:
                    return found
                self._retry_at = self.monotonic() + RETRY_SECONDS
            if held is not None and _has_read(held, site_id):
                return held
            raise _unavailable()

    def _is_believed(self, held: Content) -> bool:
        until = self._believed_until
        seen = self.counters.seen_version if self.counters is not None else None
        if seen is not None:
            version, at = seen
            if version != held.version:
                return False
            until = max(until, at + COUNTERS_SECONDS)
        return self.monotonic() < until

    def _from_counters(self, site_id: str | None) -> Content | None:
        """What the counters' documents tell; None when they do not answer, or were emptied."""
        if self.counters is None:
            return None
        keys = [content.INDEX, *self.beside]
        if site_id is not None:
            keys.append(content.site_key(site_id))
        try:
            index, *others = self.counters.texts(keys)
        except Unavailable:
            return None
        for take, document in zip(self.beside.values(), others, strict=False):
            take(document)
        if index is None:
            return None
        found = content.parse_index(index)
        if self._held is not None and self._held.version == found.version:
            found = replace(found, read=self._held.read, is_whole=self._held.is_whole)
        if site_id is not None:
            document = others[-1]
            if document is not None:
                found.read[site_id] = content.parse_site(site_id, document)
            elif site_id in found.site_ids and site_id not in found.read:
                return None
        self._hold(found)
        return found

    def _from_store(self) -> Content | None:
        """What the store tells; None when it does not answer."""
        if self.store is None or self.monotonic() < self._store_silent_until:
            return None
        try:
            found = content.read_store(self.store)
        except Unavailable:
            self._store_silent_until = self.monotonic() + PAUSE_SECONDS
            return None
        self._hold(found, STORE_SECONDS)
        return found

    def _hold(self, found: Content, seconds: float = COUNTERS_SECONDS) -> None:
        self._held = found
        self._believed_until = self.monotonic() + seconds
        self._retry_at = 0.0
        if self.counters is not None:
            self.counters.saw_version(found.version.encode())


def _has_read(held: Content, site_id: str | None) -> bool:
    return site_id is None or held.is_whole or site_id in held.read or site_id not in held.site_ids


def _untold() -> Unavailable:
    return Unavailable(
        "counters_unavailable", "Sites and keys cannot be carried to the counters at the moment."
    )


def _unavailable() -> Unavailable:
    return Unavailable(
        "registry_unavailable", "Sites and keys cannot be looked up at the moment; try again."
    )
