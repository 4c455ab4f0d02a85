"""A site: what every event, key, counter, row and question belongs to, and the settings that its owner may change."""

from datetime import timedelta
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from footfall.days import local_day, midnight

RAW_DAYS = 3
"""Events are stored this much longer than they are kept: the first kept day's sessions need what came before."""

Consent = Literal["optional", "required"]
Signals = Literal["cookieless", "discard", "ignore"]


class Site(BaseModel):
    """One site and the settings that decide what its numbers mean and what is taken at its door."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(pattern=r"^[a-z0-9-]{1,32}$")
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


SETTINGS = (
    "back_dating_days", "retention_days", "allowed_origins", "blocked_ips", "blocked_paths",
    "consent", "privacy_signals", "allowed_query", "denied_properties", "daily_quota",
)  # fmt: skip
"""What stands under `settings` in the API."""
