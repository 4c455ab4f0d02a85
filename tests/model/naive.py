"""What the numbers mean, once more and slowly: the model that the product is tested against.

It follows the page on semantics word by word with lists, dictionaries and loops. It shares no line with the
product, knows no engine, no rollup and no SQL, and does everything from the beginning for every question.

Interface
---------
A *delivery* is one request as the collector received it, a dictionary:

    route        "/pageview" "/screen" "/track" "/identify" "/batch" or "/import"
    body         the JSON body of the route (a dictionary)
    received_at  aware datetime, whole milliseconds
    key          "write" (public), "api" (secret: its context.ip and context.userAgent count)
    ip           the connection's address
    user_agent   the connection's agent

`key`, `ip` and `user_agent` may be missing: "write", "", "".

    model = Model(deliveries, site_timezone="UTC", back_dating_days=7, now=..., enrichment=Enrichment(...))

    model.answers            one Answer a delivery, in the order given: status, accepted, event_ids, rejected
    model.arrivals           every accepted delivery of an event, in the order of receipt
    model.events             one Arrival an event id: the delivery that stands
    model.ambiguous_ids      ids whose standing delivery the page leaves open (two actors on one day)
    model.visitor(event)     the person of an event: ("user", id), ("anonymous", id) or a cookieless actor
    model.sessions(bots)     the sessions, sorted by start

    question = dict(period="30d" | None, start=None, end=None, timezone=None)       all of it optional
    model.period(**question)                       (start, end) as UTC instants
    model.previous(compare=..., **question)        (start, end) or None
    model.metrics(names, filters=[], bots="exclude", compare="previous", **question)
                                                   {name: {"value", "previous", "change"}}
    model.timeseries(metric="pageviews", interval="day", filters=[], bots="exclude", **question)
                                                   [(date, value)]
    model.breakdown(dimension, metric=None, limit=10, offset=0, filters=[], bots="exclude", compare="none",
                    **question)                    {"data": [row], "total": n}; a row is a dictionary of dimension,
                                                   label, value, percentage (previous, change with `compare`)
    model.daily(date, timezone=None, bots="exclude")
                                                   {"date", "pageviews", "visitors", "events": {name: n}}
    model.query(metrics, date_range, dimensions=[], filters=[], timezone=None, bots="exclude", order_by=[],
                pagination={}, include={})         {"results": [row], "meta": what is asked for with `include`}
    model.values(dimension, search="", limit=100, filters=[], bots="exclude", **question)
                                                   [{"value", "events"}]
    model.properties(event=None, bots="exclude", **question)
                                                   [{"event", "key", "events", "examples"}]

`period`, `start`, `end`, `timezone`, `filters` (a list, not its JSON), `bots`, `compare`, `interval` are the words of
the reading API. A question that is well-formed but not possible (a 422) raises Impossible. Counts are ints, rates and
means floats or None. The code of a refusal is the page's where the page names one (`too_old`, `no_actor`,
`wrong_site`), else UNNAMED. The id of an event without one of the client is GENERATED in an answer.

What lists and databases say comes in as functions, see Enrichment.

Choices (where the page is silent or can be read in two ways)
-------------------------------------------------------------
Receiving
 1. A refused delivery does nothing: no event, no link, no id seen. Nor does one with consent `withheld`, which is
    checked like any other and counts as accepted.
 2. Consent `denied` drops anonymousId and userId (so it makes no link), not the event id. An identify, group or alias
    under it is accepted and not stored.
 3. Time correction is exact, the sum is truncated. Limits are inclusive: 60.000 s is no difference, exactly 7 days is
    not too old. `timestamp` null is absent; a text that is no ISO 8601, a number or a boolean is refused.
 4. `""` for an id, a path, a url, a title, a referrer, context.ip, context.userAgent counts as absent. Ids that are
    numbers become text; guarded words are compared without regard to case, but with their spaces.
 5. The address of a connection is a visitor's exactly when its agent is: when it contains `Mozilla/`. So a request of
    curl without ids and without trusted context is `no_actor`. One of the two (address, agent) is enough for an actor.
 6. The salt of a day is gone at the end of the day + 48 h, this instant included; the import salt is gone 48 h after
    its first use, this instant included. Only deliveries that need a salt use one.
 7. A pageview without a page (path or url, its own or of the context), a screen or track without a name, an identify
    without both ids and an alias without both ids are refused (UNNAMED).
People
 8. "Ever seen" is the whole history, also what came later, and every accepted delivery, also one that does not stand.
 9. A void entry is as if it were not there: a later entry of the same id can stand. In one delivery the link comes
    before the alias.
Sessions
10. A run "has lasted" at a midnight what lies between its first event and the midnight, not its last event before.
    An event at the midnight is after the cut. After a cut the run is the new session's.
Values
11. Each of page, title, referrer, url is the event's own `page`'s, else that of context.page, one by one.
    `page.path` ends at `?` or `#` too.
12. utm_* are context.campaign's, else the parameters of the url, or else of the path as given (percent-decoded, `+` is
    a space), one by one. context.device.type, .browser and .os (name, version) come before what the agent says.
13. Own hosts are the event's own hostname. A referrer without scheme is none. Its host is lower case, a port stays.
14. A number in its shortest form has no `.0`. `language` is context.locale, `screen_size` width x height.
Questions
15. A datetime without offset is in the asked zone. A local time that comes twice is the first of the two, one that
    is skipped is the instant of the jump. "N days" are N dates, also where a date is missing.
16. `12mo` ends with this month, `all` with today. The first event of `all` is the first of any type, bots included.
    `24h` ends with the hour that runs and starts exactly 24 hours before.
17. `year` shifts start and end, each by one calendar year; of a period that is not of whole days too.
18. A custom previous period is not cut at now.
19. Wholly in the future is a bucket whose part of the period begins after now.
20. A breakdown by a rate or mean leaves out the rows that are 0, as it does for counts.
21. `change` is also null when the value itself is. `label` is the value except for the missing one.
22. `/daily` takes `timezone` and `bots` as the others do; its `events` are the names of tracks and screens.
23. `date` of hours and minutes is `YYYY-MM-DDTHH:MM:SS+HH:MM`.
24. A row by several values is the same question under `is` of each, for values that one event has together; by time
    too, its part in that bucket. A row of nothing but 0 and null is none, except the one without dimensions, and the
    buckets where `time_labels` are asked for without other dimensions. A bucket that begins after now is no row, or
    there one of nulls.
25. Rows are sorted by `order_by` (else by time, then by the first metric from the greatest on), nulls last either way,
    then by time, then by the values. What is named twice is sorted by as at first.
26. The compared bucket is the one at the same place of the previous period's. A row whose place is not there has no
    comparison; nothing of the future is known there either.
27. A second date, of a comparison too, is in the period; of a date and a time each is read as with its like.
28. Examples of a property: the 5 most frequent values, then by text. An empty text is a missing value.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

MILLISECOND = timedelta(milliseconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

ACTIVITY = ("pageview", "screen", "track")
COUNTS = ("pageviews", "visitors", "sessions", "events")
RATES = ("views_per_session", "bounce_rate", "avg_duration")
METRICS = COUNTS + RATES
#: and props:<key>
OWN_VALUES = (
    "page",
    "hostname",
    "title",
    "event",
    "device",
    "browser",
    "browser_version",
    "os",
    "os_version",
    "country",
    "region",
    "city",
    "language",
    "screen_size",
)
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
FIRST_EVENT_VALUES = ("source", "referrer", "channel", *UTM)
SESSION_VALUES = ("entry_page", "exit_page", *FIRST_EVENT_VALUES)
MOST_BUCKETS = 5000

GUARDED = {
    "",
    "0",
    "null",
    "none",
    "nil",
    "undefined",
    "nan",
    "true",
    "false",
    "[]",
    "{}",
    "[object object]",
    "anonymous",
    "anonymous_id",
    "guest",
    "id",
    "user_id",
    "distinct_id",
    "not_authenticated",
    "00000000-0000-0000-0000-000000000000",
}

UNNAMED = "unnamed"
GENERATED = "(generated)"

Node = tuple[Any, ...]
Filter = list[Any]


class Refusal(Exception):
    """A delivery of an event that is not accepted; the argument is its code."""


class Impossible(Exception):
    """A question that is answered with a 422."""


@dataclass(frozen=True)
class Enrichment:
    """What comes from lists and databases: each a function, by default one that knows nothing."""

    is_bot: Callable[[str], bool] = lambda agent: False
    #: agent -> some of browser, browser_version, os, os_version, device
    agent: Callable[[str], dict[str, str]] = lambda agent: {}
    #: address -> some of country, region, city
    place: Callable[[str], dict[str, str]] = lambda address: {}
    #: host of a referrer -> name of the source, "" if no list knows it
    source_name: Callable[[str], str] = lambda host: ""
    #: the values of an event (source, referrer, referrer_host, utm_*) -> channel
    channel: Callable[[dict[str, str]], str] = lambda values: ""
    language: Callable[[str], str] = lambda locale: locale


@dataclass(frozen=True)
class Answer:
    """What a delivery is answered: 200 with what was accepted, or a status of refusal."""

    status: int
    accepted: int
    event_ids: list[str | None]
    rejected: list[tuple[int, str]]


@dataclass
class Arrival:
    """One accepted delivery of one event; absent ids are ""."""

    order: tuple[datetime, int, str]
    event_id: str
    type: str
    time: datetime
    anonymous_id: str
    user_id: str
    previous_id: str
    actor: Node
    is_bot: bool
    values: dict[str, str]
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass
class Session:
    """A run of one actor's activity, in order."""

    events: list[Arrival]

    @property
    def start(self) -> datetime:
        return self.events[0].time

    @property
    def duration(self) -> timedelta:
        return self.events[-1].time - self.events[0].time

    @property
    def is_bounce(self) -> bool:
        return len(self.events) == 1 and self.events[0].type == "pageview"

    @cached_property
    def values(self) -> dict[str, str]:
        pages = [event.values["page"] for event in self.events if event.type == "pageview"]
        first = self.events[0].values
        return {
            "entry_page": pages[0] if pages else "",
            "exit_page": pages[-1] if pages else "",
            **{name: first[name] for name in FIRST_EVENT_VALUES},
        }


