"""METRICS and DIMENSIONS: everything one can ask for, once. To add one is to add a row here, and its docs."""

from dataclasses import dataclass
from typing import Any, Literal

from footfall.errors import Unprocessable
from footfall.store import Fragment


@dataclass(frozen=True, slots=True)
class Metric:
    """A number one can ask for. `sql` is made of the columns of queries/events.sql and queries/sessions.sql."""

    name: str
    sql: Fragment
    needs_sessions: bool
    kind: Literal["count", "mean", "rate"]
    """A count of nothing is 0 and its change is in per cent; a mean or rate of nothing is null; the change of a rate
    is in percentage points."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """A value one can break down and filter by: the event's own, or the one its session had at its start."""

    name: str
    column: str
    of_session: Fragment | None = None
    """For a value of the session: how queries/sessions.sql takes it from the session's events."""
    missing: str = "(none)"


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("pageviews", Fragment("pageviews"), needs_sessions=False, kind="count"),
        Metric("visitors", Fragment("visitors"), needs_sessions=False, kind="count"),
        Metric("sessions", Fragment("sessions"), needs_sessions=True, kind="count"),
        Metric("events", Fragment("events"), needs_sessions=False, kind="count"),
        Metric(
            "views_per_session",
            Fragment("pageviews / nullIf(sessions, 0)"),
            needs_sessions=True,
            kind="mean",
        ),
        Metric(
            "bounce_rate",
            Fragment("100 * bounces / nullIf(sessions, 0)"),
            needs_sessions=True,
            kind="rate",
        ),
        Metric(
            "avg_duration",
            Fragment("duration_ms / 1000 / nullIf(sessions, 0)"),
            needs_sessions=True,
            kind="mean",
        ),
    )
}


def _first(column: str) -> Fragment:
    return Fragment(f"argMin({column}, position) OVER session")


DIMENSIONS: dict[str, Dimension] = {
    dimension.name: dimension
    for dimension in (
        Dimension("page", "path"),
        Dimension("hostname", "hostname"),
        Dimension("title", "title"),
        Dimension("event", "name"),
        Dimension("device", "device"),
        Dimension("browser", "browser"),
        Dimension("browser_version", "browser_version"),
        Dimension("os", "os"),
        Dimension("os_version", "os_version"),
        Dimension("country", "country"),
        Dimension("region", "region"),
        Dimension("city", "city"),
        Dimension("language", "language"),
        Dimension("screen_size", "screen_size"),
        Dimension(
            "entry_page",
            "path",
            Fragment("argMinIf(path, position, type = 'pageview') OVER session"),
        ),
        Dimension(
            "exit_page",
            "path",
            Fragment("argMaxIf(path, position, type = 'pageview') OVER session"),
        ),
        Dimension("source", "source", _first("source"), missing="Direct"),
        Dimension("referrer", "referrer", _first("referrer")),
        Dimension("channel", "channel", _first("channel")),
        Dimension("utm_source", "utm_source", _first("utm_source")),
        Dimension("utm_medium", "utm_medium", _first("utm_medium")),
        Dimension("utm_campaign", "utm_campaign", _first("utm_campaign")),
        Dimension("utm_term", "utm_term", _first("utm_term")),
        Dimension("utm_content", "utm_content", _first("utm_content")),
    )
}

PROPS = "props:"
PROPERTY_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Value:
    """A dimension as a question uses it; for `props:<key>` with the key, which is bound under `parameter`."""

    dimension: Dimension
    key: str = ""
    parameter: str = ""

    @property
    def name(self) -> str:
        """As it is asked for: `country`, `props:plan`."""
        return f"{PROPS}{self.key}" if self.dimension is PROPERTY else self.dimension.name

    @property
    def sql(self) -> str:
        """The expression of the value in the outer part of a statement, always a String."""
        if self.dimension is PROPERTY:
            return f"JSONExtractString(properties, {{{self.parameter}:String}})"
        if self.dimension.of_session:
            return f"toString(session_{self.dimension.name})"
        return f"toString({self.dimension.column})"

    @property
    def parameters(self) -> dict[str, Any]:
        """What `sql` binds."""
        return {self.parameter: self.key} if self.dimension is PROPERTY else {}


PROPERTY = Dimension("props", "properties")


def find_metric(name: str, field: str = "metric") -> Metric:
    """The metric of a name. Raises Unprocessable, listing all, for an unknown one."""
    if name not in METRICS:
        raise Unprocessable(
            "unknown_metric",
            "There is no such metric; see `allowed`.",
            field=field,
            allowed=list(METRICS),
        )
    return METRICS[name]


def find_value(name: str, parameter: str, field: str = "dimension") -> Value:
    """The dimension of a name, `props:<key>` among them. Raises Unprocessable, listing all, for an unknown one."""
    if name.startswith(PROPS) and len(PROPS) < len(name) <= PROPERTY_CHARACTERS:
        return Value(PROPERTY, name.removeprefix(PROPS), parameter)
    if name not in DIMENSIONS:
        raise Unprocessable(
            "unknown_dimension",
            "There is no such dimension; see `allowed`.",
            field=field,
            allowed=[*DIMENSIONS, "props:<key>"],
        )
    return Value(DIMENSIONS[name])
