"""Keys: who may send to a site and who may read it.

A write key (`ffw_<site>_<random>`) is public and names its site in clear; an API key (`ffa_<random>`) is secret and
only its SHA-256 is kept. Both are compared in constant time.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Literal

Scope = Literal["write", "server", "read", "admin"]


@dataclass(frozen=True, slots=True)
class Access:
    """What a key lets its bearer do. `site_id` None means all sites."""

    scope: Scope
    site_id: str | None

    @property
    def is_trusted(self) -> bool:
        """Whether `context.ip` and `context.userAgent` of the sender are believed: only with a secret key."""
        return self.scope != "write"

    def covers(self, site_id: str) -> bool:
        """Whether this key is one of that site's."""
        return self.site_id is None or self.site_id == site_id


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of this deployment."""

    site_id: str
    write_key: str
    api_key_sha256: str

    def find(self, key: str) -> Access | None:
        """The access a presented key gives, or None for a key that nobody made."""
        presented = key.encode("utf-8", "replace")
        if self.write_key and hmac.compare_digest(presented, self.write_key.encode()):
            return Access("write", self.site_id)
        digest = hashlib.sha256(presented).hexdigest()
        if self.api_key_sha256 and hmac.compare_digest(digest, self.api_key_sha256.lower()):
            return Access("admin", None)
        return None
