"""Settings: the only place that reads the environment, and the whole list of what can be set."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

_LEAST_RETENTION = 30
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class InvalidSetting(ValueError):
    """A variable whose value is not possible; the message names it."""


def told(
    description: str,
    default: Any = "",
    *,
    pattern: str = "",
    least: int | None = None,
    most: int | None = None,
) -> Any:
    """A field of Settings, with what its value may be."""
    rules = {"description": description, "pattern": pattern, "least": least, "most": most}
    return field(default=default, metadata=rules)


@dataclass(frozen=True)
class Settings:
    """What a deployment is told by its environment; each field is the variable of the same name in capitals.

    On a laptop the local stack sets these, on AWS template.yaml does; nothing else differs between the two.
    """

    store_url: str = told(
        "ClickHouse: `https://user:password@host:8443/database` or `chdb:///folder`"
    )
    store_secret_arn: str = told('Secrets Manager secret {"password": …} for the user in STORE_URL')
    store_replicated: bool = told(
        "Create Replicated*MergeTree tables (a self-managed cluster)", False
    )
    counters_url: str = told("Valkey: `rediss://host:6379`")
    event_queue_url: str = told("SQS queue of accepted events")
    dead_letter_queue_url: str = told("SQS queue of messages that cannot be read")
    live_queue_url: str = told("SQS queue of sites that are to be pushed to who watches them")
    connections_url: str = told(
        "API Gateway's address for messages to WebSockets: `https://<api>.execute-api.…/live`"
    )
    live_url: str = told(
        "WebSocket that is named where the page's host has none: `wss://<api>.execute-api.…/live`; empty: the "
        "request's own host has it"
    )
    aws_region: str = told("Set by Lambda", "us-east-1")
    aws_access_key_id: str = told("Set by Lambda; elsewhere boto3 finds its own")
    aws_secret_access_key: str = told("Set by Lambda")
    aws_session_token: str = told("Set by Lambda")
    aws_endpoint_url_sqs: str = told("SQS elsewhere than where its queue says")
    aws_endpoint_url_secrets_manager: str = told("Secrets Manager elsewhere than AWS's own")
    site_id: str = told("The default site", "default", pattern=r"[a-z0-9-]{1,32}")
    site_timezone: str = told("Its time zone (IANA)", "UTC")
    back_dating_days: int = told("How old a live event may be", 7, least=1, most=3650)
    retention_days: int = told(
        "How many days events are kept; 0: for good, else 30 or more", 0, least=0, most=36500
    )
    write_key: str = told("The default site's public write key")
    api_key_sha256: str = told("SHA-256 (hex) of the API key that reads and administers")
    keys_secret_arn: str = told("Secrets Manager secret in which setup keeps the first keys")
    allow_keyless: bool = told("Take events without a key for the default site", False)
    rate_limit: int = told(
        "Requests a second that a key may send to one instance; 0: any", 1000, least=0
    )
    geo_database: str = told("Path of an MMDB that is asked before the packaged one")
    asn_database: str = told(
        "Path of an MMDB of autonomous systems, by which datacentres are known"
    )
    origin_key_sha256: str = told(
        "SHA-256 (hex) of what the CDN in front sends as X-Footfall-Origin",
        pattern=r"([0-9a-f]{64})?",
    )
    salts_vault: str = told(
        "Secrets Manager: salts lie in secrets whose names begin with this and /"
    )
    salts_file: str = told("Salts lie in this file instead")
    health_seconds: int = told("How long an answer of /health is remembered", 0, least=0, most=60)
    dashboard_origins: tuple[str, ...] = told(
        "Origins of pages that may read and administer, separated by commas", ()
    )
    dashboard_url: str = told("Where the dashboard's pages are, for the links that are shared")
    path_prefix: str = told(
        "Below which path of the dashboard's host the tracker and the API are once more, unguessed by blockers"
    )
    log_level: str = told("Level of the structured logs", "INFO")

    @property
    def sqs_endpoint(self) -> str:
        """Where SQS is asked: where it is told, else at the host of the events queue."""
        return self.aws_endpoint_url_sqs or self.event_queue_url.rsplit("/", 2)[0]

    @property
    def aws_domain(self) -> str:
        """Under which AWS's services of the region lie."""
        return "amazonaws.com.cn" if self.aws_region.startswith("cn-") else "amazonaws.com"

    @property
    def secrets_endpoint(self) -> str:
        """Where Secrets Manager is asked: where it is told, else at the region's own."""
        own = f"https://secretsmanager.{self.aws_region}.{self.aws_domain}"
        return self.aws_endpoint_url_secrets_manager or own

    @property
    def uses_salts(self) -> bool:
        """Whether this function makes or keeps cookieless ids."""
        return bool(self.salts_vault or self.salts_file)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Settings from `environ` (default: the process's own); empty variables count as unset.

        Raises InvalidSetting when a value is not possible.
        """
        given = os.environ if environ is None else environ
        return cls(
            **{
                each.name: _read(
                    each.name.upper(), given[each.name.upper()], each.default, each.metadata
                )
                for each in fields(cls)
                if given.get(each.name.upper())
            }
        )


def _read(variable: str, text: str, default: Any, rules: Mapping[str, Any]) -> Any:
    """The value of a variable, of its default's type."""
    if isinstance(default, bool):
        if text.lower() not in (*_TRUE, *_FALSE):
            raise InvalidSetting(f"{variable} must be true or false.")
        return text.lower() in _TRUE
    if isinstance(default, int):
        return _number(variable, text, rules["least"], rules["most"])
    if isinstance(default, tuple):
        return tuple(filter(None, (part.strip().rstrip("/") for part in text.split(","))))
    if rules["pattern"] and not re.fullmatch(rules["pattern"], text):
        raise InvalidSetting(f"{variable} must be {rules['pattern']}.")
    return text


def _number(variable: str, text: str, least: int | None, most: int | None) -> int:
    try:
        number = int(text)
    except ValueError:
        raise InvalidSetting(f"{variable} must be a whole number.") from None
    if least is not None and number < least:
        raise InvalidSetting(f"{variable} must be {least} or more.")
    if most is not None and number > most:
        raise InvalidSetting(f"{variable} must be {most} or less.")
    if variable == "RETENTION_DAYS" and 0 < number < _LEAST_RETENTION:
        raise InvalidSetting(
            f"{variable}: 0 keeps everything, else {_LEAST_RETENTION} days or more are kept."
        )
    return number
