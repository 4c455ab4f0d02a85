"""The parameters of a reading request, checked: which site, period, zone, filter, bots, comparison."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from footfall.errors import Unprocessable
from footfall.query.filters import Filter, parse_filters
from footfall.query.period import Period, custom_period, named_period, previous
from footfall.site import Site
from footfall.store import Fragment

Bots = Literal["exclude", "include", "only"]
BOTS: dict[str, Fragment] = {
    "exclude": Fragment("NOT is_bot"),
    "include": Fragment("1"),
    "only": Fragment("is_bot"),
}
FORMATS = ("json", "csv")
NO_ZONES = ("localtime", "posixrules", "Factory")
"""Files that lie among the zones of some machines and name none."""


@dataclass(frozen=True, slots=True)
class Question:
    """What all reading routes have in common."""

    site: Site
    period: Period
    previous: Period | None
    filter: Filter
    bots: str
    now_ms: int

    @property
    def zone(self) -> ZoneInfo:
        """The zone the answer is told in."""
        return self.period.zone


def read_question(
    parameters: Mapping[str, str],
    site: Site,
    now_ms: int,
    first_event: Callable[[], int | None],
    default_compare: str = "previous",
) -> Question:
    """The question of a request's parameters. Raises Unprocessable, naming the parameter that is not possible.

    `first_event()` tells when the site's first event happened (ms), for the period `all`.
    """
    zone = read_zone(parameters.get("timezone", ""), site)
    bots = choose(parameters, "bots", tuple(BOTS), "exclude")
    choose(parameters, "format", FORMATS, "json")
    period = _read_period(parameters, now_ms, zone, first_event)
    return Question(
        site=site,
        period=period,
        previous=_read_previous(parameters, period, now_ms, default_compare),
        filter=parse_filters(parameters.get("filters", "")),
        bots=bots,
        now_ms=now_ms,
    )


def read_zone(name: str, site: Site) -> ZoneInfo:
    """The zone of a name, else the site's. Raises Unprocessable for one that does not exist."""
    if not name:
        return site.zone
    try:
        if name in NO_ZONES:
            raise ValueError(name)
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unprocessable(
            "unknown_timezone",
            "There is no such time zone; name one such as Europe/Berlin.",
            field="timezone",
        ) from None


def choose(parameters: Mapping[str, str], name: str, allowed: tuple[str, ...], default: str) -> str:
    """One of a few words. Raises Unprocessable, listing them, for any other."""
    given = parameters.get(name) or default
    if given not in allowed:
        raise Unprocessable(
            f"unknown_{name}", f"`{name}` must be one of the allowed.", field=name, allowed=allowed
        )
    return given


def whole_number(
    parameters: Mapping[str, str], name: str, default: int, least: int, most: int
) -> int:
    """A whole number within bounds. Raises Unprocessable for anything else."""
    given = parameters.get(name) or str(default)
    digits = given.removeprefix("-")
    if (
        not (digits.isascii() and digits.isdigit() and len(digits) < 20)
        or not least <= int(given) <= most
    ):
        raise Unprocessable(
            f"invalid_{name}",
            f"`{name}` must be a whole number from {least:,} to {most:,}.",
            field=name,
        )
    return int(given)


def _read_period(
    parameters: Mapping[str, str],
    now_ms: int,
    zone: ZoneInfo,
    first_event: Callable[[], int | None],
) -> Period:
    start, end, name = (parameters.get(key, "") for key in ("start", "end", "period"))
    if name and (start or end):
        raise Unprocessable(
            "invalid_period", "Send either `period` or `start` and `end`, not both.", field="period"
        )
    if end and not start:
        raise Unprocessable("invalid_period", "`end` needs a `start`.", field="end")
    if start:
        return custom_period(start, end or None, now_ms, zone)
    return named_period(name or "30d", now_ms, zone, first_event)


def _read_previous(
    parameters: Mapping[str, str], period: Period, now_ms: int, default: str
) -> Period | None:
    compare = parameters.get("compare") or default
    if compare == "none":
        return None
    is_all = parameters.get("period") == "all"
    if ".." in compare:
        start, _, end = compare.partition("..")
        given = custom_period(start, end, now_ms, period.zone, "compare")
        return None if is_all else given
    if compare not in ("previous", "year"):
        raise Unprocessable(
            "unknown_compare",
            "`compare` must be one of the allowed.",
            field="compare",
            allowed=("previous", "year", "none", "<start>..<end>"),
        )
    if is_all:
        return None
    return previous(period, "year" if compare == "year" else "previous", now_ms)
