"""Small nasty histories and questions about them, for hypothesis.

    history = data.draw(histories())            a History: deliveries as naive.py wants them, the site's zone, now
    question = data.draw(questions(history))    a Question: .path and .parameters for HTTP, .ask(model) for the model

What makes them nasty: few actors and pages; times to the millisecond around gaps of 30 minutes, UTC midnights,
runs of 12 hours and more, local midnights and clock changes; clocks that are wrong, and wrong about being wrong;
copies of one event id with another time, day, type, page or route; requests out of order, batches, imports, links
to two users, aliases in chains and circles, names that are both anonymousId and userId, guarded ids, consent denied,
bots, events without ids.

What they leave out, because the page on semantics leaves it open: one id under two actors on one day, copies more
than 8 days apart, agents and addresses that need lists (ENRICHMENT knows all that occur), a previous period over a
date or a local time that does not exist or comes twice.

`received_at` grows strictly from request to request, in the order of the list. Imports come with the key "api" and
an agent that is no visitor's; the visitor of a cookieless item is in its context.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from tests.model.naive import (
    DAY,
    HOUR,
    METRICS,
    MILLISECOND,
    MINUTE,
    Enrichment,
    Impossible,
    Model,
    day_start,
    local,
)

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
CURL = "curl/8.9.1"
ADDRESSES = ("192.0.2.1", "198.51.100.2")

#: What lists know about all that occurs here. Channel, browser, os, device and places are not asked for.
ENRICHMENT = Enrichment(
    is_bot=lambda agent: agent == GOOGLEBOT,
    source_name=lambda host: {"google.com": "Google"}.get(host, ""),
)

DIMENSIONS = (
    "page",
    "hostname",
    "title",
    "event",
    "props:plan",
    "props:list",
    "entry_page",
    "exit_page",
    "source",
    "referrer",
    "utm_source",
    "utm_medium",
    "utm_campaign",
)
VALUES = {
    "page": ("/", "/a", "/b", "/A", "/docs/a", ""),
    "hostname": ("example.com", "shop.example.com", ""),
    "title": ("Start", "Ende", ""),
    "event": ("buy", "see", "Home", ""),
    "props:plan": ("pro", "free", "true", "7", "7.5", ""),
    "props:list": ('[1,"a"]', ""),
    "source": ("Google", "blog.example.net", "letter", "ads", ""),
    "referrer": ("google.com", "blog.example.net/post", ""),
    "utm_source": ("letter", "ads", ""),
    "utm_medium": ("email", ""),
    "utm_campaign": ("spring sale", ""),
}
VALUES |= {"entry_page": VALUES["page"], "exit_page": VALUES["page"]}
ZONES = (
    "UTC",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
)
HALF_HOUR = 30 * MINUTE


@dataclass(frozen=True)
class Theme:
    """A site's zone and the instant its history lies around; `imported` if it is too long ago to be sent."""

    zone: str
    anchor: datetime
    imported: bool = False


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


THEMES = (
    Theme("UTC", at("2026-03-10T00:00")),
    Theme("UTC", at("2024-02-29T00:00")),
    Theme("Asia/Kathmandu", at("2026-05-31T18:15")),  # the local midnight before 1 June
    Theme("Asia/Kolkata", at("2026-06-14T18:30")),
    Theme("America/New_York", at("2026-03-08T07:00")),  # 2:00 becomes 3:00
    Theme("America/New_York", at("2026-11-01T06:00")),  # 2:00 becomes 1:00
    Theme("America/New_York", at("2026-11-01T04:00")),  # the midnight of that day
    Theme("Australia/Lord_Howe", at("2026-04-04T15:00")),  # 2:00 becomes 1:30
    Theme("Australia/Lord_Howe", at("2026-10-03T15:30")),  # 2:00 becomes 2:30
    Theme("Pacific/Apia", at("2011-12-30T10:00"), imported=True),  # no 30 December
)


@dataclass(frozen=True)
class History:
    """Deliveries, the site they are for and when questions are asked."""

    deliveries: list[dict[str, Any]]
    site_timezone: str
    now: datetime
    theme: Theme

    def model(self, enrichment: Enrichment = ENRICHMENT) -> Model:
        """What they mean."""
        return Model(
            self.deliveries,
            site_timezone=self.site_timezone,
            now=self.now,
            enrichment=enrichment,
        )


