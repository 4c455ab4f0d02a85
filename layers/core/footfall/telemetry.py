"""What Footfall says about itself while running: structured log lines, and metrics in them (CloudWatch's EMF).

No log line ever carries a client address, an id of a visitor, a key or anything of a request: of an error of others
only its type and where it came from is told, since its text may quote what it was given.

Nothing is said of a request that went well: a line of 300 bytes costs as much as a tenth of the request. Metrics are
those of a batch, of a run, and of what fails; docs/operating.md has the list.
"""

import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

METRICS = {
    "EventsStored": "Count",
    "EventsRefused": "Count",
    "MessagesFailed": "Count",
    "IngestDelay": "Milliseconds",
    "InsertFailures": "Count",
    "RollupLag": "Seconds",
    "WindowsPending": "Count",
    "InternalErrors": "Count",
    "EngineFailures": "Count",
}
"""Every metric and its unit; each has the one dimension `function`."""
NAMESPACE = "Footfall"
_FRAMES = 12
_NUMBER = re.compile(r"(?:\bcode:? |\banswered )(\d{1,5})\b", re.IGNORECASE)
"""An engine's own number of an error, which is no text."""


class Failed(Exception):
    """An invocation that failed, without the text of what made it fail."""


_NOBODY: Mapping[str, str] = MappingProxyType({})
_about: ContextVar[Mapping[str, str]] = ContextVar("footfall_about", default=_NOBODY)


@contextmanager
def about(function: str, context: Any, correlation_id: str = "") -> Iterator[None]:
    """What is said inside is said about one invocation of a function (`collect`).

    `correlation_id` is that of the gateway, which its access log has too; else it is the invocation's own.
    """
    request_id = getattr(context, "aws_request_id", "")
    token = _about.set(
        {
            "function": function,
            "function_request_id": request_id,
            "correlation_id": correlation_id or request_id,
        }
    )
    try:
        yield
    finally:
        _about.reset(token)


@contextmanager
def invocation(function: str, context: Any) -> Iterator[None]:
    """As `about`, for what is not HTTP: what goes wrong is logged here and raised as Failed, so that Lambda counts it,
    the trigger comes again, and no text of a payload is logged by Lambda itself.
    """
    with about(function, context):
        try:
            yield
        except Exception as error:  # noqa: BLE001 - it is raised again, without its text
            report("an invocation failed", error)
            raise Failed(f"{function}: {type(error).__name__}") from None


def logger() -> "Logger":
    """The structured (JSON) logger, which knows what it is about; its level comes from POWERTOOLS_LOG_LEVEL or
    LOG_LEVEL.
    """
    made = _logger()
    made.append_keys(**_about.get())
    return made


@cache
def _logger() -> "Logger":
    from aws_lambda_powertools import Logger  # noqa: PLC0415 - most requests say nothing

    return Logger(service="footfall")


def report(message: str, error: BaseException) -> None:
    """Log an error: its type, the place, and what it came of; never its text."""
    chain: list[dict[str, Any]] = []
    cause: BaseException | None = error
    while cause is not None and len(chain) < _FRAMES:
        number = _NUMBER.search(str(cause))
        frames = traceback.extract_tb(cause.__traceback__)[-_FRAMES:]
        chain.append(
            {
                "type": type(cause).__name__,
                "code": getattr(cause, "code", None) or (number and number[1]),
                "at": [f"{_short(f.filename)}:{f.lineno} {f.name}" for f in frames],
            }
        )
        cause = cause.__cause__ or cause.__context__
    logger().error(message, error=chain)


def count(**metrics: float) -> None:
    """Say metrics of the function that is at work (one line). Nothing is said where metrics are switched off
    (POWERTOOLS_METRICS_DISABLED), as on the local stack.
    """
    if not metrics:
        return
    from aws_lambda_powertools.metrics import EphemeralMetrics  # noqa: PLC0415 - as above

    # Without a service, which would be a second dimension: alarms look for metrics with the one.
    emf = EphemeralMetrics(namespace=NAMESPACE, service="")
    emf.add_dimension("function", _about.get().get("function") or "unknown")
    for name, value in metrics.items():
        emf.add_metric(name, METRICS[name], value)
    emf.flush_metrics()


def _short(path: str) -> str:
    return "/".join(Path(path).parts[-2:])
