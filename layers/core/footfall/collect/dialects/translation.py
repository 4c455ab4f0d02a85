"""What a dialect is told of a request, what it makes of it, and times as other clients write them."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from footfall.errors import FootfallError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_BELOW = 100_000_000_000
"""A number below is seconds (until the year 5138), any other milliseconds (from 1973 on)."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request as a dialect sees it: how to read its body, and what stands around it."""

    read: Callable[[], Any]
    """The body's JSON. Raises BadRequest and TooLarge."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    query: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    """What stands in the path where the route has a name in braces, without a slash at the end."""
    ip: str = ""
    """The connection's address."""


class Translation(NamedTuple):
    """Events of one site in our own form: the body of /batch, or one event with its `type`."""

    body: dict[str, Any]
    named: str = ""
    """What the client names the site by where it has no key: an id, a write key or a host."""
    positions: tuple[int, ...] = ()
    """Where the events of a batch stood in the request, when they are only some of it."""


class Outcome(NamedTuple):
    """What accept.py answered to a translation: the receipt of a batch or {"eventId"}, or why it was refused."""

    translation: Translation
    receipt: dict[str, Any]
    error: FootfallError | None = None


@dataclass(frozen=True, slots=True)
class Dialect:
    """An API of others: its name, how it is translated, and how it is answered."""

    name: str
    translate: Callable[[Call], list[Translation]]
    """Raises FootfallError for a request that cannot be translated."""
    answer: Callable[[list[Outcome]], dict[str, Any]]
    """The JSON of a 200; an answer of several translations names those that were refused."""
    has_keys: bool = True
    """Whether its clients send keys of ours in `Authorization`; where not, that header is somebody else's."""


def time_text(value: Any) -> Any:
    """A time as our own events carry it: numbers of seconds or milliseconds since 1970 become ISO 8601.

    Anything else is left as it is, for the rules of our own events to judge.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    milliseconds = value * 1_000 if abs(value) < _SECONDS_BELOW else value
    try:
        moment = _EPOCH + timedelta(milliseconds=math.floor(milliseconds))
    except OverflowError:
        return value
    return moment.isoformat(timespec="milliseconds")


def texts(container: Any, names: tuple[str, ...]) -> dict[str, str]:
    """Those of the names that an object holds a text under; nothing of anything else."""
    if not isinstance(container, dict):
        return {}
    return {name: container[name] for name in names if isinstance(container.get(name), str)}


def without_nulls(item: dict[str, Any]) -> dict[str, Any]:
    """An item without what is null."""
    return {name: value for name, value in item.items() if value is not None}
