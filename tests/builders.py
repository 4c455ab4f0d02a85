"""What tests are made of: the product put together on the engines of conftest.py, and sample requests."""

import importlib.util
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from footfall.collect.accept import Collector, Sender, accept_batch, accept_event, accept_import
from footfall.counters import Counters
from footfall.errors import Unavailable
from footfall.event_queue import EventQueue
from footfall.ingest.batch import ingest
from footfall.keys import digest
from footfall.location import Location
from footfall.query.ask import ask, ask_queries
from footfall.registry.registry import Default, Registry
from footfall.rollup.run import run
from footfall.salts import Salts
from footfall.site import Site
from footfall.store import Store
from footfall.watchers import Feed, Watchers

FUNCTIONS = Path(__file__).parents[1] / "functions"
Send = Callable[..., tuple[int, Any, dict[str, str]]]
"""An HTTP request through its doorway: status, body (parsed where it is JSON), headers."""
WRITE_KEY, API_KEY = "ffw_default_test", "ffa_test"
BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML) Chrome/140.0.0.0 Safari/537.36"


def at(text: str) -> int:
    """An ISO time (UTC) in ms since 1970."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def nowhere(ip: str) -> Location:
    """The place of an address without a database."""
    return Location("", "", "")


@dataclass
class Product:
    """Requests in, numbers out."""

    store: Store
    counters: Counters
    queue: EventQueue
    sqs: Any
    site: Site = field(default_factory=lambda: Site(id="default"))
    locate: Callable[[str], Location] = nowhere
    announced: list[tuple[str, int]] = field(default_factory=list)
    """Pushes that collect has announced: the site, and in how many seconds."""
    _collector: Collector | None = field(default=None, repr=False)
    _registry: Registry | None = field(default=None, repr=False)

    @property
    def registry(self) -> Registry:
        """The registry of a process, whose default site is the product's."""
        if self._registry is None or self._registry.default.site != self.site:
            default = Default(self.site, WRITE_KEY, digest(API_KEY))
            self._registry = Registry(default, self.counters, self.store)
        return self._registry

    @property
    def collector(self) -> Collector:
        """What collecting needs; made once, so that salts are remembered as a warm function remembers them."""
        if self._collector is None:
            self._collector = Collector(
                registry=self.registry,
                allow_keyless=True,
                queue=self.queue,
                counters=self.counters,
                salts=Salts(self.counters),
                locate=self.locate,
                feed=Feed(self.watchers, lambda *push: self.announced.append(push)),
            )
        return self._collector

    @property
    def watchers(self) -> Watchers:
        """Who watches."""
        return Watchers(self.counters._valkey)

    def forget(self) -> None:
        """Be a process that has just started: nothing is remembered, salts least of all."""
        self._collector = self._registry = None

    def post(
        self,
        path: str,
        body: dict[str, Any],
        now_ms: int,
        *,
        key: str = WRITE_KEY,
        ip: str = "203.0.113.7",
        user_agent: str = BROWSER,
    ) -> dict[str, Any]:
        """Collect one request; raises what the collector refuses it with."""
        sender = Sender(key, ip, user_agent)
        if path == "/batch":
            return accept_batch(body, sender, now_ms, self.collector)
        if path == "/import":
            return accept_import(body, sender, now_ms, self.collector)
        return accept_event(path.removeprefix("/"), body, sender, now_ms, self.collector)

    def zone_of(self, site_id: str) -> ZoneInfo:
        """The time zone of a site."""
        return self.site_of(site_id).zone

    def drain(self) -> int:
        """Ingest everything that waits, as the SQS trigger does; how many messages there were."""
        count = 0
        while messages := self.receive():
            bodies = {message["MessageId"]: message["Body"] for message in messages}
            failed = ingest(bodies, self.store, self.queue, self.zone_of)
            for message in messages:
                if message["MessageId"] not in failed:
                    self.sqs.delete_message(
                        QueueUrl=self.queue.url, ReceiptHandle=message["ReceiptHandle"]
                    )
            count += len(messages)
        return count

    def roll_up(self, store: Store | None = None) -> dict[str, Any]:
        """Do one scheduled run, over everything that changed; `store` may be one that breaks."""
        used = store or self.store
        return run(datetime.now(UTC), used, self.queue, self.site_of, eager=True)

    def site_of(self, site_id: str) -> Site:
        """The site of an id, as the store has it; the product's own and unknown ones need not be registered."""
        return self.registry.stored_site(site_id)

    def receive(self) -> list[dict[str, Any]]:
        """Up to ten messages of the queue, now in flight."""
        answer = self.sqs.receive_message(QueueUrl=self.queue.url, MaxNumberOfMessages=10)
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    def ask(self, name: str, now_ms: int, **parameters: Any) -> Any:
        """The answer to a question; parameters that are no text are sent as JSON."""
        given = {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in parameters.items()
        }
        return ask(name, given, self.site, now_ms, self.store, self.queue)

    def query(self, body: Any, now_ms: int) -> Any:
        """The answer to the body of POST /query."""
        return ask_queries(body, self.site, now_ms, self.store, self.queue)

    def metrics(self, now_ms: int, metrics: str, **parameters: Any) -> dict[str, Any]:
        """Just the values of metrics."""
        answer = self.ask("metrics", now_ms, metrics=metrics, compare="none", **parameters)
        return {name: numbers["value"] for name, numbers in answer["metrics"].items()}

    def rows(self, now_ms: int, dimension: str, **parameters: Any) -> dict[str, Any]:
        """A breakdown as value by name."""
        answer = self.ask("breakdown", now_ms, dimension=dimension, **parameters)
        return {row["dimension"]: row["value"] for row in answer["data"]}