@lru_cache(maxsize=4096)
def clock_changes(zone: str, year: int) -> tuple[datetime, ...]:
    """Every instant of a UTC year at which the zone's clock is put forward or back."""
    clock = ZoneInfo(zone)

    def offset(instant: datetime) -> timedelta:
        return instant.astimezone(clock).utcoffset() or timedelta()

    changes = []
    before = datetime(year, 1, 1, tzinfo=UTC) - timedelta(hours=3)
    while before.year <= year:
        after = before + timedelta(hours=3)
        if offset(before) != offset(after):
            low, high = before, after
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low).total_seconds() // 2)
                low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
            if high.year == year:
                changes.append(high)
        before = after
    return tuple(changes)


def stretches(
    zone: str, start: datetime, end: datetime
) -> list[tuple[datetime, datetime, timedelta]]:
    """[start, end) cut at the clock changes: (from, to, offset of the local clock)."""
    edges = [start]
    for year in range(start.year, end.year + 1):
        edges += [change for change in clock_changes(zone, year) if start < change < end]
    edges.append(end)
    clock = ZoneInfo(zone)
    return [
        (begin, stop, begin.astimezone(clock).utcoffset() or timedelta())
        for begin, stop in pairwise(edges)
    ]


def local(instant: datetime, zone: str) -> datetime:
    """What the local clock shows, naive."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def instant_of(shown: datetime, zone: str) -> datetime:
    """The first instant at which the local clock shows this, or, if it never does, the jump over it."""
    around = shown.replace(tzinfo=UTC)
    for begin, stop, offset in stretches(zone, around - 2 * DAY, around + 2 * DAY):
        instant = around - offset
        if instant < begin:
            return begin
        if instant < stop:
            return instant
    raise AssertionError(shown)


def day_start(day: date, zone: str) -> datetime:
    """The first instant of a local date."""
    return instant_of(datetime.combine(day, datetime.min.time()), zone)


def month_start(day: date, months: int = 0) -> date:
    """The 1st of the month of a date, some months on or back."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def year_before(shown: datetime) -> datetime:
    """The same local time one calendar year back; 29 February becomes 28."""
    if (shown.month, shown.day) == (2, 29):
        shown = shown.replace(day=28)
    return shown.replace(year=shown.year - 1)


