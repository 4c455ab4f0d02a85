"""Settings: the only place that reads the environment, and the whole list of what can be set."""

import os
from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Settings(BaseModel):
    """What a deployment is told by its environment; each field is the variable of the same name in capitals.

    On a laptop the local stack sets these, on AWS template.yaml does; nothing else differs between the two.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    store_url: str = Field(
        "", description="ClickHouse: `https://user:password@host:8443/database` or `chdb:///folder`"
    )
    store_secret_arn: str = Field(
        "", description='Secrets Manager secret {"password": …} for the user in STORE_URL'
    )
    store_replicated: bool = Field(
        False, description="Create Replicated*MergeTree tables (a self-managed cluster)"
    )
    counters_url: str = Field("", description="Valkey: `rediss://host:6379`")
    event_queue_url: str = Field("", description="SQS queue of accepted events")
    dead_letter_queue_url: str = Field("", description="SQS queue of messages that cannot be read")
    site_id: str = Field("default", pattern=r"^[a-z0-9-]{1,32}$", description="The default site")
    site_timezone: str = Field("UTC", description="Its time zone (IANA)")
    back_dating_days: int = Field(7, ge=1, le=3650, description="How old a live event may be")
    retention_days: int = Field(
        0,
        ge=0,
        le=36_500,
        description="How many days events are kept; 0: for good, else 30 or more",
    )
    write_key: str = Field("", description="The default site's public write key")
    api_key_sha256: str = Field(
        "", description="SHA-256 (hex) of the API key that reads and administers"
    )
    allow_keyless: bool = Field(False, description="Take events without a key for the default site")
    geo_database: str = Field(
        "", description="Path of an MMDB that gives the country of an address"
    )
    health_seconds: int = Field(
        0, ge=0, le=60, description="How long an answer of /health is remembered"
    )
    log_level: str = Field("INFO", description="Level of the structured logs")

    @field_validator("retention_days")
    @classmethod
    def _long_enough(cls, days: int) -> int:
        if 0 < days < 30:
            raise ValueError("0 keeps everything, else 30 days or more are kept")
        return days

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Settings from `environ` (default: the process's own); empty variables count as unset.

        Raises pydantic.ValidationError, naming the field, when a value is not possible.
        """
        given = os.environ if environ is None else environ
        return cls.model_validate(
            {name: given[name.upper()] for name in cls.model_fields if given.get(name.upper())}
        )
