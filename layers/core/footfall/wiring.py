"""The composition root: engines and stages put together from Settings, lazily, once a process.

Nothing else builds an engine.
"""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

from footfall.collect.accept import Collector
from footfall.collect.health import Remembered
from footfall.collect.rate import RateLimit
from footfall.config import Settings
from footfall.counters import Counters
from footfall.event_queue import EventQueue
from footfall.location import COUNTRIES, Datacentres, Places
from footfall.registry.registry import Default, Registry
from footfall.salts import CACHED_KEY, Salts
from footfall.site import Site
from footfall.sqs import Credentials, Sqs, SqsError
from footfall.store import Store
from footfall.valkey import Valkey
from footfall.vault import FileVault, SecretsManagerVault, Vault


@cache
def settings() -> Settings:
    """The deployment's settings. Raises InvalidSetting when one is not possible."""
    return Settings.from_environ()


@cache
def registry() -> Registry:
    """Sites and keys, through the engines that this function has."""
    given = settings()
    default = Default(
        site=Site(
            id=given.site_id,
            timezone=given.site_timezone,
            back_dating_days=given.back_dating_days,
            retention_days=given.retention_days,
        ),
        write_key=given.write_key,
        api_key_sha256=given.api_key_sha256,
    )
    return Registry(
        default,
        counters() if given.counters_url else None,
        store() if given.store_url else None,
        beside={CACHED_KEY: salts().receive} if given.uses_salts else {},
    )


@cache
def event_queue() -> EventQueue:
    """SQS."""
    given = settings()
    sqs = Sqs(given.sqs_endpoint, given.aws_region, _credentials())
    return EventQueue(sqs, given.event_queue_url, given.dead_letter_queue_url)


@cache
def counters() -> Counters:
    """Valkey; a request waits for it for at most a quarter of a second."""
    return Counters(Valkey(settings().counters_url))


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
    own, asn = settings().geo_database, settings().asn_database
    places = Places([Path(own), COUNTRIES] if own else [COUNTRIES])
    return Collector(
        registry=registry(),
        allow_keyless=settings().allow_keyless,
        queue=event_queue(),
        counters=counters(),
        salts=salts(),
        locate=places.locate,
        is_hosted=Datacentres(Path(asn) if asn else None).holds,
        rate=RateLimit(settings().rate_limit),
    )


@cache
def vault() -> Vault | None:
    """Where salts are kept; None where they lie in the counters alone."""
    given = settings()
    if given.salts_file:
        return FileVault(Path(given.salts_file))
    if not given.salts_vault:
        return None
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    patience = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2})
    return SecretsManagerVault(boto3.client("secretsmanager", config=patience), given.salts_vault)


@cache
def salts() -> Salts:
    """The salts of cookieless ids."""
    return Salts(counters(), vault())


@cache
def remembered_health() -> Remembered:
    """The last answer of /health."""
    return Remembered(settings().health_seconds)


def reset() -> None:
    """Forget everything that was built, so that it is built anew from the environment as it is then."""
    for built in (
        settings,
        registry,
        event_queue,
        counters,
        vault,
        salts,
        store,
        collector,
        remembered_health,
    ):
        built.cache_clear()


def _secret(arn: str) -> str:
    import boto3  # noqa: PLC0415

    value = boto3.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    return str(json.loads(value)["password"])


def _credentials() -> Callable[[], Credentials]:
    """What requests to AWS are signed with: Lambda's own, which hold as long as its process, else what boto3 finds."""
    given = settings()
    if given.aws_access_key_id:
        own = Credentials(
            given.aws_access_key_id, given.aws_secret_access_key, given.aws_session_token
        )
        return lambda: own
    import boto3  # noqa: PLC0415 - 350 ms of a cold start, and Lambda has no need of it

    found = boto3.Session().get_credentials()

    def current() -> Credentials:
        frozen = found.get_frozen_credentials() if found else None
        if frozen is None:
            raise SqsError("there are no credentials for AWS")
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token or "")

    return current
