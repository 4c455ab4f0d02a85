"""`make sam-local`: every built function in a Lambda-like container, against the engines of a local stack of their own.

A pageview goes collect -> SQS -> ingest -> rollup -> query through the handlers in their containers, the others answer
one event each. Then `sam local invoke` and `sam local start-api` are tried as a person would. Where there is no
container engine, nor the means to set one up, this says so and counts as passed.
"""

import fcntl
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

ROOT = Path(__file__).parents[1]
EVENTS = ROOT / "events"
SAM = ROOT / ".venv-sam" / "bin" / "sam"
STAND_IN = ROOT.parent / "shared" / "sam-local" / "sam-local-image"
"""Builds the image of Lambda's runtime where no container registry can be reached."""
START_SECONDS = 300
SIOCGIFADDR = 0x8915
"""Linux's question for the address of a network interface."""
REGION = "eu-central-1"

Answer = Any
Is = Callable[[Answer], bool]


def main(architecture: str) -> int:
    """Invoke the functions; the exit status."""
    if not make_ready(architecture):
        return 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with stack(folder) as keys:
            sam = Sam(folder, keys, architecture)
            with sam.serving("start-lambda", "EAGER") as address:
                travel(Functions(address), keys)
            sam.invoke("CollectFunction", EVENTS / "collect-health.json")
            with sam.serving("start-api", "LAZY") as address:
                knock(address)
    print(f"sam local: all functions answered in containers ({time.monotonic() - began:.0f} s)")
    return 0


def travel(functions: "Functions", keys: Mapping[str, str]) -> None:
    """One pageview on its whole way, and every other function once."""
    queue = Queue(keys)
    functions.tell("setup", event("setup-migrate"), lambda a: a == {"applied": []})
    functions.tell("counters", event("counters-read"), lambda a: a["answers"][0] == "PONG")
    functions.tell("admin", event("admin-schedule"), lambda a: a["sites"] >= 0)
    functions.tell("salts", event("salts-schedule"), lambda a: isinstance(a, dict))
    sent = event("collect-pageview")
    sent["headers"]["x-write-key"] = keys["write_key"]
    functions.tell("collect", sent, lambda a: bool(body(a)["eventId"]))
    functions.tell("ingest", queue.receive(), lambda a: a == {"batchItemFailures": []})
    functions.tell("rollup", event("rollup-schedule"), lambda a: isinstance(a, dict))
    question = event("query-metrics", keys)
    functions.tell("query", question, lambda a: body(a)["metrics"]["pageviews"]["value"] == 1)
    functions.tell("realtime", event("realtime", keys), lambda a: body(a)["activeUsers"] == 1)
    ticket = event("realtime-ticket", keys)
    opening, asking = event("live-connect"), event("live-ping")
    told = functions.tell("realtime", ticket, lambda a: bool(body(a)["ticket"]))
    opening["queryStringParameters"]["ticket"] = body(told)["ticket"]
    functions.tell("live", opening, lambda a: a == {"statusCode": 200})
    functions.tell("live", asking, lambda a: body(a)["activeUsers"] == 1)
    # The container's socket is none of the gateway's: something happens, and it is found to be gone.
    sent["body"] = json.dumps({"anonymousId": "v1", "page": {"path": "/watched"}})
    functions.tell("collect", sent, lambda a: bool(body(a)["eventId"]))
    gone = {"reached": 0, "gone": 1, "missed": 0}
    functions.tell("push", event("push-batch"), lambda a: a == gone)
    functions.tell("live", event("live-disconnect"), lambda a: a == {"statusCode": 200})
    functions.tell("privacy", event("privacy-export", keys), lambda a: a["statusCode"] == 200)
    functions.tell("shares", event("shares-page"), lambda a: a["statusCode"] == 200)
    functions.tell("shares", event("shares-session"), lambda a: "code" in json.loads(a["body"]))
    missing = {path.name for path in (ROOT / "functions").iterdir()} - functions.told
    if missing:
        raise SystemExit(f"not invoked: {missing}")


