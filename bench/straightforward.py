# ruff: noqa: N815 - the names of the wire
"""A collector as one writes it first: the same duties as ours, with the same libraries, each used as its manual shows.

A resolver routes, pydantic validates every event, redis-py sends one command after the other, boto3 sends the message.
"""

import json
import time
import uuid
from datetime import UTC, datetime
from typing import Any, Literal

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.exceptions import UnauthorizedError
from is_bot import Bots
from pydantic import BaseModel, Field

KEEP_MS = 31 * 60_000
BOTS = Bots()


class Page(BaseModel):
    """Where an event happened."""

    path: str | None = None
    url: str | None = None
    title: str | None = None
    referrer: str | None = None


class Screen(BaseModel):
    """How large the screen is."""

    width: int
    height: int


class Context(BaseModel):
    """What surrounds an event."""

    locale: str | None = None
    screen: Screen | None = None
    consent: Literal["granted", "denied", "withheld"] | None = None


class Item(BaseModel):
    """An event of a batch."""

    type: Literal["pageview", "screen", "track", "identify"]
    eventId: str = Field(default_factory=lambda: str(uuid.uuid4()), max_length=128)
    anonymousId: str | None = None
    userId: str | None = None
    timestamp: datetime | None = None
    page: Page = Page()
    context: Context = Context()


class Batch(BaseModel):
    """The body of a request."""

    batch: list[Item]


class Collector:
    """The handler, on engines that come in as arguments."""

    def __init__(self, counters: Any, sqs: Any, queue_url: str, write_key: str, site: str) -> None:
        self.counters, self.sqs, self.queue_url = counters, sqs, queue_url
        self.write_key, self.site = write_key, site
        self.app = APIGatewayHttpResolver()
        self.app.post("/batch")(self.collect)

    def lambda_handler(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Answer one HTTP request."""
        return self.app.resolve(event, context)

    def collect(self) -> dict[str, Any]:
        """Count the events of the body and queue them."""
        request = self.app.current_event
        if request.headers.get("x-write-key") != self.write_key:
            raise UnauthorizedError("wrong key")
        user_agent = request.headers.get("user-agent", "")
        body = Batch.model_validate_json(request.decoded_body or "{}")
        now_ms = time.time_ns() // 1_000_000
        for item in body.batch:
            if item.type == "pageview" and not BOTS.is_bot(user_agent):
                self.count(item, now_ms)
        events = [
            item.model_dump(mode="json", exclude_none=True)
            | {"site": self.site, "received_at": now_ms, "user_agent": user_agent}
            for item in body.batch
        ]
        self.sqs.send_message(QueueUrl=self.queue_url, MessageBody=json.dumps({"events": events}))
        return {
            "accepted": len(events),
            "eventIds": [item.eventId for item in body.batch],
            "rejected": [],
        }

    def count(self, item: Item, now_ms: int) -> None:
        """The live counters of a pageview."""
        actor = item.anonymousId or item.userId or ""
        members = {
            "active": actor,
            "pageviews": item.eventId,
            "pages": f"{actor} {item.page.path or item.page.url}",
        }
        for name, member in members.items():
            key = f"straight:{self.site}:{name}"
            self.counters.zadd(key, {member: now_ms})
            self.counters.zremrangebyscore(key, "-inf", now_ms - KEEP_MS)
            self.counters.expire(key, KEEP_MS // 1000)
        day = f"straight:{self.site}:day:{datetime.now(UTC).date()}"
        self.counters.hincrby(day, "pageviews", 1)
        self.counters.hincrby(day, "events", 1)
        self.counters.expire(day, 3 * 86_400)
