"""Shared links: one site under fixed filters, for whoever has the link, and what a link and its token look like.

    <site>_<random>                                 a share's id, in the path of its page
    ffl_<random>                                    its secret, 192 bits, in the fragment of the link
    fft_<site>_<random>_<expires>_<signature>       the token that the secret is changed for: reads, for some hours

Of the secret only its SHA-256 is kept, and a token is signed with that: nothing has to be stored for a token, and it
ends with its share. Of a password a salted scrypt is kept.
"""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from footfall.keys import Access, digest

TOKEN_PREFIX = "fft_"  # noqa: S105 - what tokens begin with
TOKEN_MS = 12 * 3_600_000
"""How long a token reads."""
_SHARE_ID = re.compile(r"([a-z0-9-]{1,32})_[0-9a-f]{16}")
_TOKEN = re.compile(r"fft_([a-z0-9-]{1,32}_[0-9a-f]{16})_([0-9]{1,15})_([0-9a-f]{64})")
_SCRYPT = {"n": 2**14, "r": 8, "p": 1, "maxmem": 64 * 1024 * 1024}
"""16 MiB and some 50 ms a try."""


@dataclass(frozen=True, slots=True)
class Share:
    """A link that was made, as it is kept. Times are ms since 1970 UTC."""

    share_id: str
    site_id: str
    sha256: str
    """The SHA-256 of the secret, in hex."""
    name: str = ""
    filters: str = "[]"
    """The fixed filters, a JSON list as questions carry them."""
    password: str = ""
    """Salt and scrypt of the password, `<hex>:<hex>`; "" for none."""
    frame_ancestors: tuple[str, ...] = ()
    """Origins whose pages may embed the link's page."""
    expires_at: int | None = None
    created_at: int = 0
    revoked_at: int | None = None

    def is_open(self, now_ms: int) -> bool:
        """Whether the link works at a moment."""
        return self.revoked_at is None and (self.expires_at is None or now_ms < self.expires_at)

    def has_secret(self, secret: str) -> bool:
        """Whether this is the secret, compared in constant time."""
        return hmac.compare_digest(self.sha256, digest(secret))

    def has_password(self, password: str) -> bool:
        """Whether this is the password, where the link has one."""
        salt, _, hashed = self.password.partition(":")
        return hmac.compare_digest(hashed, _scrypt(password, bytes.fromhex(salt)))

    def token(self, now_ms: int) -> tuple[str, int]:
        """A token of this share, and until when it reads (ms)."""
        expires = min(now_ms + TOKEN_MS, self.expires_at or now_ms + TOKEN_MS)
        return f"{TOKEN_PREFIX}{self.share_id}_{expires}_{self._signature(expires)}", expires

    def access(self, expires: int, signature: str, now_ms: int) -> Access | None:
        """What a token of this share lets its bearer do; None where it lets nothing any more."""
        is_signed = hmac.compare_digest(signature, self._signature(expires))
        if not is_signed or now_ms >= expires or not self.is_open(now_ms):
            return None
        return Access("share", self.site_id, self.share_id, filters=self.filters)

    def values(self) -> dict[str, Any]:
        """Everything that is kept, as JSON can hold it."""
        return asdict(self)

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Share":
        """A share of its `values`."""
        return cls(**{**told, "frame_ancestors": tuple(told["frame_ancestors"])})

    def _signature(self, expires: int) -> str:
        # The password is signed too: a token of before it was set or changed would be none of now.
        said = json.dumps([self.share_id, expires, self.password]).encode()
        return hmac.new(bytes.fromhex(self.sha256), said, "sha256").hexdigest()


def make_secret() -> str:
    """A new secret of a link."""
    return f"ffl_{secrets.token_hex(24)}"


def make_share_id(site_id: str) -> str:
    """A new id of a share: it names its site, so one document is enough to look it up."""
    return f"{site_id}_{secrets.token_hex(8)}"


def site_of_share(share_id: str) -> str | None:
    """The site that a share's id names; None where it does not look like one."""
    found = _SHARE_ID.fullmatch(share_id)
    return found[1] if found else None


def read_token(token: str) -> tuple[str, int, str] | None:
    """The share's id, the expiry (ms) and the signature that a token names; None where it does not look like one."""
    found = _TOKEN.fullmatch(token)
    return (found[1], int(found[2]), found[3]) if found else None


def hashed_password(password: str) -> str:
    """What is kept of a password."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}:{_scrypt(password, salt)}"


def find_share(share_id: str, shares: Iterable[Share]) -> Share | None:
    """The share of an id."""
    return next((share for share in shares if share.share_id == share_id), None)


def _scrypt(password: str, salt: bytes) -> str:
    return hashlib.scrypt(password.encode("utf-8", "replace"), salt=salt, **_SCRYPT).hex()
