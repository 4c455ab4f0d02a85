"""The salts of cookieless ids: made ahead, kept in a vault, cached, and destroyed when their time is over.

What is kept are *roots*: random numbers, one for every quarter of an hour in which a local day can end somewhere. The
salt of a site's day is derived from the root of the day's end, so it needs nothing but the root, is another for every
site and time zone, and is gone with the root, 48 h after the day (docs/decisions/0011-salts.md).

    vault     <UTC hour>                 the roots that lived in that hour: each hour has a secret of its own
    counters  footfall:{salts}:days      the roots that live for an hour more, for processes that have just started
              footfall:{<site>}:salt:import    when the site's import salt was first used
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from footfall.counters import Counters
from footfall.days import DAY_MS, HOUR_MS, QUARTER_MS, local_day, midnight
from footfall.errors import Unavailable
from footfall.site import Site
from footfall.vault import Secret, Vault

LIFE_MS = 2 * DAY_MS
"""How long a salt outlives its day, and an import salt its first use."""
AHEAD_MS = 2 * DAY_MS + 2 * HOUR_MS
"""Roots are made for days that end up to then: tomorrow, where it is longest."""
CACHED_KEY = "footfall:{salts}:days"
_AGAIN_MS = 12 * HOUR_MS
"""A process looks into the vault again after that, so that all go on with the same roots."""
_HOURS = (LIFE_MS + AHEAD_MS) // HOUR_MS
"""An older secret than that holds nothing that lives."""
_SALTS_REMEMBERED = 10_000
_ROOT_BYTES = 32

_NONE = (b"", -1)

Roots = dict[int, bytes]
"""By the quarter of an hour (since 1970) in which a day ends."""


@dataclass
class Salts:
    """The salts that a process knows, and where it learns of others.

    Without a vault they lie in the counters alone, as they do for a function in a container of a local stack.
    """

    counters: Counters
    vault: Vault | None = None
    _roots: Roots = field(default_factory=dict)
    _read_at: int | None = None
    """When the vault answered last."""
    _days: dict[tuple[str, str, date], tuple[bytes, int]] = field(default_factory=dict)
    _imports: dict[str, tuple[bytes, int]] = field(default_factory=dict)

    def cookieless_id(self, site: Site, ts: int, ip: str, user_agent: str, now_ms: int) -> str:
        """The id of a visitor without one: 128 bits in hex, keyed with the salt of the event's day in the zone.

        An event of a day whose salt is gone takes one made of that day and the import salt, which lives for 48 h from
        its first use. Raises Unavailable when the salt can be had nowhere.
        """
        day = local_day(ts, site.zone)
        salt, dies_at = self._days.get((site.id, site.salted_by, day), _NONE)
        if now_ms >= dies_at:
            salt = self._salt(site, day, now_ms)
        message = "\0".join((site.id, ip, user_agent)).encode("utf-8", "replace")
        return hashlib.blake2b(message, key=salt, digest_size=16).hexdigest()

    def receive(self, document: bytes | None) -> None:
        """Take the roots that lie in the counters under CACHED_KEY; whatever else lies there is no error."""
        if document is None:
            return
        try:
            self._roots |= _roots(json.loads(document))
        except (ValueError, TypeError, AttributeError):
            return

    def _salt(self, site: Site, day: date, now_ms: int) -> bytes:
        self._forget(now_ms)
        end = midnight(day + timedelta(days=1), site.zone)
        if now_ms < end + LIFE_MS:
            salt, expires_at = self._day_salt(site, day, end, now_ms), end + LIFE_MS
        else:
            import_salt, expires_at = self._import_salt(site.id, now_ms)
            salt = _derived(import_salt, site, day)
        self._days[(site.id, site.salted_by, day)] = (salt, expires_at)
        return salt

    def _day_salt(self, site: Site, day: date, end: int, now_ms: int) -> bytes:
        try:
            return _derived(self._root(-(-end // QUARTER_MS), now_ms), site, day)
        except Unavailable:
            if self.vault is not None:
                raise
        name = f"{site.salted_by}:{day.isoformat()}"
        return self._in_counters(site.id, name, end + LIFE_MS - now_ms)[0]

    def _root(self, quarter: int, now_ms: int) -> bytes:
        root = self._roots.get(quarter)
        is_old = self._read_at is not None and now_ms - self._read_at >= _AGAIN_MS
        if root is None or is_old:
            root = self._read(quarter, now_ms) or root
        if root is None:
            raise _unavailable()
        return root

    def _read(self, quarter: int, now_ms: int) -> bytes | None:
        """A root from the vault, else from the counters."""
        if self.vault is not None:
            try:
                self._roots = make_ahead(self.vault, now_ms)
            except Unavailable:
                pass
            else:
                self._read_at = now_ms
                return self._roots.get(quarter)
        if quarter not in self._roots:
            try:
                self.receive(self.counters.texts([CACHED_KEY])[0])
            except Unavailable:
                return None
        return self._roots.get(quarter)

    def _import_salt(self, site_id: str, now_ms: int) -> tuple[bytes, int]:
        """The import salt of a site, and when it dies: that of the root of the moment when it was first used."""
        known = self._imports.get(site_id)
        if known is None or now_ms >= known[1]:
            if self.vault is None:
                salt, lives_ms = self._in_counters(site_id, "import", LIFE_MS)
                known = salt, now_ms + lives_ms
            else:
                first_use = self._first_use(site_id, now_ms)
                root = self._root(-(-first_use // QUARTER_MS), now_ms)
                known = (
                    hmac.digest(root, b"import\0" + site_id.encode(), "sha256"),
                    first_use + LIFE_MS,
                )
            self._imports[site_id] = known
        return known

    def _first_use(self, site_id: str, now_ms: int) -> int:
        """When the import salt that lives was first used: now, where none lives. That is no secret."""
        try:
            found = self.counters.salt(site_id, "import", str(now_ms).encode(), LIFE_MS // 1000)[0]
        except Unavailable as error:
            raise _unavailable() from error
        return int(found) if found.isdigit() and now_ms - LIFE_MS < int(found) <= now_ms else now_ms

    def _in_counters(self, site_id: str, name: str, lives_ms: int) -> tuple[bytes, int]:
        try:
            salt, seconds = self.counters.salt(
                site_id, name, secrets.token_bytes(32), lives_ms // 1000
            )
        except Unavailable as error:
            raise _unavailable() from error
        return salt, min(lives_ms, seconds * 1000)

    def _forget(self, now_ms: int) -> None:
        """Destroy what has expired, and what is derived from it."""
        self._roots = living(self._roots, now_ms)
        self._imports = {k: known for k, known in self._imports.items() if now_ms < known[1]}
        if len(self._days) >= _SALTS_REMEMBERED:
            self._days.clear()
        self._days = {k: known for k, known in self._days.items() if now_ms < known[1]}


def make_ahead(
    vault: Vault, now_ms: int, random: Callable[[int], bytes] = secrets.token_bytes
) -> Roots:
    """The roots that live, those of today and tomorrow in every zone made where they are missing.

    Whoever comes first in an hour writes the hour's secret; what it takes over from the hour before stays the same,
    and who comes second gets what the first one wrote. Raises Unavailable.
    """
    hour = now_ms // HOUR_MS
    found = vault.read(_name(hour))
    if found is None:
        roots = living(_roots(_last(vault, hour)), now_ms)
        first, last = now_ms - LIFE_MS, now_ms + AHEAD_MS
        for quarter in range(first // QUARTER_MS + 1, last // QUARTER_MS + 1):
            if quarter not in roots:
                roots[quarter] = random(_ROOT_BYTES)
        found = vault.create(_name(hour), _document(roots))
    return living(_roots(found), now_ms)


def keep_salts(vault: Vault | None, counters: Counters, now_ms: int) -> dict[str, int]:
    """Make salts ahead, destroy what has expired, put what lives for an hour more into the counters: the hourly run.

    Returns how many roots live. Raises Unavailable when the vault does not answer.
    """
    if vault is None:
        return {"salts": 0}
    roots = make_ahead(vault, now_ms)
    # The hour's secret holds all that lives; those before it hold what has died, too.
    for hour in range(now_ms // HOUR_MS - _HOURS, now_ms // HOUR_MS):
        vault.delete(_name(hour))
    seconds = HOUR_MS // 1000 + 300
    document = json.dumps(_document(living(roots, now_ms + seconds * 1000)), separators=(",", ":"))
    counters.write_texts({CACHED_KEY: document}, seconds)
    return {"salts": len(roots)}


def destroy_all(vault: Vault | None, now_ms: int) -> None:
    """Destroy every secret that may hold a salt: nobody makes cookieless ids any more. Raises Unavailable."""
    if vault is not None:
        for hour in range(now_ms // HOUR_MS - _HOURS, now_ms // HOUR_MS + 1):
            vault.delete(_name(hour))


def living(roots: Roots, now_ms: int) -> Roots:
    """The roots of days that ended less than 48 h ago, or are still to end."""
    return {
        quarter: root for quarter, root in roots.items() if now_ms < quarter * QUARTER_MS + LIFE_MS
    }


def _derived(root: bytes, site: Site, day: date) -> bytes:
    message = "\0".join((site.id, site.salted_by, day.isoformat())).encode()
    return hmac.digest(root, message, "sha256")


def _last(vault: Vault, hour: int) -> Secret:
    """The newest secret before an hour's; {} where there is none."""
    for earlier in range(hour - 1, hour - _HOURS - 1, -1):
        found = vault.read(_name(earlier))
        if found is not None:
            return found
    return {}


def _name(hour: int) -> str:
    return f"{datetime.fromtimestamp(hour * 3600, UTC):%Y-%m-%dT%H}"


def _document(roots: Roots) -> Secret:
    return {str(quarter): _text(root) for quarter, root in sorted(roots.items())}


def _roots(document: Secret) -> Roots:
    """The roots of a document; what is none is left out, and made anew with the next hour's."""
    roots: Roots = {}
    for quarter, root in document.items():
        try:
            roots[int(quarter)] = base64.b64decode(root, validate=True)
        except (ValueError, TypeError):
            continue
    return {quarter: root for quarter, root in roots.items() if len(root) == _ROOT_BYTES}


def _text(salt: bytes) -> str:
    return base64.b64encode(salt).decode("ascii")


def _unavailable() -> Unavailable:
    return Unavailable(
        "salts_unavailable", "Visitors without an id cannot be counted at the moment; try again."
    )
