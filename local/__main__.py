"""`python -m local`: everything that is deployed, in one process on one data folder, until Ctrl-C.

Starts the engines, brings the store's tables up to date, and serves the template's routes, queue triggers and
schedules. What was answered 200 is on disk in the queue; whatever ends this process, the next start goes on from there.
"""

import argparse
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import chdb
import uvicorn

from footfall import wiring
from footfall.lease import let_go_all
from footfall.migrate import migrate
from footfall.store import Store
from footfall_cli import demo
from footfall_cli.client import Client
from footfall_cli.errors import CliError
from footfall_cli.settings import Setting
from local import environment, gateway, keys, scheduler, template
from local.clickhouse_http import READER, WRITER, ClickHouseFront
from local.engines import CountersKeeper, EngineFailed
from local.environment import CONTAINER_HOST, Addresses
from local.folder import FolderInUse, hold
from local.functions import Functions, arn
from local.keys import Keys, KeysError
from local.poller import Poller
from local.sqs import QueueServer
from local.template import Queue, Template, TemplateError
from local.websocket import ConnectionsServer, WebSockets

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "clients" / "dashboard" / "dist"
TRACKER = ROOT / "clients" / "tracker" / "dist"
DATABASE = "footfall"
STOP_SECONDS = 30


class CannotStart(Exception):
    """What a person has to mend first."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop; the exit status is 1 when it could not start."""
    options = _parse(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        with ExitStack() as running:
            _run(options, running)
    except (CannotStart, EngineFailed, FolderInUse, KeysError, TemplateError) as error:
        print(f"Footfall cannot start: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m local", description="Run Footfall on this machine.")
    parser.add_argument(
        "--port", type=_port, default=8787, help="port of the HTTP API (default: 8787)"
    )
    parser.add_argument(
        "--data", default=".footfall", help="folder of everything it keeps (default: .footfall)"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address of the HTTP API (default: 127.0.0.1)"
    )
    parser.add_argument(
        "--engines-host", default="127.0.0.1", help="address of the engines, for containers"
    )
    parser.add_argument(
        "--no-triggers",
        action="store_true",
        help="leave the queue and the schedules to functions that run elsewhere, as in containers",
    )
    parser.add_argument(
        "--demo", action="store_true", help="fill in three months of made-up traffic"
    )
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number < 1 << 16:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return number


def _run(options: argparse.Namespace, running: ExitStack) -> None:
    """Start everything and serve; what was started is stopped by `running`, last first."""
    folder = Path(options.data).expanduser().resolve()
    if {"?", "#"} & set(str(folder)):
        raise CannotStart(f"{folder} holds a ? or #, which the address of a store cannot")
    running.enter_context(hold(folder, _say))
    listener = running.enter_context(_bind(options.host, options.port))
    port = listener.getsockname()[1]
    made = keys.keep(folder / "keys.json", f"http://{options.host}:{port}")
    deployed = template.load(ROOT / "template.yaml")

    sockets = WebSockets()
    addresses = _start_engines(folder, options.engines_host, made, deployed, sockets, running)
    front = _start_front(folder, options.engines_host, port + 1, made, running)
    outside = replace(addresses, store=front.url(WRITER)).seen_from_a_container(
        options.engines_host
    )
    keys.write(folder / "env.json", environment.container_file(made, outside))

    functions = Functions(deployed)
    functions.load()
    stop = threading.Event()
    threads = _background(options, made, deployed, functions, stop)
    running.callback(_stop, stop, threads)
    app = gateway.make_app(deployed, functions.invoke, PAGES, TRACKER, sockets)
    server = gateway.make_server(app)
    _end_by_signal(server)
    # Connections wait from here on, so that whoever reads what is printed can connect.
    listener.listen(socket.SOMAXCONN)
    for thread in threads:
        thread.start()
    _say(_greeting(folder, made, addresses, front))
    server.run(sockets=[listener])
    _say("stopping")


def _start_engines(
    folder: Path,
    host: str,
    made: Keys,
    deployed: Template,
    sockets: WebSockets,
    running: ExitStack,
) -> Addresses:
    """The queue, Valkey, the store and the way to open sockets, and the environment in which functions find them."""
    queue = QueueServer(folder / "queue.db", host, 0, made.queue_access_key, made.queue_secret_key)
    queue.start()
    running.callback(queue.stop)
    # Whoever had received messages has ended: they need not wait for their visibility timeout.
    queue.release()
    counters = CountersKeeper(folder / "valkey", host, made.counters_password, _say)
    running.callback(counters.stop)
    store = f"chdb://{folder / 'store'}"
    connections = ConnectionsServer(sockets, host, 0, made.queue_access_key, made.queue_secret_key)
    connections.start()
    running.callback(connections.stop)
    stage = deployed.sockets.path if deployed.sockets else ""
    addresses = Addresses(
        f"{store}?database={DATABASE}", counters.server.url, queue.url, connections.url + stage
    )
    environment.prepare(os.environ, made, addresses, folder / "salts.json")
    _make_queues(deployed.queues)
    # Open until the other is, or the engine would start twice.
    with closing(Store(store)) as engine:
        engine.execute(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
        running.callback(wiring.store().close)
        migrate(wiring.store())
        # Valkey may be new, or older than the store.
        wiring.registry().carry()
        # Whoever rolled up when this folder was last in use has ended, too.
        let_go_all(wiring.store())
    return addresses


def _make_queues(queues: Mapping[str, Queue]) -> None:
    """The template's queues, with what the template says of them now."""
    sqs = boto3.client("sqs")
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in queues}
    for name, queue in queues.items():
        attributes = {
            "VisibilityTimeout": str(queue.visibility_seconds),
            "MessageRetentionPeriod": str(queue.retention_seconds),
        }
        if queue.dead_letter_queue is not None:
            target = arn("sqs", queue.dead_letter_queue)
            redrive = {"deadLetterTargetArn": target, "maxReceiveCount": queue.max_receive_count}
            attributes["RedrivePolicy"] = json.dumps(redrive)
        sqs.set_queue_attributes(QueueUrl=urls[name], Attributes=attributes)
    sqs.close()


def _start_front(
    folder: Path, host: str, port: int, made: Keys, running: ExitStack
) -> ClickHouseFront:
    """ClickHouse's HTTP interface over the store, on the port after the API's if that is free."""

    def connect() -> Any:
        return chdb.connect(str(folder / "store"))

    passwords = {WRITER: made.store_password, READER: made.reader_password}
    for number in (port, 0):
        front = ClickHouseFront(connect, DATABASE, host, number, passwords, [CONTAINER_HOST])
        try:
            front.start()
        except OSError:
            if number == 0:
                raise
        else:
            break
    running.callback(front.stop)
    return front


def _background(
    options: argparse.Namespace,
    made: Keys,
    deployed: Template,
    functions: Functions,
    stop: threading.Event,
) -> list[threading.Thread]:
    """What runs beside the API, not started yet."""

    def thread(target: Callable[..., object], *arguments: Any) -> threading.Thread:
        return threading.Thread(target=target, args=arguments, daemon=True)

    schedules, sources = deployed.schedules, deployed.sources
    if options.no_triggers:
        schedules, sources = (), ()
    threads = [thread(scheduler.run, schedule, functions.invoke, stop) for schedule in schedules]
    for source in sources:
        sqs = boto3.client("sqs")
        url = sqs.get_queue_url(QueueName=source.queue)["QueueUrl"]
        threads.append(thread(Poller(source, sqs, url, functions.invoke).run, stop))
    if options.demo:
        threads.append(thread(_fill_in, made))
    return threads


def _fill_in(made: Keys) -> None:
    url, key = Setting(made.url, "keys.json"), Setting(made.api_key, "keys.json")
    try:
        tally = demo.fill(lambda: Client(url, key), None, scheduler.utc_now())
    except CliError as error:
        print(f"the made-up traffic could not be sent: {error}", file=sys.stderr, flush=True)
    else:
        _say(f"{tally.accepted:,} made-up events of the last {demo.DAYS} days are in")


def _end_by_signal(server: uvicorn.Server) -> None:
    """From here on signals end the server, and nothing interrupts the way down after it."""

    def end(*_: object) -> None:
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)


