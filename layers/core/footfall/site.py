"""A site: what every event, key, counter, row and question belongs to."""

from datetime import timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from footfall.days import local_day, midnight

RAW_DAYS = 3
"""Events are stored this much longer than they are kept: the first kept day's sessions need what came before."""


class Site(BaseModel):
    """One site and the settings that decide what its numbers mean."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(pattern=r"^[a-z0-9-]{1,32}$")
    timezone: str = "UTC"
    back_dating_days: int = 7
    retention_days: int = 0
    """How many days before today are kept; 0: all."""

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
