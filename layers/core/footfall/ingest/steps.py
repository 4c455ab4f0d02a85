"""STEPS: what makes rows of `events` out of events, in order. The list is the specification.

Events come as columns, and columns of the table are what each step makes (sql/migrations/0001_create_events.sql): a
batch costs little more than its distinct agents, referrers and campaigns. None drops anything: what was accepted is
stored, and what looks like a bot is marked.
"""

from collections.abc import Callable, Sequence
from typing import Any

from footfall.body import compact
from footfall.days import timestamp
from footfall.event import POSITIONS, Event, stored_id
from footfall.ingest.channel import channel
from footfall.ingest.referrer import referrer, spam
from footfall.ingest.source import source
from footfall.tombstones import NEWEST_VERSION
from footfall.user_agent import bot_reason, parse

Table = dict[str, Sequence[Any]]
"""Values by column, all of one length."""
HOST = "referrer_host"
"""What a step leaves for those after it; no column of `events`."""
Step = Callable[[Event, Table], None]
"""Of the Event each field is the column of all events' values."""


def identified(events: Any, table: Table) -> None:
    """Which delivery this is, when it happened and whose it is."""
    table["site_id"] = events.site_id
    table["event_id"] = [stored_id(event_id) for event_id in events.event_id]
    table["version"] = [
        NEWEST_VERSION - received_at * POSITIONS - position
        for received_at, position in zip(events.received_at, events.position, strict=True)
    ]
    table["ts"] = [timestamp(ts) for ts in events.ts]
    table["actor"] = events.actor
    table["user_id"] = events.user_id
    table["is_imported"] = events.is_imported


def described(events: Any, table: Table) -> None:
    """What happened, on which page."""
    for column in ("type", "name", "path", "hostname", "title"):
        table[column] = getattr(events, column)
    table["properties"] = [properties_text(properties) for properties in events.properties]


def placed(events: Any, table: Table) -> None:
    """Where the visitor is, and in which language; both were read at collection, which knows the address."""
    for column in ("country", "region", "city", "language"):
        table[column] = getattr(events, column)


def equipped(events: Any, table: Table) -> None:
    """Browser, system, device and screen: what the client or its hints said, else what the agent says."""
    known = {agent: parse(agent) for agent in set(events.user_agent)}
    agents = [known[agent] for agent in events.user_agent]
    table["device"] = [
        said or agent.device for said, agent in zip(events.device, agents, strict=True)
    ]
    for name in ("browser", "os"):
        version = f"{name}_version"
        said = list(zip(getattr(events, name), getattr(events, version), agents, strict=True))
        table[name] = [own or getattr(agent, name) for own, _, agent in said]
        # The version of what the agent says is none of what the client says.
        table[version] = [
            own_version or ("" if own else getattr(agent, version))
            for own, own_version, agent in said
        ]
    table["screen_size"] = events.screen_size


def referred(events: Any, table: Table) -> None:
    """Which page and which campaign the visitor came from, and the name of that source."""
    pages = list(zip(events.referrer, events.hostname, strict=True))
    known = {page: referrer(*page) for page in set(pages)}
    found = [known[page] for page in pages]
    table["referrer"] = [page for page, _ in found]
    table[HOST] = [host for _, host in found]
    named = list(zip(events.utm_source, table[HOST], strict=True))
    sources = {each: source(*each) for each in set(named)}
    table["source"] = [sources[each] for each in named]
    for column in ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"):
        table[column] = getattr(events, column)


def channelled(events: Any, table: Table) -> None:
    """Which channel that is."""
    visits = list(
        zip(
            events.utm_source,
            events.utm_medium,
            events.utm_campaign,
            table[HOST],
            events.click_id,
            strict=True,
        )
    )
    known = {
        visit: channel(
            utm_source=visit[0],
            utm_medium=visit[1],
            utm_campaign=visit[2],
            referrer_host=visit[3],
            click_id=visit[4],
        )
        for visit in set(visits)
    }
    table["channel"] = [known[visit] for visit in visits]


def judged(events: Any, table: Table) -> None:
    """Whether it is a bot's, and why: its agent, its connection, a referrer that somebody made up."""
    by_agent = {agent: bot_reason(agent) for agent in set(events.user_agent)}
    hosts = table[HOST]
    spammers = {host for host in set(hosts) if spam(host)}
    table["bot_reason"] = [
        by_agent[agent] or hint or ("referrer_spam" if host in spammers else "")
        for agent, hint, host in zip(events.user_agent, events.bot_hint, hosts, strict=True)
    ]
    table["is_bot"] = [bool(reason) for reason in table["bot_reason"]]


STEPS: tuple[Step, ...] = (
    identified,
    described,
    placed,
    equipped,
    referred,
    channelled,
    judged,
)


def properties_text(properties: dict[str, Any]) -> str:
    """Properties as the store keeps them: a flat JSON object of texts, "" when there are none."""
    return compact(properties) if properties else ""