def _stop(stop: threading.Event, threads: Sequence[threading.Thread]) -> None:
    """Let what runs in the background finish what it has begun."""
    stop.set()
    for thread in threads:
        if thread.is_alive():
            thread.join(STOP_SECONDS)


@contextmanager
def _bind(host: str, port: int) -> Iterator[socket.socket]:
    """The address of the API, taken but not listened on yet. Raises CannotStart."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
    except OSError as error:
        raise CannotStart(f"{host} is no address of this machine ({error.strerror})") from None
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            raise CannotStart(
                f"port {port} of {host} cannot be had ({error.strerror}); choose another: make run PORT={port + 1}"
            ) from None
        yield listener


def _settings_of_the_command_line(folder: Path, made: Keys) -> str:
    """How the commands below find the keys: by themselves where the folder is the current one's, else told."""
    if folder == Path(".footfall").resolve():
        return "The command line finds its keys where .footfall is; else FOOTFALL_URL and FOOTFALL_API_KEY tell it:\n"
    return f"""The command line finds its keys where .footfall is. These are elsewhere, so tell it first:

  export FOOTFALL_URL={made.url} FOOTFALL_API_KEY={made.api_key}
"""


def _greeting(folder: Path, made: Keys, addresses: Addresses, front: ClickHouseFront) -> str:
    return f"""
Footfall runs on {made.url} until Ctrl-C.

  dashboard  {made.url}/#key={made.api_key}
  store      chDB in {folder / "store"}
             {environment.without_password(front.url(READER))} (for BI tools, the password is in keys.json)
  queue      {addresses.sqs} (SQS on SQLite)
  counters   {environment.without_password(addresses.counters)} (Valkey)
  keys       {folder / "keys.json"} (what to send and read with, and the engines' passwords)

Send a pageview, then ask for it:

  curl {made.url}/pageview -d '{{"anonymousId":"me","page":{{"path":"/hello"}}}}'
  curl '{made.url}/metrics?period=today' -H 'Authorization: Bearer {made.api_key}'

{_settings_of_the_command_line(folder, made)}
  .venv/bin/footfall demo                 three months of made-up traffic
  .venv/bin/footfall metrics 7d           numbers; also timeseries, breakdown page
  .venv/bin/footfall realtime --watch     who is there now
  .venv/bin/footfall doctor               whether everything is well

All routes: {made.url}/docs
"""


def _say(text: str) -> None:
    print(text, flush=True)


def _leave(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