def edges_of(
    interval: str, start: datetime, end: datetime, zone: str
) -> list[tuple[datetime, str]]:
    """Where buckets begin, from before `start` until after `end`: (instant, `date` of the bucket)."""
    edges: dict[datetime, str] = {}
    if interval in ("hour", "minute"):
        step = HOUR if interval == "hour" else MINUTE
        for begin, stop, offset in stretches(zone, start - DAY, end + DAY):
            shown = begin + offset
            since_full = (shown - shown.replace(minute=0, second=0, microsecond=0)) % step
            full = begin - since_full + step if since_full else begin
            instants = [begin]  # a clock change ends the bucket
            while full < stop:
                instants.append(full)
                full += step
            for instant in instants:
                edges[instant] = instant.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")
        return sorted(edges.items())

    day = local(start, zone).date()
    last = local(end, zone).date() + timedelta(days=1)
    if interval == "week":
        day -= timedelta(days=day.weekday())
    elif interval == "month":
        day = month_start(day)
    while True:
        # Of a day that is skipped and the one after it, which begin at the same instant, the latter stays.
        edges[day_start(day, zone)] = day.isoformat()
        if day > last:
            return sorted(edges.items())
        if interval == "month":
            day = month_start(day, 1)
        else:
            day += timedelta(days=7 if interval == "week" else 1)


def parse_time(value: Any) -> datetime:
    """An ISO 8601 text as an instant; without offset it is UTC."""
    if not isinstance(value, str):
        raise Refusal(UNNAMED)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise Refusal(UNNAMED) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def truncated(moment: datetime) -> datetime:
    """To the millisecond."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def text_of(value: Any) -> str:
    """The value of a property as the text that questions see."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float):
        return repr(value)
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def identifier(value: Any) -> str:
    """An anonymousId, userId or previousId; "" if there is none, guarded ids included."""
    text = text_of(value)
    return "" if text.lower() in GUARDED else text


