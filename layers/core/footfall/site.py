"""A site: what every event, key, counter, row and question belongs to, and the settings that its owner may change."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, Literal
from zoneinfo import ZoneInfo

from footfall.days import local_day, midnight
from footfall.url import hostname

RAW_DAYS = 3
"""Events are stored this much longer than they are kept: the first kept day's sessions need what came before."""

Consent = Literal["optional", "required"]
Signals = Literal["cookieless", "discard", "ignore"]


@dataclass(frozen=True)
class Site:
    """One site and the settings that decide what its numbers mean and what is taken at its door."""

    id: str
    """`[a-z0-9-]{1,32}`."""
    name: str = ""
    domains: tuple[str, ...] = ()
    """Hosts of its pages, in lower case, without port and leading `www.`; each includes its subdomains."""
    timezone: str = "UTC"
    back_dating_days: int = 7
    retention_days: int = 0
    """How many days before today are kept; 0: all."""
    allowed_origins: tuple[str, ...] = ()
    """Hosts whose pages may send with a public key (`*.example.com` with all subdomains); none: any."""
    blocked_ips: tuple[str, ...] = ()
    """Addresses and networks (CIDR) whose events are refused."""
    blocked_paths: tuple[str, ...] = ()
    """Paths whose pageviews are refused; `*` stands for any text."""
    consent: Consent = "optional"
    """`required`: an event without `context.consent` is one with `denied`."""
    privacy_signals: Signals = "cookieless"
    """What a browser's Global Privacy Control or Do Not Track makes of an event."""
    allowed_query: tuple[str, ...] = ()
    """Parameters of a page's URL that are kept as the property `query.<name>`; utm_* are always read, all others go."""
    denied_properties: tuple[str, ...] = ()
    """Properties that are not stored; `*` stands for any text."""
    daily_quota: int = 0
    """Events a UTC day; what comes above it is kept as rejects. 0: no limit."""
    zone_changes: int = 0
    """How often its zone was changed."""

    def changed(self, **changes: Any) -> "Site":
        """The site with other settings; nothing that was worked out of the old ones stays."""
        return Site.read(self.values() | changes)

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Site":
        """The site of `values`, or of JSON made of them; what a newer version added is ignored."""
        known = {each.name for each in fields(cls)}
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in told.items()
            if name in known
        }
        return cls(**values)

    def values(self) -> dict[str, Any]:
        """What it is made of, by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @property
    def salted_by(self) -> str:
        """What salts are told apart by besides site and day: each change of the zone begins new ones."""
        return f"{self.timezone}#{self.zone_changes}" if self.zone_changes else self.timezone

    @cached_property
    def zone(self) -> ZoneInfo:
        """The site's time zone; days of cookieless ids and default periods follow it."""
        return ZoneInfo(self.timezone)

    def horizon_ms(self, now_ms: int) -> int | None:
        """When the first local day began whose events are kept (ms since 1970 UTC); None where all are."""
        if not self.retention_days:
            return None
        first = local_day(now_ms, self.zone) - timedelta(days=self.retention_days)
        return midnight(first, self.zone)

    @cached_property
    def blocked_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """`blocked_ips` as networks."""
        return tuple(ip_network(text, strict=False) for text in self.blocked_ips)

    def blocks_address(self, address: str) -> bool:
        """Whether events of this address are refused."""
        if not self.blocked_ips:
            return False
        try:
            found = ip_address(address.strip())
        except ValueError:
            return False
        mapped = getattr(found, "ipv4_mapped", None)
        return any((mapped or found) in network for network in self.blocked_networks)

    def blocks_path(self, path: str) -> bool:
        """Whether pageviews of this path are refused."""
        return any(fits(pattern, path) for pattern in self.blocked_paths)

    def allows_origin(self, origin: str) -> bool:
        """Whether a page of this origin (`https://host:port`) may send with a public key."""
        if not self.allowed_origins:
            return True
        host = domain(origin)
        return any(
            host == allowed or (allowed.startswith("*.") and f".{host}".endswith(allowed[1:]))
            for allowed in self.allowed_origins
        )


def strict(site: Site) -> Site:
    """The site with the strictest settings: those of a sender whose site's own settings cannot be read.

    What a site may have forbidden is not taken: consent is demanded, signals are obeyed, properties are not stored.
    """
    return site.changed(
        consent="required", privacy_signals="discard", allowed_query=(), denied_properties=("*",)
    )


def domain(text: str) -> str:
    """A host as hosts are compared: lower case, without scheme, user, port, path, dot at its end and leading `www.`,
    other scripts in ASCII (RFC 3490). "" for what is no host.
    """
    host = text.strip().partition("://")[2] or text.strip()
    host = hostname(re.split(r"[/?#]", host, maxsplit=1)[0]).rstrip(".")
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii").removeprefix("www.")
    except UnicodeError:
        return ""


def fits(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern in which `*` stands for any text; takes time in proportion to the text."""
    first, *others = pattern.split("*")
    if not others:
        return text == pattern
    *middle, last = others
    if not text.startswith(first) or len(text) < len(first) + len(last) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


SETTINGS = (
    "back_dating_days", "retention_days", "allowed_origins", "blocked_ips", "blocked_paths",
    "consent", "privacy_signals", "allowed_query", "denied_properties", "daily_quota",
)  # fmt: skip
"""What stands under `settings` in the API."""
STORED = (*SETTINGS, "zone_changes")
"""What the store keeps beside id, name, domains and zone."""
