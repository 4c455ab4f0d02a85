"""The composition root: engines and stages put together from Settings, lazily, once a process.

Nothing else builds an engine.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from footfall.collect.accept import Collector
from footfall.collect.health import Remembered
from footfall.collect.identity import Salts
from footfall.config import Settings
from footfall.counters import Counters
from footfall.event_queue import EventQueue
from footfall.keys import Keyring
from footfall.location import Location, locate
from footfall.site import Site
from footfall.store import Store


@cache
def settings() -> Settings:
    """The deployment's settings. Raises pydantic.ValidationError when one is not possible."""
    return Settings.from_environ()


@cache
def site() -> Site:
    """The default site."""
    given = settings()
    return Site(
        id=given.site_id,
        timezone=given.site_timezone,
        back_dating_days=given.back_dating_days,
        retention_days=given.retention_days,
    )


def site_of(site_id: str) -> Site:
    """The site of an id."""
    return site().model_copy(update={"id": site_id})


def zone_of(site_id: str) -> ZoneInfo:
    """The time zone of a site."""
    return site_of(site_id).zone


@cache
def keyring() -> Keyring:
    """The keys of the default site."""
    given = settings()
    return Keyring(given.site_id, given.write_key, given.api_key_sha256)


@cache
def event_queue() -> EventQueue:
    """SQS; boto3 finds its address, region and credentials in the environment."""
    import boto3  # noqa: PLC0415 - 350 ms of a cold start that a function without the queue need not pay
    from botocore.config import Config  # noqa: PLC0415

    patience = Config(
        connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2, "mode": "standard"}
    )
    sqs = boto3.client("sqs", config=patience)
    return EventQueue(sqs, settings().event_queue_url, settings().dead_letter_queue_url)


@cache
def counters() -> Counters:
    """Valkey; a request waits for it for at most a quarter of a second."""
    import redis  # noqa: PLC0415

    client = redis.Redis.from_url(
        settings().counters_url, socket_timeout=0.25, socket_connect_timeout=0.25
    )
    return Counters(client)


@cache
def store() -> Store:
    """ClickHouse; the password may lie in Secrets Manager."""
    given = settings()
    return Store(
        given.store_url,
        password=_secret(given.store_secret_arn) if given.store_secret_arn else None,
    )


@cache
def collector() -> Collector:
    """Everything collecting needs."""
    database = _geo_database()

    def place(ip: str) -> Location:
        return locate(ip, database)

    return Collector(
        site=site(),
        keyring=keyring(),
        allow_keyless=settings().allow_keyless,
        queue=event_queue(),
        counters=counters(),
        salts=Salts(counters()),
        locate=place,
    )


@cache
def remembered_health() -> Remembered:
    """The last answer of /health."""
    return Remembered(settings().health_seconds)


def reset() -> None:
    """Forget everything that was built, so that it is built anew from the environment as it is then."""
    for built in (
        settings,
        site,
        keyring,
        event_queue,
        counters,
        store,
        collector,
        remembered_health,
    ):
        built.cache_clear()


def _geo_database() -> Any:
    path = settings().geo_database
    if not path or not Path(path).exists():
        return None
    import maxminddb  # noqa: PLC0415

    return maxminddb.open_database(path)


def _secret(arn: str) -> str:
    import boto3  # noqa: PLC0415

    value = boto3.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    return str(json.loads(value)["password"])
