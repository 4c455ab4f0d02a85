"""An event becomes a row of `events`: the columns in one place, each with where it comes from."""

import json
from datetime import UTC, datetime
from typing import Any

from footfall.event import Event, event_uuid
from footfall.ingest.channel import channel
from footfall.ingest.referrer import referrer, spam
from footfall.ingest.source import source
from footfall.tombstones import NEWEST_VERSION
from footfall.user_agent import bot_reason, parse


def row(event: Event) -> dict[str, Any]:
    """The row of an event, by column of sql/migrations/0001_create_events.sql."""
    agent = parse(event.user_agent)
    referring_url, referring_host = referrer(event.referrer, event.hostname)
    reason = bot_reason(event.user_agent) or ("referrer_spam" if spam(referring_host) else "")
    return {
        "site_id": event.site_id,
        "event_id": str(event_uuid(event.event_id)),
        "version": NEWEST_VERSION - event.receipt,
        "ts": timestamp(event.ts),
        "type": event.type,
        "name": event.name,
        "actor": event.actor,
        "user_id": event.user_id,
        "path": event.path,
        "hostname": event.hostname,
        "title": event.title,
        "referrer": referring_url,
        "source": source(event.utm_source, referring_host),
        "channel": channel(
            utm_source=event.utm_source,
            utm_medium=event.utm_medium,
            utm_campaign=event.utm_campaign,
            referrer_host=referring_host,
        ),
        "utm_source": event.utm_source,
        "utm_medium": event.utm_medium,
        "utm_campaign": event.utm_campaign,
        "utm_term": event.utm_term,
        "utm_content": event.utm_content,
        "country": event.country,
        "region": event.region,
        "city": event.city,
        "device": event.device or agent.device,
        "browser": event.browser or agent.browser,
        "browser_version": event.browser_version
        or ("" if event.browser else agent.browser_version),
        "os": event.os or agent.os,
        "os_version": event.os_version or ("" if event.os else agent.os_version),
        "language": event.language,
        "screen_size": event.screen_size,
        "is_bot": bool(reason),
        "bot_reason": reason,
        "is_imported": event.is_imported,
        "properties": properties_text(event.properties),
    }


def properties_text(properties: dict[str, Any]) -> str:
    """Properties as the store keeps them: a flat JSON object of texts, "" when there are none."""
    return json.dumps(properties, ensure_ascii=False, separators=(",", ":")) if properties else ""


def timestamp(ms: int) -> str:
    """A time in ms since 1970 as the store reads it: `2026-03-01 12:00:00.000`, UTC."""
    return (
        datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S") + f".{ms % 1000:03d}"
    )