class Breaking(Store):
    """A store that breaks for good at its `at`-th write."""

    def __init__(self, store: Store, at: int) -> None:
        self._whole = store
        self._left = at
        self.select = store.select  # type: ignore[method-assign]

    def insert(self, table: str, rows: Any) -> None:
        """Insert, unless it is time to break."""
        self._count()
        self._whole.insert(table, rows)

    def insert_columns(self, table: str, columns: Any) -> None:
        """Insert, unless it is time to break."""
        self._count()
        self._whole.insert_columns(table, columns)

    def execute(self, sql: str, parameters: Any = None, settings: Any = None) -> None:
        """Execute, unless it is time to break."""
        self._count()
        self._whole.execute(sql, parameters, settings)

    @property
    def is_broken(self) -> bool:
        """Whether it has broken."""
        return self._left <= 0

    def _count(self) -> None:
        self._left -= 1
        if self._left <= 0:
            raise Unavailable("store_unavailable", "It broke.")


def pageview(anonymous_id: str = "v1", path: str = "/", **changes: Any) -> dict[str, Any]:
    """A pageview as an item of a batch."""
    return {"type": "pageview", "anonymousId": anonymous_id, "page": {"path": path}} | changes


def track(anonymous_id: str = "v1", name: str = "signup", **changes: Any) -> dict[str, Any]:
    """A track as an item of a batch."""
    return {"type": "track", "anonymousId": anonymous_id, "event": {"name": name}} | changes


def http_event(
    method: str,
    path: str,
    *,
    body: str | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    is_base64: bool = False,
) -> dict[str, Any]:
    """An API Gateway v2 event (payload 2.0) of a request."""
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": urlencode(query or {}, errors="replace"),
        "headers": {"user-agent": BROWSER, "content-type": "application/json", **(headers or {})},
        "requestContext": {
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": BROWSER,
            },
            "requestId": "test",
            "timeEpoch": 0,
        },
        "isBase64Encoded": is_base64,
    }
    if body is not None:
        event["body"] = body
    if query:
        event["queryStringParameters"] = dict(query)
    return event


def doorway(name: str) -> Any:
    """The module functions/<name>/app.py."""
    spec = importlib.util.spec_from_file_location(f"doorway_{name}", FUNCTIONS / name / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
