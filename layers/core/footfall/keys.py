"""Keys: who may send to a site, who may read it, and what a key looks like.

    ffw_<site>_<random>   write    public; names its site in clear
    ffs_<site>_<random>   server   a secret write key
    ffa_<site>_<random>   read or admin of one site, secret
    ffa_<random>          read or admin of all sites, secret

Of a secret key only its SHA-256 is kept: its 192 random bits cannot be guessed, so a slow hash would protect nothing.
A site's id holds no underscore, so every key of a site tells which site's keys it has to be compared with.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Scope = Literal["write", "server", "read", "admin"]
SCOPES: tuple[Scope, ...] = ("write", "server", "read", "admin")
Reach = Scope | Literal["share"]
"""What a bearer may do: a key's scope, or what a shared link lets them read."""
_PREFIXES: dict[Scope, str] = {"write": "ffw", "server": "ffs", "read": "ffa", "admin": "ffa"}
_SENDING = re.compile(r"ff(?:w|s)_([a-z0-9-]{1,32})_[A-Za-z0-9_-]{8,200}")
_READING = re.compile(r"ffa_(?:([a-z0-9-]{1,32})_)?[A-Za-z0-9_-]{8,200}")


NO_FILTERS = "[]"


@dataclass(frozen=True, slots=True)
class Access:
    """What a key or the token of a shared link lets its bearer do. `site_id` None means all sites."""

    scope: Reach
    site_id: str | None
    key_id: str = ""
    """"" where there was no key."""
    unverified_key: str = ""
    """The digest of a key that could not be looked up: it has to be before what it sent is stored."""
    filters: str = NO_FILTERS
    """The fixed filters of a shared link, a JSON list: what it reads can only be narrowed."""

    @property
    def is_trusted(self) -> bool:
        """Whether `context.ip` and `context.userAgent` of the sender are believed: only with a secret key."""
        return self.scope != "write"

    @property
    def is_filtered(self) -> bool:
        """Whether whoever asks may only see what fixed filters let through."""
        return self.filters != NO_FILTERS

    def covers(self, site_id: str) -> bool:
        """Whether this key is one of that site's."""
        return self.site_id is None or self.site_id == site_id


@dataclass(frozen=True, slots=True)
class Key:
    """A key that was made, as it is kept. Times are ms since 1970 UTC."""

    key_id: str
    site_id: str
    """"" for all sites."""
    scope: Scope
    sha256: str
    name: str = ""
    hint: str = ""
    """The last four characters, by which its owner knows it."""
    key: str = ""
    """The key itself where it is public, else ""."""
    created_at: int = 0
    revoked_at: int | None = None

    @property
    def access(self) -> Access:
        """What it lets its bearer do."""
        return Access(self.scope, self.site_id or None, self.key_id)


def make_key(scope: Scope, site_id: str) -> str:
    """A new key of a site ("" for all sites, which only keys that read or administer can be of)."""
    # A write key is public: it need not be hard to guess, only never the same twice.
    random = secrets.token_hex(12 if scope == "write" else 24)
    return "_".join(filter(None, (_PREFIXES[scope], site_id, random)))


def kept(key: str, scope: Scope, site_id: str, name: str = "", created_at: int = 0) -> Key:
    """What is kept of a key."""
    sha256 = digest(key)
    return Key(
        key_id=key_id(sha256),
        site_id=site_id,
        scope=scope,
        sha256=sha256,
        name=name,
        hint=key[-4:],
        key=key if scope == "write" else "",
        created_at=created_at,
    )


def digest(key: str) -> str:
    """The SHA-256 of a key in hex."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def key_id(sha256: str) -> str:
    """The id of a key, from its digest: tells nothing, and is the same wherever it is made."""
    return sha256[:16]


def site_of_sender(key: str) -> str | None:
    """The site that a write or server key names; None where it does not look like one."""
    found = _SENDING.fullmatch(key)
    return found[1] if found else None


def sites_named(key: str) -> tuple[str, ...]:
    """Whose key this may be, by how it looks ("" for all sites'); none where nobody makes such keys."""
    sender = site_of_sender(key)
    if sender is not None:
        return (sender,)
    found = _READING.fullmatch(key)
    if not found:
        return ()
    # What somebody made of random text in base64 may look as if it named a site.
    return (found[1], "") if found[1] else ("",)


def find_key(sha256: str, keys: Iterable[Key]) -> Key | None:
    """The key of a digest, compared in constant time with all of them, revoked ones included."""
    found = None
    for key in keys:
        if hmac.compare_digest(key.sha256, sha256):
            found = key
    return found


def unverified(key: str) -> Access | None:
    """The access of a well-formed write or server key that could not be looked up; None for any other text."""
    site_id = site_of_sender(key)
    if site_id is None:
        return None
    scope: Scope = "server" if key.startswith("ffs_") else "write"
    return Access(scope, site_id, key_id(digest(key)), digest(key))
