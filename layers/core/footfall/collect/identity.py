"""Who an event belongs to: the client's ids, or a cookieless id made from a salt that is destroyed.

Source of the rules: docs/semantics.md, "People".
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from footfall.counters import Counters
from footfall.days import DAY_MS
from footfall.errors import Unavailable
from footfall.site import Site

GUARDED = frozenset(
    {
        "", "0", "null", "none", "nil", "undefined", "nan", "true", "false", "[]", "{}", "[object object]",
        "anonymous", "anonymous_id", "guest", "id", "user_id", "distinct_id", "not_authenticated",
        "00000000-0000-0000-0000-000000000000",
    }
)  # fmt: skip
"""What programs send when they have no id; counts as absent, in any letter case."""

_HOURS_48_MS = 2 * DAY_MS


def guarded(client_id: str) -> str:
    """The id, or "" for a text that stands for no id."""
    return "" if client_id.lower() in GUARDED else client_id


@dataclass
class Salts:
    """The salts of cookieless ids: kept in the counters, remembered by the process, gone when their time is over.

    While the counters do not answer, a salt of this process stands in, and is offered to them once they do.
    """

    counters: Counters
    _known: dict[tuple[str, str], tuple[bytes, int]] = field(default_factory=dict)
    _proposed: dict[tuple[str, str], tuple[bytes, int]] = field(default_factory=dict)

    def cookieless_id(self, site: Site, ts: int, ip: str, user_agent: str, now_ms: int) -> str:
        """The id of a visitor without one: 128 bits in hex, keyed with the salt of the event's day in the zone.

        An event of a day whose salt is gone takes one made of that day and the import salt, which lives for 48 h from
        its first use.
        """
        day = datetime.fromtimestamp(ts / 1000, UTC).astimezone(site.zone).date()
        expires_at = _end_of(day, site) + _HOURS_48_MS
        if now_ms < expires_at:
            salt = self._salt(site.id, day.isoformat(), expires_at, now_ms)
        else:
            import_salt = self._salt(site.id, "import", now_ms + _HOURS_48_MS, now_ms)
            salt = hmac.digest(import_salt, day.isoformat().encode(), "sha256")
        message = "\0".join((site.id, ip, user_agent)).encode("utf-8", "replace")
        return hashlib.blake2b(message, key=salt[:64], digest_size=16).hexdigest()

    def _salt(self, site_id: str, name: str, expires_at: int, now_ms: int) -> bytes:
        key = (site_id, name)
        known = self._known.get(key)
        if known and now_ms < known[1]:
            return known[0]
        self._forget(now_ms)
        proposal = self._proposed.setdefault(key, (secrets.token_bytes(32), expires_at))[0]
        try:
            salt, seconds = self.counters.salt(
                site_id, name, proposal, (expires_at - now_ms) // 1000
            )
        except Unavailable:
            return proposal
        self._known[key] = (salt, min(expires_at, now_ms + seconds * 1000))
        self._proposed.pop(key, None)
        return salt

    def _forget(self, now_ms: int) -> None:
        for salts in (self._known, self._proposed):
            for key in [key for key, (_, expires_at) in salts.items() if expires_at <= now_ms]:
                del salts[key]


def _end_of(day: date, site: Site) -> int:
    following = day + timedelta(days=1)
    midnight = datetime(following.year, following.month, following.day, tzinfo=site.zone)
    return int(midnight.timestamp() * 1000)
