"""A whole dashboard as a page asks for it: one POST /query through the function that answers it on AWS."""

import base64
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bench.measure import MeteredStore
from bench.traffic import MAIN
from footfall import wiring

KPIS = ("visitors", "pageviews", "sessions", "bounce_rate", "avg_duration")
LISTS = ("page", "source", "channel", "country", "city", "device", "browser", "os")
API_KEY = "ffa_bench"


class NoQueue:
    """A queue in which nothing waits."""

    def waiting(self) -> int:
        """How many messages wait: none."""
        return 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request answered, and the metas of its parts."""

    results: list[Any]
    sources: set[str]
    rows_read: int


def wire(store: MeteredStore, folder: str, zone: str) -> None:
    """Make the functions of this process read this store, as site `main`."""
    os.environ |= {
        "STORE_URL": f"chdb://{folder}",
        "SITE_ID": MAIN,
        "SITE_TIMEZONE": zone,
        "API_KEY_SHA256": hashlib.sha256(API_KEY.encode()).hexdigest(),
        "AWS_LAMBDA_FUNCTION_NAME": "query",
        "POWERTOOLS_METRICS_DISABLED": "true",
        "LOG_LEVEL": "ERROR",
    }
    wiring.reset()
    wiring.store = lambda: store  # type: ignore[assignment]
    wiring.event_queue = NoQueue  # type: ignore[assignment]


def kpis(first: date, end: date) -> dict[str, Any]:
    """The five numbers with those of the previous period."""
    return query(KPIS, first, end) | {"include": {"compare": "previous"}}


def queries(first: date, end: date, lists: Sequence[str] = LISTS) -> list[dict[str, Any]]:
    """The questions of a dashboard over the days [first, end)."""
    return [
        kpis(first, end),
        query(("visitors", "pageviews"), first, end, dimensions=["time:day"]),
        *(
            query(
                ("visitors",),
                first,
                end,
                dimensions=[name],
                order_by=[["visitors", "desc"]],
                pagination={"limit": 10},
            )
            for name in lists
        ),
    ]


def query(metrics: Sequence[str], first: date, end: date, **more: Any) -> dict[str, Any]:
    """One question over the days [first, end)."""
    last = end - timedelta(days=1)
    return {"metrics": list(metrics), "date_range": [str(first), str(last)], **more}


def ask(asked: Sequence[Mapping[str, Any]]) -> Answer:
    """Answer questions in one request. Raises RuntimeError for what is refused."""
    from functions.query.app import lambda_handler

    answered = lambda_handler(_post("/query", list(asked)), None)
    body = json.loads(answered["body"])
    if answered["statusCode"] != 200:
        raise RuntimeError(f"{answered['statusCode']} {body}")
    for part in body:
        if "error" in part:
            raise RuntimeError(str(part["error"]))
    metas = [part["meta"] for part in body]
    return Answer(
        [part["results"] for part in body],
        {meta["source"] for meta in metas},
        sum(meta["rows_read"] for meta in metas),
    )


def _post(path: str, body: object) -> dict[str, Any]:
    """An event of API Gateway's HTTP API, payload format 2.0."""
    text = json.dumps(body)
    return {
        "version": "2.0",
        "routeKey": f"POST {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"authorization": f"Bearer {API_KEY}", "content-type": "application/json"},
        "requestContext": {
            "http": {"method": "POST", "path": path, "sourceIp": "203.0.113.7"},
            "requestId": "bench",
            "stage": "$default",
        },
        "body": base64.b64encode(text.encode()).decode(),
        "isBase64Encoded": True,
    }
