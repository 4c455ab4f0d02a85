"""What the functions are told on a laptop: the variables that template.yaml declares, with local addresses.

This is all that differs from AWS. The same values, as a file for `sam local invoke --env-vars`, let a container speak
to the engines of a running stack.
"""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path

from local.functions import ACCOUNT, REGION
from local.keys import Keys

# What a developer's shell may hold for real AWS accounts; none of it may reach the local queue's client.
_FOREIGN = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_ENDPOINT_URL",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
)


NOT_MADE = {
    "STORE_SECRET_ARN": "",
    "KEYS_SECRET_ARN": "",
    "ORIGIN_KEY_SHA256": "",
    "DASHBOARD_URL": "",
}
"""What only a deployment has; SAM would hand on the names of the resources."""

CONTAINER_HOST = "host.docker.internal"
"""By this name a container reaches the machine it runs on."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the engines are. `sqs` is the endpoint; a queue's own URL has its name after it. `connections` is where
    functions send to WebSockets, with its stage.
    """

    store: str
    counters: str
    sqs: str
    connections: str

    def queue(self, name: str) -> str:
        """The URL of a queue of the template."""
        return f"{self.sqs}/{ACCOUNT}/{name}"

    def seen_from_a_container(self, host: str) -> "Addresses":
        """The same engines, which listen on `host`, for a container on this machine."""
        return Addresses(
            *(
                url.replace(host, CONTAINER_HOST)
                for url in (self.store, self.counters, self.sqs, self.connections)
            )
        )


def without_password(url: str) -> str:
    """An address as it is shown to people."""
    scheme, _, rest = url.partition("://")
    credentials, at, place = rest.rpartition("@")
    user = credentials.partition(":")[0]
    return f"{scheme}://{user}{at if user else ''}{place}"


def variables(keys: Keys, addresses: Addresses) -> dict[str, str]:
    """The functions' variables by name."""
    return {
        "STORE_URL": addresses.store,
        "COUNTERS_URL": addresses.counters,
        "EVENT_QUEUE_URL": addresses.queue("EventsQueue"),
        "DEAD_LETTER_QUEUE_URL": addresses.queue("EventsDeadLetterQueue"),
        "LIVE_QUEUE_URL": addresses.queue("LiveQueue"),
        "CONNECTIONS_URL": addresses.connections,
        # The gateway has the WebSocket itself.
        "LIVE_URL": "",
        "AWS_ENDPOINT_URL_SQS": addresses.sqs,
        "SITE_ID": keys.site,
        "WRITE_KEY": keys.write_key,
        "API_KEY_SHA256": keys.api_key_sha256,
        "ALLOW_KEYLESS": "true",
        # A container cannot reach the file; it finds the salts in Valkey.
        "SALTS_VAULT": "",
    }


def prepare(
    environ: MutableMapping[str, str], keys: Keys, addresses: Addresses, salts: Path
) -> None:
    """Put into the environment of this process what Lambda would put there; `salts` is the file they are kept in.

    SITE_TIMEZONE, BACK_DATING_DAYS, RETENTION_DAYS, GEO_DATABASE, ASN_DATABASE, DASHBOARD_ORIGINS and LOG_LEVEL stay
    what the shell says.
    """
    for name in _FOREIGN:
        environ.pop(name, None)
    environ.update(variables(keys, addresses), SALTS_FILE=str(salts), DASHBOARD_URL=keys.url)
    environ.update(
        AWS_ACCESS_KEY_ID=keys.queue_access_key,
        AWS_SECRET_ACCESS_KEY=keys.queue_secret_key,
        AWS_DEFAULT_REGION=REGION,
        AWS_REGION=REGION,
        AWS_EC2_METADATA_DISABLED="true",
    )
    environ.setdefault("LOG_LEVEL", "WARNING")
    environ.setdefault("POWERTOOLS_METRICS_DISABLED", "true")
    # A proxy of the shell is for the world, not for this machine.
    environ["NO_PROXY"] = environ["no_proxy"] = ",".join(
        filter(None, (environ.get("NO_PROXY") or environ.get("no_proxy"), "127.0.0.1", "localhost"))
    )


def container_file(keys: Keys, addresses: Addresses) -> Mapping[str, Mapping[str, str]]:
    """The content of a file for `sam local invoke --env-vars`; SAM passes on what the template declares."""
    return {"Parameters": variables(keys, addresses) | NOT_MADE}