def knock(address: str) -> None:
    """What start-api can: plain JSON. (It breaks bodies that are no text; HTTP is our own gateway's.)"""
    if not (state := get(f"{address}/health")) or state["engines"]["queue"] != "ok":
        raise SystemExit(f"/health answered {state}")
    sent = json.dumps({"anonymousId": "me", "page": {"path": "/"}}).encode()
    request = urllib.request.Request(
        f"{address}/pageview", sent, {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        if answer.status != 200 or not json.load(answer)["eventId"]:
            raise SystemExit("start-api did not take a pageview")
    print("start-api: /health and a pageview")


def event(name: str, keys: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A sample event, with the API key of the stack."""
    found: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    if keys is not None:
        found["headers"]["authorization"] = f"Bearer {keys['api_key']}"
    return found


def body(answer: Answer) -> Any:
    """The JSON of an HTTP answer; {} where it was none or no success."""
    return json.loads(answer["body"]) if answer.get("statusCode") == 200 else {}


class Functions:
    """The functions in their containers."""

    def __init__(self, address: str) -> None:
        self._client = boto3.client(
            "lambda",
            endpoint_url=address,
            region_name=REGION,
            aws_access_key_id="x",
            aws_secret_access_key="x",
            config=Config(read_timeout=120, retries={"total_max_attempts": 1}),
        )
        self.told: set[str] = set()

    def tell(self, word: str, asked: Mapping[str, Any], is_right: Is) -> Answer:
        """Invoke a function and look at its answer."""
        began = time.monotonic()
        answered = self._client.invoke(
            FunctionName=f"{word.capitalize()}Function", Payload=json.dumps(asked)
        )
        answer = json.loads(answered["Payload"].read())
        try:
            right = "FunctionError" not in answered and is_right(answer)
        except (LookupError, TypeError, ValueError):
            right = False
        if not right:
            raise SystemExit(f"{word}: not the answer that was expected: {answer}")
        self.told.add(word)
        print(f"{word:<9} {time.monotonic() - began:4.1f} s  {json.dumps(answer)[:110]}")
        return answer


class Queue:
    """The events queue, which nothing else reads."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._client = boto3.client(
            "sqs",
            endpoint_url=keys["sqs"],
            region_name=REGION,
            aws_access_key_id=keys["queue_access_key"],
            aws_secret_access_key=keys["queue_secret_key"],
        )
        self._url = self._client.get_queue_url(QueueName="EventsQueue")["QueueUrl"]

    def receive(self) -> dict[str, Any]:
        """What waits, as Lambda gets it."""
        found = self._client.receive_message(
            QueueUrl=self._url, WaitTimeSeconds=5, MaxNumberOfMessages=10
        ).get("Messages", [])
        if not found:
            raise SystemExit("the pageview is not on the queue")
        sample = event("ingest-batch")["Records"][0]
        return {
            "Records": [
                sample
                | {
                    "messageId": message["MessageId"],
                    "receiptHandle": message["ReceiptHandle"],
                    "body": message["Body"],
                }
                for message in found
            ]
        }


class Sam:
    """The SAM command line, told of a stack."""

    def __init__(self, folder: Path, keys: Mapping[str, str], architecture: str) -> None:
        self._options = [
            "--env-vars", str(folder / "env.json"), "--skip-pull-image",
            "--parameter-overrides", f"Architecture={architecture}",
        ]  # fmt: skip
        if sys.platform == "linux":
            self._options += ["--add-host", "host.docker.internal:host-gateway"]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._environ = kept | {
            "AWS_ACCESS_KEY_ID": keys["queue_access_key"],
            "AWS_SECRET_ACCESS_KEY": keys["queue_secret_key"],
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            # SAM would ask AWS for the account of these keys, and wait.
            "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9",
            "AWS_MAX_ATTEMPTS": "1",
            "SAM_CLI_TELEMETRY": "0",
        }

    def invoke(self, name: str, path: Path) -> None:
        """`sam local invoke`, as a person would."""
        done = subprocess.run(
            [SAM, "local", "invoke", name, "--event", str(path), *self._options],
            cwd=ROOT,
            env=self._environ,
            capture_output=True,
            text=True,
            check=False,
        )
        try:
            answer = json.loads(done.stdout.strip().splitlines()[-1])
            if answer["statusCode"] != 200:
                raise ValueError("no success")
        except (ValueError, LookupError, TypeError):
            raise SystemExit(f"{name} did not answer:\n{done.stdout}\n{done.stderr}") from None
        print(f"sam local invoke {name}: {answer['statusCode']} {answer['body'][:80]}")

    @contextmanager
    def serving(self, command: str, containers_are: str) -> Iterator[str]:
        """A server of SAM's, whose containers start at once (EAGER) or when they are needed (LAZY); its address."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        before = containers()
        with tempfile.TemporaryFile("w+") as log:
            process = subprocess.Popen(
                [
                    SAM, "local", command, "--port", str(port), "--warm-containers", containers_are,
                    *self._options,
                ],
                cwd=ROOT,
                env=self._environ,
                stdout=log,
                stderr=subprocess.STDOUT,
            )  # fmt: skip
            try:
                wait_until_open(port, process, log)
                yield f"http://127.0.0.1:{port}"
            except (SystemExit, OSError):
                log.seek(0)
                print(log.read()[-6_000:], file=sys.stderr)
                raise
            finally:
                process.terminate()
                process.wait(60)
                # SAM leaves those behind whose function was replaced.
                for left in containers() - before:
                    subprocess.run(["docker", "rm", "-f", left], capture_output=True, check=False)


def containers() -> set[str]:
    """The containers that run."""
    done = subprocess.run(["docker", "ps", "-q"], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def wait_until_open(port: int, process: "subprocess.Popen[str]", log: Any) -> None:
    """Wait for a server to listen."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("sam local does not start")


def make_ready(architecture: str) -> bool:
    """Whether containers can be run here with Lambda's image, which is set up where that is possible."""
    if STAND_IN.is_file() and os.geteuid() == 0:
        subprocess.run([STAND_IN, "--arch", architecture], check=False)
    if not shutil.which("docker") or not succeeds("docker", "info"):
        print("sam local: skipped, no container engine runs here")
        return False
    image = f"public.ecr.aws/lambda/python:3.13-{architecture}"
    if not succeeds("docker", "image", "inspect", image) and not succeeds(
        "docker", "pull", "--quiet", image
    ):
        print(f"sam local: skipped, the image {image} is not here and cannot be fetched")
        return False
    return True


def succeeds(*command: str) -> bool:
    """Whether a command does, within five minutes."""
    try:
        return (
            subprocess.run(command, capture_output=True, check=False, timeout=300).returncode == 0
        )
    except subprocess.TimeoutExpired:
        return False


@contextmanager
def stack(folder: Path) -> Iterator[dict[str, str]]:
    """A local stack whose engines a container can reach and whose triggers do nothing; its keys."""
    command = [sys.executable, "-m", "local", "--port", "0", "--data", str(folder), "--no-triggers"]
    address = bridge_address()
    if address:
        command += ["--engines-host", address]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        keys = wait_until_ready(folder, process)
        told = json.loads((folder / "env.json").read_text())["Parameters"]
        yield keys | {
            "sqs": told["AWS_ENDPOINT_URL_SQS"].replace(
                "host.docker.internal", address or "127.0.0.1"
            )
        }
    finally:
        process.terminate()
        process.wait(60)


def bridge_address() -> str | None:
    """This machine's address on the network of its containers.

    None where there is none, as on macOS: there containers reach what listens on 127.0.0.1.
    """
    if sys.platform != "linux":
        return None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("256s", b"docker0")
        answer = fcntl.ioctl(any_socket.fileno(), SIOCGIFADDR, request)
    return socket.inet_ntoa(answer[20:24])


def wait_until_ready(folder: Path, process: "subprocess.Popen[bytes]") -> dict[str, str]:
    """The keys of a stack, once it answers."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            keys: dict[str, str] = json.loads((folder / "keys.json").read_text())
        except OSError:
            keys = {}
        if keys and get(f"{keys['url']}/health"):
            return keys
        time.sleep(0.2)
    raise SystemExit("the local stack does not start")


def get(url: str) -> dict[str, Any]:
    """The JSON at an address; {} while it does not answer."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            told: dict[str, Any] = json.load(answer)
    except (OSError, ValueError):
        return {}
    return told


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