def dictionary(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str:
    """The value if it is a text, else ""."""
    return value if isinstance(value, str) else ""


URL = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?//([^/?#]*)([^?#]*)(?:\?([^#]*))?")


def parts_of(url: str) -> tuple[str, str, str, str]:
    """(scheme, host with port, path, query) of a URL; one that no parser takes is all path."""
    try:
        urlsplit(url)
    except ValueError:
        return "", "", url, ""
    match = URL.match(url)
    if not match:
        path, _, query = url.partition("#")[0].partition("?")
        return "", "", path, query
    scheme, host, path, query = match.groups(default="")
    host = host.rpartition("@")[2].lower()
    return scheme.lower(), host, path or ("/" if host else ""), query


def bare(host: str) -> str:
    """A host without port and leading www."""
    return re.sub(r":\d*$", "", host).removeprefix("www.")


def values_of(
    item: dict[str, Any], kind: str, agent: str, address: str, known: Enrichment
) -> dict[str, str]:
    """Every value of an event that questions can name, except its properties."""
    context = dictionary(item.get("context"))
    pages = [dictionary(item.get("page")), dictionary(context.get("page"))]

    def first(name: str) -> str:
        return next((text(page.get(name)) for page in pages if text(page.get(name))), "")

    page = ""
    for candidate in pages:
        if text(candidate.get("path")):
            page = re.split("[?#]", candidate["path"])[0]
        elif text(candidate.get("url")):
            page = parts_of(candidate["url"])[2]
        if page:
            break
    url = first("url")
    hostname = bare(parts_of(url)[1])

    scheme, host, path, _ = parts_of(first("referrer"))
    referrer_host = bare(host)
    if scheme not in ("http", "https") or not host or referrer_host in ("localhost", hostname):
        referrer = referrer_host = ""
    else:
        referrer = host.removeprefix("www.") + path.removesuffix("/")

    campaign = dictionary(context.get("campaign"))
    query = parts_of(url)[3] or first("path").partition("#")[0].partition("?")[2]
    parameters = dict(reversed(parse_qsl(query, keep_blank_values=True)))
    utm = {}
    for name in UTM:
        given = text(campaign.get("name" if name == "utm_campaign" else name.removeprefix("utm_")))
        utm[name] = given or parameters.get(name, "")

    source = utm["utm_source"] or (
        known.source_name(referrer_host) or referrer_host if referrer_host else ""
    )
    named = dictionary(item.get({"track": "event", "screen": "screen"}.get(kind, "")))
    screen = dictionary(context.get("screen"))
    size = ""
    if screen.get("width") and screen.get("height"):
        size = f"{text_of(screen['width'])}x{text_of(screen['height'])}"

    values = dict.fromkeys(OWN_VALUES, "")
    values |= known.agent(agent) if agent else {}
    for name in ("browser", "os"):
        said = dictionary(context.get(name))
        values[name] = text(said.get("name")) or values[name]
        values[f"{name}_version"] = text(said.get("version")) or values[f"{name}_version"]
    values["device"] = text(dictionary(context.get("device")).get("type")) or values["device"]
    values |= known.place(address) if address else {}
    values |= {
        "page": page,
        "hostname": hostname,
        "title": first("title"),
        "event": text(named.get("name")),
        "language": known.language(text(context.get("locale"))),
        "screen_size": size,
        "source": source,
        "referrer": referrer,
        "referrer_host": referrer_host,
        **utm,
    }
    values["channel"] = known.channel(values)
    return values


def known_dimension(name: Any) -> bool:
    if not isinstance(name, str):
        return False
    return (
        name in OWN_VALUES
        or name in SESSION_VALUES
        or (name.startswith("props:") and len(name) > 6)
    )


def value_of(dimension: str, event: Arrival, session: Session) -> str:
    """The event's own value or that of its session."""
    if dimension.startswith("props:"):
        return text_of(event.properties.get(dimension.removeprefix("props:")))
    if dimension in SESSION_VALUES:
        return session.values[dimension]
    return event.values[dimension]


def check(condition: Any) -> None:
    """Raise Impossible unless this is a filter."""
    if not isinstance(condition, list) or not condition:
        raise Impossible("a filter is a list")
    operator = condition[0]
    if operator == "not" and len(condition) == 2:
        check(condition[1])
    elif (
        operator in ("and", "or")
        and len(condition) == 2
        and isinstance(condition[1], list)
        and condition[1]
    ):
        for inner in condition[1]:
            check(inner)
    elif operator in ("is", "is_not", "contains", "matches") and len(condition) in (3, 4):
        if not known_dimension(condition[1]):
            raise Impossible("unknown dimension")
        if not isinstance(condition[2], list) or not condition[2]:
            raise Impossible("no values")
    else:
        raise Impossible("unknown filter")


def holds(condition: Filter, event: Arrival, session: Session) -> bool:
    """Whether a filter selects an event."""
    operator = condition[0]
    if operator == "not":
        return not holds(condition[1], event, session)
    if operator == "and":
        return all(holds(inner, event, session) for inner in condition[1])
    if operator == "or":
        return any(holds(inner, event, session) for inner in condition[1])
    value = value_of(condition[1], event, session)
    values = condition[2]
    exact_case = len(condition) == 3 or condition[3].get("case_sensitive", True)
    if operator == "matches":
        flags = 0 if exact_case else re.IGNORECASE
        return any(re.search(pattern, value, flags) for pattern in values)
    if not exact_case:
        value = value.lower()
        values = [wanted.lower() for wanted in values]
    if operator == "contains":
        return any(wanted in value for wanted in values)
    return bool((value in values) == (operator == "is"))


class Model:
    """A history of deliveries and the answers to questions about it. The interface is at the top of this file."""

    def __init__(
        self,
        deliveries: Sequence[dict[str, Any]],
        *,
        site_timezone: str = "UTC",
        back_dating_days: int = 7,
        now: datetime,
        enrichment: Enrichment | None = None,
        site: str = "default",
    ) -> None:
        self.site_timezone = site_timezone
        self.back_dating = timedelta(days=back_dating_days)
        self.now = now.astimezone(UTC)
        self.enrichment = enrichment or Enrichment()
        self.site = site
        self.arrivals: list[Arrival] = []
        self._import_salt: datetime | None = None
        self._sessions: dict[str, list[Session]] = {}

        in_order = sorted(
            range(len(deliveries)), key=lambda index: deliveries[index]["received_at"]
        )
        answers = {index: self._receive(deliveries[index]) for index in in_order}
        self.answers = [answers[index] for index in range(len(deliveries))]

        self.arrivals.sort(key=lambda arrival: arrival.order)
        self.events = self._standing()
        self.links = self._links()

    # receiving

    def _receive(self, delivery: dict[str, Any]) -> Answer:
        """Answer one request and keep what it brings."""
        route, body = delivery["route"], delivery["body"]
        if route == "/import" and delivery.get("key", "write") != "api":
            return Answer(403, 0, [], [])
        if route in ("/batch", "/import"):
            items = [(dictionary(item).get("type"), item) for item in body["batch"]]
            batch_sent_at = body.get("sentAt")
        else:
            items = [(route.removeprefix("/"), body)]
            batch_sent_at = None

        event_ids: list[str | None] = []
        rejected = []
        for position, (kind, item) in enumerate(items):
            try:
                event_ids.append(self._receive_item(delivery, position, kind, item, batch_sent_at))
            except Refusal as refusal:
                event_ids.append(None)
                rejected.append((position, str(refusal)))
        accepted = len(event_ids) - len(rejected)
        status = 200
        if items and not accepted:
            status = 403 if rejected[0][1] == "wrong_site" else 422
            status = 400 if route in ("/batch", "/import") else status
        return Answer(status, accepted, event_ids, rejected)

    def _receive_item(
        self, delivery: dict[str, Any], position: int, kind: Any, item: Any, batch_sent_at: Any
    ) -> str:
        """Keep one event as an Arrival and return its id, or raise Refusal."""
        if not isinstance(item, dict):
            raise Refusal(UNNAMED)
        if item.get("site") not in (None, self.site):
            raise Refusal("wrong_site")
        context = dictionary(item.get("context"))
        anonymous_id = identifier(item.get("anonymousId"))
        user_id = identifier(item.get("userId"))
        previous_id = identifier(item.get("previousId")) if kind == "alias" else ""
        self._check_shape(item, kind, anonymous_id, user_id, previous_id)

        event_id = self._event_id(item)
        time = self._time(delivery, item, batch_sent_at)
        if context.get("consent") == "denied":
            if kind in ("identify", "group", "alias"):
                return event_id or GENERATED
            anonymous_id = user_id = ""
        address, agent = self._visitor_connection(delivery, context)
        if anonymous_id:
            actor: Node = ("anonymous", anonymous_id)
        elif user_id:
            actor = ("user", user_id)
        elif address or agent:
            actor = ()
        else:
            raise Refusal("no_actor")
        if context.get("consent") == "withheld":
            return event_id or GENERATED
        if not actor:
            day, salt = self._salt(time, delivery["received_at"].astimezone(UTC))
            actor = ("cookieless", day, address, agent, salt)

        answered = event_id or GENERATED
        event_id = event_id or f"\0generated {len(self.arrivals)}"
        named = dictionary(item.get({"track": "event", "screen": "screen"}.get(kind, "")))
        self.arrivals.append(
            Arrival(
                order=(delivery["received_at"], position, event_id),
                event_id=event_id,
                type=kind,
                time=time,
                anonymous_id=anonymous_id,
                user_id=user_id,
                previous_id=previous_id,
                actor=actor,
                is_bot=bool(agent) and self.enrichment.is_bot(agent),
                values=values_of(item, kind, agent, address, self.enrichment),
                properties=dictionary(named.get("properties")),
            )
        )
        return answered

    def _check_shape(
        self, item: dict[str, Any], kind: Any, anonymous_id: str, user_id: str, previous_id: str
    ) -> None:
        """Refuse what lacks that which makes it an event of its type."""
        if kind == "pageview":
            pages = [
                dictionary(item.get("page")),
                dictionary(dictionary(item.get("context")).get("page")),
            ]
            complete = any(text(page.get(name)) for page in pages for name in ("path", "url"))
        elif kind == "screen":
            complete = bool(text(dictionary(item.get("screen")).get("name")))
        elif kind == "track":
            complete = bool(text(dictionary(item.get("event")).get("name")))
        elif kind == "identify":
            complete = bool(anonymous_id and user_id)
        elif kind == "alias":
            complete = bool(previous_id and user_id)
        else:
            complete = kind in ("group", "engagement", "vitals")
        if not complete:
            raise Refusal(UNNAMED)

    def _event_id(self, item: dict[str, Any]) -> str:
        """The client's id of the event, "" without one."""
        for name in ("eventId", "messageId"):
            given = item.get(name)
            if given is not None and given != "":
                if isinstance(given, bool) or not isinstance(given, str | int | float):
                    raise Refusal(UNNAMED)
                if len(text_of(given)) > 128:
                    raise Refusal(UNNAMED)
                return text_of(given)
        return ""

    def _time(self, delivery: dict[str, Any], item: dict[str, Any], batch_sent_at: Any) -> datetime:
        """When the event happened: the client's time corrected, else the time of receipt."""
        received_at: datetime = delivery["received_at"].astimezone(UTC)
        imported = delivery["route"] == "/import"
        given = item.get("timestamp")
        if given is None:
            given = item.get("originalTimestamp")
        if given is None:
            time = received_at
        else:
            time = parse_time(given)
            sent = item.get("sentAt")
            if sent is None:
                sent = batch_sent_at
            if sent is not None and not imported:
                skew = received_at - parse_time(sent)
                if abs(skew) > MINUTE:
                    time += skew
        time = truncated(time)
        if time - received_at > MINUTE:
            time = received_at
        if not imported and received_at - time > self.back_dating:
            raise Refusal("too_old")
        if time < EPOCH:
            raise Refusal(UNNAMED)
        return time

    def _visitor_connection(
        self, delivery: dict[str, Any], context: dict[str, Any]
    ) -> tuple[str, str]:
        """(address, agent) of the visitor, "" where only a server library's own is known."""
        address, agent = delivery.get("ip", ""), delivery.get("user_agent", "")
        if "Mozilla/" not in agent:
            address = agent = ""
        if delivery.get("key", "write") == "api":
            address = text(context.get("ip")) or address
            agent = text(context.get("userAgent")) or agent
        return address, agent

    def _salt(self, time: datetime, received_at: datetime) -> tuple[date, str]:
        """(day of the event in the site's zone, name of the salt its cookieless id is made with)."""
        day = local(time, self.site_timezone).date()
        if received_at < day_start(day + timedelta(days=1), self.site_timezone) + 2 * DAY:
            return day, "day"
        if self._import_salt is None or received_at >= self._import_salt + 2 * DAY:
            self._import_salt = received_at
        return day, f"import {self._import_salt.isoformat()}"

    # events and people

    def _copies(self) -> dict[str, list[Arrival]]:
        """Of every event id the deliveries of its earliest UTC day, in the order of receipt."""
        copies: dict[str, list[Arrival]] = {}
        for arrival in self.arrivals:
            copies.setdefault(arrival.event_id, []).append(arrival)
        for event_id, arrivals in copies.items():
            earliest = min(arrival.time.date() for arrival in arrivals)
            copies[event_id] = [arrival for arrival in arrivals if arrival.time.date() == earliest]
        return copies

    def _standing(self) -> list[Arrival]:
        return sorted(
            (arrivals[0] for arrivals in self._copies().values()),
            key=lambda arrival: (arrival.time, arrival.order),
        )

    @property
    def ambiguous_ids(self) -> list[str]:
        """Ids that came under two actors on their earliest day: one of them stands, the page does not say which."""
        return [
            event_id
            for event_id, arrivals in self._copies().items()
            if len({arrival.actor for arrival in arrivals}) > 1
        ]

    def _links(self) -> dict[Node, Node]:
        """The table of links and aliases: id -> user, one entry an id, no circles."""
        seen = {arrival.anonymous_id for arrival in self.arrivals}
        table: dict[Node, Node] = {}
        for arrival in self.arrivals:
            entries: list[tuple[Node, Node]] = []
            user = ("user", arrival.user_id)
            if arrival.anonymous_id and arrival.user_id:
                entries.append((("anonymous", arrival.anonymous_id), user))
            if arrival.previous_id and arrival.user_id:
                kind = "anonymous" if arrival.previous_id in seen else "user"
                entries.append(((kind, arrival.previous_id), user))
            for node, target in entries:
                if node not in table and end_of_chain(target, table) != node:
                    table[node] = target
        return table

    def visitor(self, event: Arrival) -> Node:
        """The person of an event."""
        if event.user_id:
            return end_of_chain(("user", event.user_id), self.links)
        if event.anonymous_id:
            return end_of_chain(("anonymous", event.anonymous_id), self.links)
        return event.actor

    def sessions(self, bots: str = "exclude") -> list[Session]:
        """The sessions of the activity that remains when bots are selected, sorted by start."""
        if bots not in ("exclude", "include", "only"):
            raise Impossible("bots")
        if bots not in self._sessions:
            by_actor: dict[Node, list[Arrival]] = {}
            for event in self.events:  # sorted by time and order of receipt
                selected = bots == "include" or event.is_bot == (bots == "only")
                if event.type in ACTIVITY and selected:
                    by_actor.setdefault(event.actor, []).append(event)
            sessions = [session for events in by_actor.values() for session in runs(events)]
            self._sessions[bots] = sorted(sessions, key=lambda session: session.start)
        return self._sessions[bots]

    # questions

    def _zone(self, timezone: str | None) -> str:
        zone = timezone or self.site_timezone
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise Impossible("unknown zone") from None
        return zone

    def _moment(self, given: str, zone: str) -> datetime:
        """A date or datetime of a question."""
        try:
            if re.fullmatch(r"\d{4}-\d\d-\d\d", given):
                return day_start(date.fromisoformat(given), zone)
            moment = datetime.fromisoformat(given)
        except ValueError:
            raise Impossible("no date") from None
        return instant_of(moment, zone) if moment.tzinfo is None else moment.astimezone(UTC)

    def period(
        self,
        period: str | None = None,
        start: str | None = None,
        end: str | None = None,
        timezone: str | None = None,
    ) -> tuple[datetime, datetime]:
        """[start, end) of a question."""
        zone = self._zone(timezone)
        if start is not None or end is not None:
            if period is not None or start is None:
                raise Impossible("start and end, or period")
            bounds = self._moment(start, zone), self.now if end is None else self._moment(end, zone)
            if bounds[1] < bounds[0]:
                raise Impossible("end before start")
            return bounds

        name = period or "30d"
        today = local(self.now, zone).date()
        tomorrow = today + timedelta(days=1)
        if name == "24h":
            hours = edges_of("hour", self.now, self.now, zone)
            stop = min(edge for edge, _ in hours if edge > self.now)
            return stop - 24 * HOUR, stop
        if name == "today":
            days = today, tomorrow
        elif name == "yesterday":
            days = today - timedelta(days=1), today
        elif name in ("7d", "30d", "90d"):
            days = tomorrow - timedelta(days=int(name.removesuffix("d"))), tomorrow
        elif name == "mtd":
            days = month_start(today), tomorrow
        elif name == "ytd":
            days = date(today.year, 1, 1), tomorrow
        elif name == "12mo":
            days = month_start(today, -11), month_start(today, 1)
        elif name == "all":
            first = min((event.time for event in self.events), default=self.now)
            days = local(first, zone).date(), tomorrow
        else:
            try:
                if re.fullmatch(r"\d{4}-\d\d", name):
                    month = date.fromisoformat(f"{name}-01")
                    days = month, month_start(month, 1)
                elif re.fullmatch(r"\d{4}-\d\d-\d\d", name):
                    days = date.fromisoformat(name), date.fromisoformat(name) + timedelta(days=1)
                else:
                    raise Impossible("unknown period")
            except ValueError:
                raise Impossible("no date") from None
        return day_start(days[0], zone), day_start(days[1], zone)

    def previous(
        self, compare: str = "previous", **question: Any
    ) -> tuple[datetime, datetime] | None:
        """[start, end) of the period that a question is compared with, None without one."""
        zone = self._zone(question.get("timezone"))
        start, end = self.period(**question)
        if compare == "none" or question.get("period") == "all":
            return None
        if compare not in ("previous", "year"):
            first, dots, second = compare.partition("..")
            if not dots:
                raise Impossible("unknown comparison")
            bounds = self._moment(first, zone), self._moment(second, zone)
            if bounds[1] < bounds[0]:
                raise Impossible("end before start")
            return bounds

        first_day, day_after = local(start, zone).date(), local(end, zone).date()
        whole_days = start == day_start(first_day, zone) and end == day_start(day_after, zone)

        def back(moment: datetime) -> datetime:
            if compare == "year":
                return instant_of(year_before(local(moment, zone)), zone)
            if whole_days:
                return instant_of(local(moment, zone) - (day_after - first_day), zone)
            return moment - (end - start)

        running = start <= self.now < end
        return back(start), min(back(end), back(self.now)) if running else back(end)

    def _select(
        self, filters: Iterable[Filter], bots: str
    ) -> tuple[list[tuple[Arrival, Session]], list[Session]]:
        """The selected events, each with its session, and the sessions that hold at least one."""
        filters = list(filters)
        for condition in filters:
            check(condition)
        chosen = [
            (event, session)
            for session in self.sessions(bots)
            for event in session.events
            if all(holds(condition, event, session) for condition in filters)
        ]
        holding = {id(session) for _, session in chosen}
        return chosen, [session for session in self.sessions(bots) if id(session) in holding]

    def _measure(
        self,
        metric: str,
        selection: tuple[list[tuple[Arrival, Session]], list[Session]],
        start: datetime,
        end: datetime,
    ) -> int | float | None:
        """One metric of selected events and sessions in [start, end)."""
        if metric not in METRICS:
            raise Impossible("unknown metric")
        events = [event for event, _ in selection[0] if start <= event.time < end]
        sessions = [session for session in selection[1] if start <= session.start < end]
        pageviews = len([event for event in events if event.type == "pageview"])
        if metric == "pageviews":
            return pageviews
        if metric == "events":
            return len(events)
        if metric == "visitors":
            return len({self.visitor(event) for event in events})
        if metric == "sessions":
            return len(sessions)
        if not sessions:
            return None
        if metric == "views_per_session":
            return pageviews / len(sessions)
        if metric == "bounce_rate":
            return 100 * len([session for session in sessions if session.is_bounce]) / len(sessions)
        lasted = sum((session.duration for session in sessions), timedelta())
        return lasted / MILLISECOND / 1000 / len(sessions)

    def metrics(
        self,
        metrics: Sequence[str] = ("pageviews", "visitors", "sessions"),
        *,
        filters: Iterable[Filter] = (),
        bots: str = "exclude",
        compare: str = "previous",
        **question: Any,
    ) -> dict[str, dict[str, int | float | None]]:
        """GET /metrics."""
        selection = self._select(filters, bots)
        bounds = self.period(**question)
        before = self.previous(compare, **question)
        answer = {}
        for metric in metrics:
            value = self._measure(metric, selection, *bounds)
            previous = None if before is None else self._measure(metric, selection, *before)
            answer[metric] = {
                "value": value,
                "previous": previous,
                "change": change_of(metric, value, previous),
            }
        return answer

    def _buckets(
        self, interval: str, start: datetime, end: datetime, zone: str
    ) -> list[tuple[str, datetime, datetime]]:
        """(date, begin, stop) of every bucket that touches [start, end), clipped to it."""
        steps = {"minute": MINUTE, "hour": HOUR}
        if interval in steps and (end - start) / steps[interval] > MOST_BUCKETS:
            raise Impossible("too many buckets")
        edges = edges_of(interval, start, end, zone)
        buckets = [
            (label, max(edge, start), min(following, end))
            for (edge, label), (following, _) in pairwise(edges)
            if max(edge, start) < min(following, end)
        ]
        if len(buckets) > MOST_BUCKETS:
            raise Impossible("too many buckets")
        return buckets

    def timeseries(
        self,
        metric: str = "pageviews",
        interval: str = "day",
        *,
        filters: Iterable[Filter] = (),
        bots: str = "exclude",
        **question: Any,
    ) -> list[tuple[str, int | float | None]]:
        """GET /timeseries: (date, value) of every bucket."""
        if metric not in METRICS or interval not in ("minute", "hour", "day", "week", "month"):
            raise Impossible("unknown metric or interval")
        start, end = self.period(**question)
        selection = self._select(filters, bots)
        buckets = self._buckets(interval, start, end, self._zone(question.get("timezone")))
        series: list[tuple[str, int | float | None]] = []
        for label, begin, stop in buckets:
            value = None if begin > self.now else self._measure(metric, selection, begin, stop)
            series.append((label, value))
        return series

    def breakdown(
        self,
        dimension: str,
        metric: str | None = None,
        *,
        limit: int = 10,
        offset: int = 0,
        filters: Iterable[Filter] = (),
        bots: str = "exclude",
        compare: str = "none",
        **question: Any,
    ) -> dict[str, Any]:
        """GET /breakdown: rows and how many there are without the limit."""
        if not known_dimension(dimension):
            raise Impossible("unknown dimension")
        if metric is None:
            metric = (
                "events" if dimension == "event" or dimension.startswith("props:") else "pageviews"
            )
        filters = list(filters)
        bounds = self.period(**question)
        before = self.previous(compare, **question)
        whole = self._select(filters, bots)
        total = self._measure(metric, whole, *bounds)
        rows = []
        for value in {value_of(dimension, event, session) for event, session in whole[0]}:
            selection = self._select([*filters, ["is", dimension, [value]]], bots)
            number = self._measure(metric, selection, *bounds)
            if not number:
                continue
            missing = "Direct" if dimension == "source" else "(none)"
            row: dict[str, Any] = {
                "dimension": value,
                "label": value or missing,
                "value": number,
                "percentage": 100 * number / total if metric in COUNTS and total else None,
            }
            if before is not None:
                row["previous"] = self._measure(metric, selection, *before)
                row["change"] = change_of(metric, number, row["previous"])
            rows.append(row)
        rows.sort(key=lambda row: (-row["value"], row["dimension"]))
        return {"data": rows[offset : offset + limit], "total": len(rows)}

    def daily(self, day: str, timezone: str | None = None, bots: str = "exclude") -> dict[str, Any]:
        """GET /daily."""
        start, end = self.period(day, timezone=timezone)
        selection = self._select([], bots)
        names: dict[str, int] = {}
        for event, _ in selection[0]:
            if start <= event.time < end and event.type != "pageview":
                names[event.values["event"]] = names.get(event.values["event"], 0) + 1
        return {
            "date": day,
            "pageviews": self._measure("pageviews", selection, start, end),
            "visitors": self._measure("visitors", selection, start, end),
            "events": names,
        }

    def query(
        self,
        metrics: Sequence[str],
        date_range: str | Sequence[str],
        *,
        dimensions: Sequence[str] = (),
        filters: Sequence[Filter] = (),
        timezone: str | None = None,
        bots: str = "exclude",
        order_by: Sequence[Sequence[str]] = (),
        pagination: dict[str, int] | None = None,
        include: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """POST /query."""
        include = include or {}
        question: dict[str, Any] = {"timezone": timezone, **range_of(date_range)}
        start, end = self.period(**question)
        before = None
        if include.get("compare"):
            compare = include["compare"]
            if not isinstance(compare, str):
                compare = "{start}..{end}".format(**range_of(compare))
            before = self.previous(compare, **question)

        times = [name for name in dimensions if name.startswith("time:")]
        values = [name for name in dimensions if name not in times]
        if len(times) > 1 or not all(known_dimension(name) for name in values):
            raise Impossible("dimensions")
        buckets = past_buckets = [("", start, end)]
        if before:
            past_buckets = [("", *before)]
        if times:
            interval, zone = times[0].removeprefix("time:"), self._zone(timezone)
            buckets = self._buckets(interval, start, end, zone)
            past_buckets = self._buckets(interval, *before, zone) if before else []

        def numbers(selection: Any, begin: datetime, stop: datetime) -> list[int | float | None]:
            if times and begin > self.now:
                return [None] * len(metrics)
            return [self._measure(metric, selection, begin, stop) for metric in metrics]

        everything = self._select(filters, bots)
        whole = numbers(everything, start, end)
        together = {
            tuple(value_of(name, event, session) for name in values)
            for event, session in everything[0]
        }
        rows = []
        for found in together if values else [()]:
            exactly = [["is", name, [value]] for name, value in zip(values, found, strict=True)]
            selection = self._select([*filters, *exactly], bots)
            moments = [event.time for event, _ in selection[0]]
            moments += [session.start for session in selection[1]]
            for place, (label, begin, stop) in enumerate(buckets):
                shown = include.get("time_labels") and not values
                if not shown and times and not any(begin <= moment < stop for moment in moments):
                    continue
                row = numbers(selection, begin, stop)
                if not any(row) and dimensions and not shown:
                    continue
                past = past_label = None
                if before and place < len(past_buckets):
                    past_label, past_begin, past_stop = past_buckets[place]
                    past = numbers(selection, past_begin, past_stop)
                rows.append((place, found, label, row, past_label, past))

        changes = {
            (place, found): [
                change_of(metric, now, then)
                for metric, now, then in zip(metrics, row, past, strict=True)
            ]
            for place, found, _, row, _, past in rows
            if past is not None
        }

        def key(name: str, row: Any) -> Any:
            if name in times:
                return row[0]
            if name in metrics:
                return row[3][list(metrics).index(name)]
            if name in values:
                return row[1][values.index(name)]
            change = changes.get((row[0], row[1]))
            return change and change[list(metrics).index(name.removeprefix("change:"))]

        rows.sort(key=lambda row: (row[0], row[1]))
        default = [*([times[0], "asc"] for _ in times), [metrics[0], "desc"]]
        for name, way in reversed(list(order_by) or default):
            nulls = [row for row in rows if key(name, row) is None]
            rows = [row for row in rows if key(name, row) is not None]
            rows.sort(key=lambda row, name=name: key(name, row), reverse=way == "desc")
            rows += nulls

        def labelled(found: tuple[str, ...], label: str | None) -> list[str | None]:
            left = list(found)
            return [label if name in times else left.pop(0) for name in dimensions]

        results = []
        for place, found, label, row, past_label, past in rows:
            result: dict[str, Any] = {"dimensions": labelled(found, label), "metrics": row}
            if include.get("percentages"):
                result["percentages"] = [
                    100 * number / total
                    if metric in COUNTS and total and number is not None
                    else None
                    for metric, number, total in zip(metrics, row, whole, strict=True)
                ]
            if include.get("compare"):
                result["comparison"] = past and {
                    "dimensions": labelled(found, past_label),
                    "metrics": past,
                    "change": changes[place, found],
                }
            results.append(result)
        meta: dict[str, Any] = {"total_rows": len(rows)} if include.get("total_rows") else {}
        if include.get("time_labels"):
            meta["time_labels"] = [label for label, _, _ in buckets]
            meta["partial"] = [label for label, begin, stop in buckets if begin <= self.now < stop]
        offset = (pagination or {}).get("offset", 0)
        limit = (pagination or {}).get("limit", 1000)
        return {"results": results[offset : offset + limit], "meta": meta}

    def values(
        self,
        dimension: str,
        search: str = "",
        *,
        limit: int = 100,
        filters: Iterable[Filter] = (),
        bots: str = "exclude",
        **question: Any,
    ) -> list[dict[str, Any]]:
        """GET /values."""
        if not known_dimension(dimension):
            raise Impossible("unknown dimension")
        start, end = self.period(**question)
        counted: dict[str, int] = {}
        for event, session in self._select(filters, bots)[0]:
            value = value_of(dimension, event, session)
            if start <= event.time < end and search.lower() in value.lower():
                counted[value] = counted.get(value, 0) + 1
        found = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
        return [{"value": value, "events": events} for value, events in found[:limit]]

    def properties(
        self, event: str | None = None, *, bots: str = "exclude", **question: Any
    ) -> list[dict[str, Any]]:
        """GET /properties."""
        start, end = self.period(**question)
        seen: dict[tuple[str, str], list[str]] = {}
        for one, _ in self._select([], bots)[0]:
            name = one.values["event"]
            if start <= one.time < end and event in (None, name):
                for key, value in one.properties.items():
                    if text_of(value):
                        seen.setdefault((name, key), []).append(text_of(value))
        rows = [
            {
                "event": name,
                "key": key,
                "events": len(texts),
                "examples": sorted(set(texts), key=lambda text: (-texts.count(text), text))[:5],
            }
            for (name, key), texts in seen.items()
        ]
        return sorted(rows, key=lambda row: (-row["events"], row["event"], row["key"]))


def range_of(bounds: str | Sequence[str]) -> dict[str, str]:
    """A range of POST /query in the words of the other routes: a date that ends it is in it."""
    if isinstance(bounds, str):
        return {"period": bounds}
    start, end = bounds
    if re.fullmatch(r"\d{4}-\d\d-\d\d", end):
        end = str(date.fromisoformat(end) + timedelta(days=1))
    return {"start": start, "end": end}


def end_of_chain(node: Node, table: dict[Node, Node]) -> Node:
    """Follow the entries of the table of links until there is none."""
    while node in table:
        node = table[node]
    return node


def runs(events: list[Arrival]) -> list[Session]:
    """One actor's activity, sorted, cut into sessions."""
    sessions: list[Session] = []
    for event in events:
        if sessions:
            session = sessions[-1]
            last = session.events[-1].time
            midnight = event.time.replace(hour=0, minute=0, second=0, microsecond=0)
            rested = event.time - last >= 30 * MINUTE
            cut = last < midnight <= event.time and midnight - session.start >= 12 * HOUR
            if not rested and not cut:
                session.events.append(event)
                continue
        sessions.append(Session([event]))
    return sessions


def change_of(
    metric: str, value: int | float | None, previous: int | float | None
) -> int | float | None:
    """By how much a value differs from the previous one, in per cent; bounce_rate in percentage points."""
    if value is None or previous is None:
        return None
    if metric == "bounce_rate":
        return value - previous
    return 100 * (value - previous) / previous if previous else None