@dataclass
class Draft:
    """An event before it is known when its request is received."""

    item: dict[str, Any]
    moment: datetime
    #: whether the client says when it happened, and by how much its clock is wrong
    says_when: bool
    skew: timedelta | None
    address: str
    agent: str
    #: whether `timestamp` is by the same wrong clock as `sentAt`
    one_clock: bool = True

    def copy(self) -> "Draft":
        return replace(self, item=dict(self.item))


@dataclass
class Request:
    """Drafts that travel together."""

    route: str
    drafts: list[Draft]
    wanted_at: datetime
    key: str = "write"
    #: of a batch: the clock by which the batch says when it was sent
    skew: timedelta | None = None

    def delivery(self, received_at: datetime) -> dict[str, Any]:
        """The request as it is received at this time."""
        first = self.drafts[0]
        trusted = self.key == "api"
        items = [finished(draft, received_at, self.skew, trusted) for draft in self.drafts]
        if self.route in ("/batch", "/import"):
            body: dict[str, Any] = {"batch": items}
            if self.skew is not None:
                body["sentAt"] = text_of(received_at + self.skew)
        else:
            body = {name: value for name, value in items[0].items() if name != "type"}
        return {
            "route": self.route,
            "key": self.key,
            "received_at": received_at,
            "ip": "203.0.113.9" if trusted else first.address,
            "user_agent": CURL if trusted else first.agent,
            "body": body,
        }


