"""A site: what every event, key, counter, row and question belongs to."""

from functools import cached_property
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

DAY_MS = 86_400_000


class Site(BaseModel):
    """One site and the settings that decide what its numbers mean."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(pattern=r"^[a-z0-9-]{1,32}$")
    timezone: str = "UTC"
    back_dating_days: int = 7

    @cached_property
    def zone(self) -> ZoneInfo:
        """The site's time zone; days of cookieless ids and default periods follow it."""
        return ZoneInfo(self.timezone)
