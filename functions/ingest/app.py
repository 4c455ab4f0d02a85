"""SQS batch of accepted events: stored; the messages that have to come again are named."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from footfall import deadline, telemetry, wiring
from footfall.ingest.batch import ingest


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Store the messages of one SQS event. Raises when the store does not answer: then all come again."""
    records = event["Records"]
    messages = {record["messageId"]: record["body"] for record in records}
    before = Counter(wiring.store().inserted)
    with telemetry.invocation("ingest", context), deadline.within(context):
        try:
            failed = ingest(messages, wiring.store(), wiring.event_queue(), zone_of)
        except Exception:
            telemetry.count(InsertFailures=1, IngestDelay=delay_ms(records))
            raise
        stored = wiring.store().inserted - before
        telemetry.count(
            EventsStored=stored["events"],
            EventsRefused=stored["rejects"],
            MessagesFailed=len(failed),
            IngestDelay=delay_ms(records),
        )
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def delay_ms(records: Sequence[dict[str, Any]]) -> int:
    """How long ago the oldest of the messages was sent."""
    sent = [int(record.get("attributes", {}).get("SentTimestamp", 0)) for record in records]
    known = [ms for ms in sent if ms]
    return max(0, time.time_ns() // 1_000_000 - min(known)) if known else 0


def zone_of(site_id: str) -> ZoneInfo:
    """The zone of a site as it is at this moment: what is noted of its days must not be of the zone before."""
    return wiring.registry().stored_site(site_id).zone