def text_of(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def finished(
    draft: Draft, received_at: datetime, batch_skew: timedelta | None, trusted: bool
) -> dict[str, Any]:
    """The item with its times and, where the request is trusted, its visitor."""
    item = dict(draft.item)
    skew = batch_skew if draft.skew is None else draft.skew
    if draft.says_when:
        shown_by = skew if skew is not None and draft.one_clock else timedelta()
        item["timestamp"] = text_of(draft.moment + shown_by)
    if draft.skew is not None:
        item["sentAt"] = text_of(received_at + draft.skew)
    if trusted and draft.agent != CURL:
        visitor = {"ip": draft.address, "userAgent": draft.agent}
        item["context"] = item.get("context", {}) | visitor
    return item


# Small things


GAPS = (
    timedelta(),
    MILLISECOND,
    MINUTE,
    10 * MINUTE,
    HALF_HOUR - MILLISECOND,
    HALF_HOUR,
    HALF_HOUR,
    HALF_HOUR + MILLISECOND,
)
SKEWS = (
    None,
    None,
    None,
    timedelta(),
    MINUTE,
    MINUTE + MILLISECOND,
    -MINUTE,
    -MINUTE - MILLISECOND,
    -3 * HOUR,
    DAY,
)


def signed(steps: Sequence[timedelta]) -> tuple[timedelta, ...]:
    return (*steps, *(-step for step in steps if step))


def sometimes(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """None, or something in one of three cases."""
    return st.one_of(st.none(), st.none(), strategy)


def midnights_around(theme: Theme) -> list[datetime]:
    """The anchor, the UTC midnights and the local midnights next to it."""
    utc = theme.anchor.replace(hour=0, minute=0, second=0, microsecond=0)
    today = local(theme.anchor, theme.zone).date()
    return [
        theme.anchor,
        utc,
        utc + DAY,
        day_start(today, theme.zone),
        day_start(today + timedelta(days=1), theme.zone),
    ]


def moments(theme: Theme) -> st.SearchStrategy[datetime]:
    """Instants close to where something happens."""
    return st.builds(
        lambda edge, gap, times, more: edge + gap * times + more,
        st.sampled_from(midnights_around(theme)),
        st.sampled_from(signed((*GAPS, 12 * HOUR))),
        st.integers(1, 2),
        st.sampled_from(signed((timedelta(), MILLISECOND, MINUTE, 29 * MINUTE))),
    )


ANONYMOUS = st.sampled_from(["a1", "a2", "a3", "x"])
USERS = st.sampled_from(["u1", "u2", "u3", "x"])
GUARDED = st.sampled_from(
    ["", "null", "Undefined", "0", None, 0, False, "anonymous", "[object Object]"]
)
IDENTITIES = st.one_of(
    st.fixed_dictionaries({"anonymousId": ANONYMOUS}),
    st.fixed_dictionaries({"anonymousId": ANONYMOUS}),
    st.fixed_dictionaries({"anonymousId": ANONYMOUS, "userId": USERS}),
    st.fixed_dictionaries({"anonymousId": ANONYMOUS, "userId": GUARDED}),
    st.fixed_dictionaries({"userId": USERS}),
    st.fixed_dictionaries({"anonymousId": GUARDED}),
    st.just({}),
)
PATHS = st.sampled_from(["/", "/a", "/b", "/A", "/docs/a"])
PAGES = st.one_of(
    st.fixed_dictionaries({"path": PATHS}),
    st.fixed_dictionaries(
        {
            "url": st.builds(
                lambda host, path, rest: f"https://{host}{path}{rest}",
                st.sampled_from(["www.example.com", "shop.example.com:8443"]),
                st.sampled_from(["", "/", "/a", "/docs/a"]),
                st.sampled_from(["", "?q=/b", "#top", "?utm_source=ads&utm_campaign=spring+sale"]),
            )
        },
        optional={
            "title": st.sampled_from(["Start", "Ende"]),
            "referrer": st.sampled_from(
                [
                    "https://www.google.com/",
                    "https://blog.example.net/post/?a=b#c",
                    "https://www.example.com/a",
                    "http://localhost:8080/",
                    "android-app://net.example/",
                ]
            ),
        },
    ),
)
CAMPAIGNS = st.sampled_from(
    [{"source": "letter", "medium": "email", "name": "spring sale"}, {"source": "ads"}]
)
PROPERTIES = st.fixed_dictionaries(
    {},
    optional={
        "plan": st.sampled_from(["pro", "free", True, 7, 7.0, 7.5, None, ""]),
        "list": st.just([1, "a"]),
    },
)


@st.composite
def items(draw: st.DrawFn, kinds: Sequence[str]) -> dict[str, Any]:
    """An event as its client makes it, without id and times."""
    kind = draw(st.sampled_from(kinds))
    item: dict[str, Any] = {"type": kind}
    if kind == "identify":
        item |= {"anonymousId": draw(ANONYMOUS), "userId": draw(USERS)}
    elif kind == "alias":
        item |= {"previousId": draw(st.one_of(USERS, USERS, ANONYMOUS)), "userId": draw(USERS)}
    else:
        item |= draw(IDENTITIES)
    context: dict[str, Any] = {}
    if kind == "pageview":
        item["page"] = draw(PAGES)
    elif kind in ("track", "screen"):
        names = st.sampled_from(["buy", "see"] if kind == "track" else ["Home", "see"])
        named = {"name": draw(names), "properties": draw(PROPERTIES)}
        item["event" if kind == "track" else "screen"] = named
        page = draw(sometimes(PAGES))
        if page:
            context["page"] = page
    campaign = draw(sometimes(CAMPAIGNS))
    page_of_event = item.get("page") or context.get("page", {})
    if campaign and "utm_" not in page_of_event.get("url", ""):
        context["campaign"] = campaign
    if kind in ("pageview", "track") and draw(st.integers(0, 9)) == 9:
        context["consent"] = "denied"
    if context:
        item["context"] = context
    return item


@st.composite
def drafts(draw: st.DrawFn, theme: Theme, made: Sequence[Draft], kinds: Sequence[str]) -> Draft:
    """One event: what, when, from where; often a while after one that the same visitor made before."""
    number = len(made)
    item = draw(items(kinds))
    ids = [{}, {"eventId": number}, {"messageId": f"e{number}"}, *[{"eventId": f"e{number}"}] * 4]
    item |= draw(st.sampled_from(ids))
    before: Draft | None = None
    if made and draw(st.integers(0, 3)) > 0:
        before = draw(st.sampled_from(made))
    if before is None:
        moment = draw(moments(theme))
        address = draw(st.sampled_from(ADDRESSES))
        agent = draw(st.sampled_from([FIREFOX, FIREFOX, FIREFOX, SAFARI, GOOGLEBOT, CURL]))
    else:
        moment = before.moment + draw(st.sampled_from(signed(GAPS)))
        address, agent = before.address, before.agent
        if item["type"] not in ("identify", "alias"):
            item = {name: value for name, value in item.items() if name not in VISITOR}
            item |= {name: value for name, value in before.item.items() if name in VISITOR}
        if draw(st.integers(0, 9)) == 9:
            agent = GOOGLEBOT
    return Draft(
        item=item,
        moment=moment,
        says_when=theme.imported or draw(st.integers(0, 3)) > 0,
        skew=None if theme.imported else draw(st.sampled_from(SKEWS)),
        address=address,
        agent=agent,
        one_clock=draw(st.integers(0, 4)) < 4,
    )


VISITOR = ("anonymousId", "userId")
ALONE = ("pageview", "pageview", "pageview", "track", "track", "screen", "identify")
BATCHED = ("alias", "group", "engagement", "vitals")
TOGETHER = (*ALONE, *BATCHED)


def id_of(item: dict[str, Any]) -> Any:
    """The client's id of an item, None without one."""
    return item.get("eventId", item.get("messageId"))


@st.composite
def copies(draw: st.DrawFn, theme: Theme, original: Draft) -> Draft:
    """The same event id again, perhaps otherwise in every other respect but its actor."""
    copy = original.copy()
    name = str(id_of(copy.item))
    copy.item = {
        key: value for key, value in copy.item.items() if key not in ("eventId", "messageId")
    }
    copy.item[draw(st.sampled_from(["eventId", "messageId"]))] = name
    changes = draw(
        st.sets(st.sampled_from(["time", "moment", "clock", "type", "page", "user"]), max_size=3)
    )
    if "time" in changes and not theme.imported:
        copy.says_when = not copy.says_when
    if "moment" in changes:
        copy.moment += draw(st.sampled_from(signed((MILLISECOND, HALF_HOUR, 12 * HOUR, DAY))))
    if "clock" in changes and not theme.imported:
        copy.skew = draw(st.sampled_from(SKEWS))
    if "type" in changes and copy.item["type"] == "pageview":
        copy.item |= {"type": "track", "event": {"name": "buy", "properties": {}}}
        del copy.item["page"]
    if "page" in changes and copy.item["type"] == "pageview":
        copy.item["page"] = draw(PAGES)
    if "user" in changes and "anonymousId" in copy.item:
        copy.item["userId"] = draw(USERS)
    return copy


@st.composite
def run_of_events(draw: st.DrawFn, theme: Theme) -> list[Draft]:
    """One visitor who rests never, or once, for half a day up to three days."""
    utc = theme.anchor.replace(hour=0, minute=0, second=0, microsecond=0)
    before = draw(st.sampled_from([12 * HOUR, 12 * HOUR + 10 * MINUTE, 4 * HOUR, 20 * HOUR]))
    start = utc - before + draw(st.sampled_from(signed((timedelta(), MILLISECOND))))
    step = draw(st.sampled_from([HALF_HOUR - MILLISECOND, 29 * MINUTE, 25 * MINUTE]))
    lasts = before + draw(st.sampled_from([-MINUTE, 10 * MINUTE, HOUR, DAY + HOUR, 2 * DAY + HOUR]))
    rest = draw(st.integers(-40, lasts // step))
    kind = draw(st.sampled_from(["pageview", "pageview", "screen"]))
    item: dict[str, Any] = {"type": kind} | draw(IDENTITIES)
    if kind == "screen":
        item["screen"] = {"name": "Home"}
    address, agent = draw(st.sampled_from(ADDRESSES)), draw(st.sampled_from([FIREFOX, SAFARI]))
    events = []
    for index in range(lasts // step + 1):
        if index != rest:
            page = {"page": {"path": f"/{'ab'[index % 2]}"}} if kind == "pageview" else {}
            made = item | page | {"eventId": f"run-{index}"}
            events.append(Draft(made, start + index * step, True, None, address, agent))
    return events


# Whole histories


@st.composite
def histories(
    draw: st.DrawFn,
    *,
    fewest: int = 2,
    most: int = 40,
    themes: Sequence[Theme] = THEMES,
    runs: bool = True,
) -> History:
    """From `fewest` to `most` deliveries around one theme, in the order of receipt."""
    theme = draw(st.sampled_from(themes))
    count = draw(st.integers(fewest, most))
    made: list[Draft] = []
    requests: list[Request] = []
    if runs and draw(st.integers(0, 2)) == 2:
        made = draw(run_of_events(theme))
        requests.append(draw(request_of(theme, "run", list(made))))
    while len(requests) < count:
        named = [draft for draft in made if id_of(draft.item) is not None]
        ways = ["alone"] * 3 + ["batch"] * 3 + ["import", "old"] + ["copy"] * (4 if named else 0)
        if theme.imported:
            ways = ["import"] * 3 + ["copy"] * (2 if named else 0)
        way = draw(st.sampled_from(ways))
        if way == "copy":
            packed = [draw(copies(theme, draw(st.sampled_from(named))))]
        elif way in ("alone", "old"):
            packed = [draw(drafts(theme, made, ALONE))]
        else:
            packed = []
            for _ in range(draw(st.integers(1, 4))):
                packed.append(draw(drafts(theme, [*made, *packed], TOGETHER)))
        made += packed if way != "old" else []
        requests.append(draw(request_of(theme, way, packed)))

    deliveries = []
    received_at = datetime.min.replace(tzinfo=UTC)
    for request in sorted(requests, key=lambda request: request.wanted_at):
        received_at = max(request.wanted_at, received_at + MILLISECOND)
        deliveries.append(request.delivery(received_at))
    now = received_at + draw(st.sampled_from([MILLISECOND, MINUTE, HOUR, 9 * HOUR, DAY, 10 * DAY]))
    if (
        now.second == 0
    ):  # whether a bucket that begins just now is in the future is nobody's question
        now += 7 * MILLISECOND + timedelta(seconds=1)
    history = History(deliveries, theme.zone, now, theme)
    assume(is_clear(history.model()))
    return history


def is_clear(model: Model) -> bool:
    """Whether the page on semantics says which delivery of every id stands."""
    days: dict[str, list[date]] = {}
    for arrival in model.arrivals:
        days.setdefault(arrival.event_id, []).append(arrival.time.date())
    far_apart = any(max(seen) - min(seen) > timedelta(days=8) for seen in days.values())
    return not far_apart and not model.ambiguous_ids


@st.composite
def request_of(draw: st.DrawFn, theme: Theme, way: str, packed: list[Draft]) -> Request:
    """How, and when, events are sent."""
    last = max(draft.moment for draft in packed)
    late = draw(st.sampled_from([timedelta(), MILLISECOND, MINUTE, HOUR, 20 * HOUR, 2 * DAY]))
    wanted_at = max(last, theme.anchor) + late if way == "run" else last + late
    kind = packed[0].item["type"]
    routes = ["/batch"] if len(packed) > 1 or kind in BATCHED else [f"/{kind}", "/batch"]
    if way == "old":
        packed[0].says_when = True
        packed[0].skew = None
        packed[0].item.pop("eventId", None)
        packed[0].item.pop("messageId", None)
        age = 7 * DAY + draw(st.sampled_from([-MILLISECOND, timedelta(), MILLISECOND]))
        return Request(draw(st.sampled_from(routes)), packed, packed[0].moment + age)
    if theme.imported:
        return Request("/import", packed, at("2026-06-30T10:00") + late, key="api")
    if way == "import" or (way in ("copy", "run") and draw(st.integers(0, 3)) == 3):
        for draft in packed:
            draft.says_when = True
        return Request("/import", packed, wanted_at, key="api")
    route = draw(st.sampled_from(routes))
    if route == "/batch" and way != "run":
        # A batch comes from one place.
        for draft in packed:
            draft.address, draft.agent = packed[0].address, packed[0].agent
        return Request(route, packed, wanted_at, skew=draw(st.sampled_from(SKEWS)))
    trusted = draw(st.integers(0, 5)) == 5
    return Request(route, packed, wanted_at, key="api" if trusted else "write")


# Questions


@dataclass(frozen=True)
class Question:
    """One question of the reading API; `arguments` are those of the model's method of the same name."""

    path: str
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, str]:
        """The query parameters of the request; POST /query has its arguments as its body instead."""
        parameters = {}
        for name, value in self.arguments.items():
            if name == "filters":
                # A single filter may stand alone.
                parameters[name] = json.dumps(value[0] if len(value) == 1 else value)
            elif name == "metrics":
                parameters[name] = ",".join(value)
            else:
                parameters[name] = str(value)
        return parameters

    def ask(self, model: Model) -> Any:
        """The model's answer, or Impossible."""
        arguments = dict(self.arguments)
        if self.path == "/daily":
            return model.daily(arguments.pop("date"), **arguments)
        return getattr(model, self.path.removeprefix("/"))(**arguments)


@st.composite
def conditions(draw: st.DrawFn, dimensions: Sequence[str]) -> list[Any]:
    """A filter that asks one thing of one dimension."""
    dimension = draw(st.sampled_from(dimensions))
    operator = draw(st.sampled_from(["is", "is", "is_not", "contains", "matches"]))
    if operator == "contains":
        values = st.sampled_from(("a", "A", "/", "e", "pro"))
    elif operator == "matches":
        values = st.sampled_from(("^/a?$", "[ab]$", "^$", "A", "^(pro|free)$", "e.a"))
    else:
        values = st.sampled_from(VALUES[dimension])
    condition = [operator, dimension, draw(st.lists(values, min_size=1, max_size=2, unique=True))]
    case = draw(st.sampled_from([None, None, None, True, False]))
    return condition if case is None else [*condition, {"case_sensitive": case}]


@st.composite
def filters(draw: st.DrawFn, dimensions: Sequence[str] = DIMENSIONS, depth: int = 2) -> list[Any]:
    """One filter, at most two others deep."""
    way = draw(st.sampled_from(["one", "one", "one", "not", "and", "or"])) if depth else "one"
    if way == "one":
        return draw(conditions(dimensions))
    if way == "not":
        return ["not", draw(filters(dimensions, depth - 1))]
    inner = [draw(filters(dimensions, depth - 1)) for _ in range(draw(st.integers(1, 2)))]
    return [way, inner]


@st.composite
def periods(draw: st.DrawFn, history: History, zone: str) -> dict[str, str]:
    """A period close to the events, or one of the names."""
    today = local(history.theme.anchor, zone).date()

    def near() -> date:
        return today + timedelta(days=draw(st.integers(-3, 3)))

    way = draw(st.sampled_from(["day", "days", "month", "moments", "since", "name", "name"]))
    if way == "day":
        return {"period": near().isoformat()}
    if way == "month":
        return {"period": near().isoformat()[:7]}
    if way == "days":
        first = near()
        return {
            "start": first.isoformat(),
            "end": (first + timedelta(days=draw(st.integers(1, 9)))).isoformat(),
        }
    if way == "since":
        return {"start": near().isoformat()}
    if way == "moments":
        start = draw(moments(history.theme))
        length = draw(
            st.sampled_from([MILLISECOND, MINUTE, HALF_HOUR, HOUR, 12 * HOUR, DAY, 3 * DAY])
        )
        return {"start": text_of(start), "end": text_of(start + length)}
    names = ["today", "yesterday", "7d", "30d", "90d", "mtd", "ytd", "12mo", "all"]
    return {"period": draw(st.sampled_from(names + ["24h"] * (zone != "Australia/Lord_Howe")))}


@st.composite
def questions(
    draw: st.DrawFn, history: History, dimensions: Sequence[str] = DIMENSIONS
) -> Question:
    """One question about a history."""
    paths = [
        "/metrics",
        "/timeseries",
        "/breakdown",
        "/breakdown",
        "/daily",
        "/values",
        "/properties",
    ]
    path = draw(st.sampled_from(paths + ["/query"] * 4))
    if path == "/daily":
        day = local(history.theme.anchor, history.site_timezone).date()
        return Question(path, {"date": str(day + timedelta(days=draw(st.integers(-2, 2))))})

    timezone = draw(st.sampled_from([None, None, None, *ZONES]))
    zone = timezone or history.site_timezone
    bots = draw(st.sampled_from([None, None, "exclude", "include", "only"]))
    arguments: dict[str, Any] = {"timezone": timezone} if timezone else {}
    arguments |= {"bots": bots} if bots else {}
    period = draw(periods(history, zone))
    if path == "/properties":
        event = draw(st.sampled_from([{}, {"event": "buy"}]))
        return Question(path, arguments | period | event)
    arguments |= period if path != "/query" else {"date_range": range_of(period)}
    chosen = draw(st.sampled_from([0, 0, 0, 1, 1, 2]))
    if chosen:
        arguments["filters"] = [draw(filters(dimensions)) for _ in range(chosen)]
    if path == "/timeseries":
        arguments["metric"] = draw(st.sampled_from(METRICS))
        arguments["interval"] = draw(
            st.sampled_from(["minute", "hour", "hour", "day", "day", "week", "month"])
        )
        return Question(path, arguments)
    if path == "/metrics":
        arguments["metrics"] = draw(st.lists(st.sampled_from(METRICS), min_size=1, unique=True))
        arguments["compare"] = draw(comparisons(history, zone, period))
        return Question(path, arguments)
    if path == "/query":
        return Question(path, arguments | draw(queries(history, zone, period, dimensions)))
    arguments["dimension"] = draw(st.sampled_from(dimensions))
    if path == "/values":
        arguments["search"] = draw(st.sampled_from(["", "", "a", "A", "/"]))
        arguments["limit"] = draw(st.sampled_from([1, 2, 100]))
        return Question(path, arguments)
    metric = draw(st.sampled_from([None, *METRICS]))
    if metric:
        arguments["metric"] = metric
    arguments["limit"] = draw(st.sampled_from([1, 2, 10, 1000]))
    arguments["offset"] = draw(st.sampled_from([0, 0, 0, 1, 3]))
    if draw(st.booleans()):
        arguments["compare"] = draw(comparisons(history, zone, period))
    return Question(path, arguments)


def range_of(period: dict[str, str]) -> str | list[str]:
    """A period as the date_range of POST /query, where the last date is in it."""
    if "period" in period:
        return period["period"]
    start = period["start"]
    if "end" not in period:
        return [start, start]
    return [start, last_of(period["end"])]


def last_of(end: str) -> str:
    """The last date before one; a time stays."""
    if len(end) > len("2026-01-01"):
        return end
    return str(date.fromisoformat(end) - timedelta(days=1))


@st.composite
def queries(
    draw: st.DrawFn,
    history: History,
    zone: str,
    period: dict[str, str],
    dimensions: Sequence[str],
) -> dict[str, Any]:
    """The rest of a query of POST /query: metrics, dimensions, order, page and what else is to be told."""
    metrics = draw(st.lists(st.sampled_from(METRICS), min_size=1, max_size=3, unique=True))
    names = draw(st.lists(st.sampled_from(dimensions), max_size=3, unique=True))
    interval = draw(st.sampled_from([None, "minute", "hour", "day", "day", "week", "month"]))
    include: dict[str, Any] = {}
    if interval:
        names.insert(draw(st.integers(0, len(names))), f"time:{interval}")
        include["time_labels"] = draw(st.booleans())
    include |= {flag: draw(st.booleans()) for flag in ("total_rows", "percentages")}
    if "start" in period and "end" not in period:
        day_after = date.fromisoformat(period["start"]) + timedelta(days=1)
        period = {"start": period["start"], "end": str(day_after)}
    compare = draw(comparisons(history, zone, period))
    if ".." in compare:
        first, _, end = compare.partition("..")
        include["compare"] = [first, last_of(end)]
    elif compare != "none":
        include["compare"] = compare
    changes = [f"change:{name}" for name in metrics] if "compare" in include else []
    ways = st.tuples(
        st.sampled_from([*metrics, *names, *changes * 2]), st.sampled_from(["asc", "desc"])
    )
    order = draw(st.lists(ways, max_size=3, unique_by=lambda pair: pair[0]))
    return {
        "metrics": metrics,
        "dimensions": names,
        "order_by": [list(pair) for pair in order],
        "pagination": {
            "limit": draw(st.sampled_from([1, 2, 1000, 1000])),
            "offset": draw(st.sampled_from([0, 0, 0, 1, 3])),
        },
        "include": include,
    }


@st.composite
def comparisons(draw: st.DrawFn, history: History, zone: str, period: dict[str, str]) -> str:
    """A comparison about which the page on semantics leaves no doubt."""
    if period.get("period") == "all":
        return draw(st.sampled_from(["none", "previous", "year"]))
    today = local(history.theme.anchor, zone).date()
    first = today - timedelta(days=draw(st.integers(1, 9)))
    custom = f"{first.isoformat()}..{(first + timedelta(days=draw(st.integers(1, 9)))).isoformat()}"
    clear = ["none", custom]
    skipped_date = zone == "Pacific/Apia" and history.theme.imported
    # In the first hours of a day, the same local time of an earlier day may be missing or come twice.
    changing_hour = local(history.now, zone).hour < 4
    if not skipped_date and not changing_hour:
        clear += ["previous"] * 4
        whole_days = len(period.get("end", "2026-01-01")) == len("2026-01-01")
        until_now = "start" in period and "end" not in period
        # Shifted by a year, 1 March is clear and 28 February of a leap year is not.
        if whole_days and not until_now and period.get("period") != "24h":
            end = history.model().period(**period, timezone=zone)[1]
            clear += ["year"] * (local(end, zone).strftime("%m-%d") != "02-29")
    return draw(st.sampled_from(clear))


__all__ = ["ENRICHMENT", "THEMES", "History", "Impossible", "Question", "histories", "questions"]
