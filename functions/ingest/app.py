"""SQS batch of accepted events: stored; the messages that have to come again are named."""

from typing import Any
from zoneinfo import ZoneInfo

from footfall import wiring
from footfall.ingest.batch import ingest


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Store the messages of one SQS event. Raises when the store does not answer: then all come again."""
    messages = {record["messageId"]: record["body"] for record in event["Records"]}
    failed = ingest(messages, wiring.store(), wiring.event_queue(), zone_of)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def zone_of(site_id: str) -> ZoneInfo:
    """The zone of a site as it is at this moment: what is noted of its days must not be of the zone before."""
    return wiring.registry().stored_site(site_id).zone
