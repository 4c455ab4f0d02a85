"""The composition root: engines and stages put together from Settings, lazily, once a process.

Nothing else builds an engine.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from footfall.aws import Aws, AwsError, Credentials, Service
from footfall.config import Settings
from footfall.counters import Asks, Counters
from footfall.event_queue import EventQueue, LiveQueue
from footfall.registry.registry import Default, Registry
from footfall.salts import CACHED_KEY, Salts
from footfall.site import Site
from footfall.sqs import Sqs
from footfall.store import Store
from footfall.valkey import Valkey
from footfall.vault import (
    READ_SECONDS,
    SECRETS_MANAGER,
    FileVault,
    Password,
    SecretsManagerVault,
    Vault,
)

if TYPE_CHECKING:
    from footfall.collect.accept import Collector
    from footfall.collect.health import Remembered
    from footfall.sockets import Sockets
    from footfall.watchers import Feed, Watchers

LAMBDA = Service("lambda", "", "application/json", "Lambda")
LAMBDA_SECONDS = 3.0
LIVE_SECONDS = 0.5
"""What collect waits at the most, connecting and each answer, for the queue of pushes: its events are safe already."""


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
    return Counters(_valkey_or_relay())


@cache
def watchers() -> "Watchers":
    """Who watches live, in Valkey."""
    from footfall.watchers import Watchers  # noqa: PLC0415 - three functions need it

    return Watchers(_valkey_or_relay())


@cache
def sockets() -> "Sockets":
    """The open WebSockets of API Gateway."""
    from footfall.sockets import Sockets  # noqa: PLC0415 - push alone sends

    given = settings()
    return Sockets(given.connections_url, given.aws_region, _credentials())


@cache
def _valkey_or_relay() -> Asks:
    """Who carries out commands: a function outside Valkey's network (`lambda://<function>`) has another one ask."""
    url = settings().counters_url
    if url.startswith("lambda://"):
        from footfall.relay import Relay  # noqa: PLC0415 - collect is beside Valkey

        name, client = url.removeprefix("lambda://"), _aws_lambda()
        return Relay(lambda payload: client.invoke(name, payload))
    return valkey()


@cache
def valkey() -> Valkey:
    """The connection to Valkey itself."""
    return Valkey(settings().counters_url)


@cache
def store() -> Store:
    """ClickHouse; the password may lie in Secrets Manager."""
    given = settings()
    if not given.store_secret_arn:
        return Store(given.store_url)
    return Store(given.store_url, password=Password(secrets_manager(), given.store_secret_arn))


@cache
def collector() -> "Collector":
    """Everything collecting needs."""
    # Other functions need none of it, and start 20 ms earlier.
    from footfall.collect.accept import Collector  # noqa: PLC0415
    from footfall.collect.rate import RateLimit  # noqa: PLC0415
    from footfall.location import COUNTRIES, Datacentres, Places  # noqa: PLC0415

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
        feed=_feed() if settings().live_queue_url else None,
    )


def _feed() -> "Feed":
    """What collect tells those who watch."""
    from footfall.watchers import Feed  # noqa: PLC0415

    given = settings()
    sqs = Sqs(
        given.sqs_endpoint,
        given.aws_region,
        _credentials(),
        seconds=LIVE_SECONDS,
        connect_seconds=LIVE_SECONDS,
    )
    return Feed(watchers(), LiveQueue(sqs, given.live_queue_url).announce)


@cache
def vault() -> Vault | None:
    """Where salts are kept; None where they lie in the counters alone."""
    given = settings()
    if given.salts_file:
        return FileVault(Path(given.salts_file))
    if not given.salts_vault:
        return None
    return SecretsManagerVault(secrets_manager(), given.salts_vault)


@cache
def _aws_lambda() -> Aws:
    given = settings()
    endpoint = f"https://lambda.{given.aws_region}.{given.aws_domain}"
    return Aws(LAMBDA, endpoint, given.aws_region, _credentials(), seconds=LAMBDA_SECONDS)


@cache
def secrets_manager() -> Aws:
    """Secrets Manager."""
    given = settings()
    return Aws(
        SECRETS_MANAGER,
        given.secrets_endpoint,
        given.aws_region,
        _credentials(),
        seconds=READ_SECONDS,
    )


@cache
def salts() -> Salts:
    """The salts of cookieless ids."""
    return Salts(counters(), vault())


@cache
def remembered_health() -> "Remembered":
    """The last answer of /health."""
    from footfall.collect.health import Remembered  # noqa: PLC0415

    return Remembered(settings().health_seconds)


def aws_client(service: str) -> Any:
    """boto3's client of another of AWS's services, for what is done once a deployment."""
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    return boto3.client(service, config=Config(connect_timeout=3, read_timeout=20))


def reset() -> None:
    """Forget everything that was built, so that it is built anew from the environment as it is then."""
    for built in (
        settings,
        registry,
        event_queue,
        counters,
        watchers,
        sockets,
        valkey,
        _valkey_or_relay,
        _aws_lambda,
        vault,
        secrets_manager,
        salts,
        store,
        collector,
        remembered_health,
    ):
        built.cache_clear()


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
            raise AwsError("there are no credentials for AWS")
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token or "")

    return current
