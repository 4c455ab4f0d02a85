"""STEPS: what makes a row of `events` out of an event, in order. The list is the specification.

Each step reads the event and writes columns of the row to come (sql/migrations/0001_create_events.sql); some read what
an earlier one wrote. None drops anything: what was accepted is stored, and what looks like a bot is marked.
"""

import json
from collections.abc import Callable
from typing import Any

from footfall.days import timestamp
from footfall.event import Event, stored_id
from footfall.ingest.channel import channel
from footfall.ingest.referrer import referrer, spam
from footfall.ingest.source import source
from footfall.tombstones import NEWEST_VERSION
from footfall.user_agent import bot_reason, parse

Row = dict[str, Any]
Step = Callable[[Event, Row], None]


def identified(event: Event, row: Row) -> None:
    """Which delivery this is, when it happened and whose it is."""
    row["site_id"] = event.site_id
    row["event_id"] = stored_id(event.event_id)
    row["version"] = NEWEST_VERSION - event.receipt
    row["ts"] = timestamp(event.ts)
    row["actor"] = event.actor
    row["user_id"] = event.user_id
    row["is_imported"] = event.is_imported


def described(event: Event, row: Row) -> None:
    """What happened, on which page."""
    row["type"] = event.type
    row["name"] = event.name
    row["path"] = event.path
    row["hostname"] = event.hostname
    row["title"] = event.title
    row["properties"] = properties_text(event.properties)


def placed(event: Event, row: Row) -> None:
    """Where the visitor is, and in which language; both were read at collection, which knows the address."""
    row["country"] = event.country
    row["region"] = event.region
    row["city"] = event.city
    row["language"] = event.language


def equipped(event: Event, row: Row) -> None:
    """Browser, system, device and screen: what the client or its hints said, else what the agent says."""
    agent = parse(event.user_agent)
    row["device"] = event.device or agent.device
    row["browser"] = event.browser or agent.browser
    row["browser_version"] = event.browser_version or (
        "" if event.browser else agent.browser_version
    )
    row["os"] = event.os or agent.os
    row["os_version"] = event.os_version or ("" if event.os else agent.os_version)
    row["screen_size"] = event.screen_size


def referred(event: Event, row: Row) -> None:
    """Which page and which campaign the visitor came from, and the name of that source."""
    row["referrer"], host = referrer(event.referrer, event.hostname)
    row["source"] = source(event.utm_source, host)
    row["utm_source"] = event.utm_source
    row["utm_medium"] = event.utm_medium
    row["utm_campaign"] = event.utm_campaign
    row["utm_term"] = event.utm_term
    row["utm_content"] = event.utm_content


def channelled(event: Event, row: Row) -> None:
    """Which channel that is."""
    row["channel"] = channel(
        utm_source=event.utm_source,
        utm_medium=event.utm_medium,
        utm_campaign=event.utm_campaign,
        referrer_host=referrer(event.referrer, event.hostname)[1],
        click_id=event.click_id,
    )


def judged(event: Event, row: Row) -> None:
    """Whether it is a bot's, and why: its agent, its connection, a referrer that somebody made up."""
    reason = bot_reason(event.user_agent) or event.bot_hint
    if not reason and spam(referrer(event.referrer, event.hostname)[1]):
        reason = "referrer_spam"
    row["is_bot"] = bool(reason)
    row["bot_reason"] = reason


STEPS: tuple[Step, ...] = (
    identified,
    described,
    placed,
    equipped,
    referred,
    channelled,
    judged,
)


_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def properties_text(properties: dict[str, Any]) -> str:
    """Properties as the store keeps them: a flat JSON object of texts, "" when there are none."""
    return _encoded(properties) if properties else ""
