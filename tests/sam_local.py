"""`make sam-local`: built functions in Lambda-like containers, against the engines of a local stack of their own.

One pageview goes through the collect function in a container, the stack's queue and ingest, and comes back as a number
from the query function in a container. Where there is no container engine, nor the means to set one up, this says so
and counts as passed.
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
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SAM = ROOT / ".venv-sam" / "bin" / "sam"
STAND_IN = ROOT.parent / "shared" / "sam-local" / "sam-local-image"
"""Builds the image of Lambda's runtime where no container registry can be reached."""
START_SECONDS = 60
SIOCGIFADDR = 0x8915
"""Linux's question for the address of a network interface."""


def main(architecture: str) -> int:
    """Invoke the functions; the exit status."""
    if not make_ready(architecture):
        return 0
    with tempfile.TemporaryDirectory() as folder, stack(Path(folder)) as keys:
        collected = invoke(
            "CollectFunction",
            ROOT / "events" / "collect-pageview.json",
            Path(folder),
            keys,
            architecture,
        )
        expect(collected, lambda body: bool(body["eventId"]))
        wait_until_stored(keys["url"])
        question = json.loads((ROOT / "events" / "query-metrics.json").read_text())
        question["headers"]["authorization"] = f"Bearer {keys['api_key']}"
        path = Path(folder) / "query-metrics.json"
        path.write_text(json.dumps(question))
        answered = invoke("QueryFunction", path, Path(folder), keys, architecture)
        expect(answered, lambda body: body["metrics"]["pageviews"]["value"] == 1)
    print(
        "sam local: a pageview went through CollectFunction and was counted by QueryFunction, both in containers"
    )
    return 0


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
    """A local stack whose engines a container can reach; its keys."""
    command = [sys.executable, "-m", "local", "--port", "0", "--data", str(folder)]
    address = bridge_address()
    if address:
        command += ["--engines-host", address]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        yield wait_until_ready(folder, process)
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
            health(keys["url"])
            return keys
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the local stack does not start")


def wait_until_stored(url: str) -> None:
    """Wait until nothing is in the queue any more."""
    until = time.monotonic() + START_SECONDS
    while health(url)["waiting"]:
        if time.monotonic() > until:
            raise SystemExit("the pageview was not stored")
        time.sleep(0.2)


def health(url: str) -> dict[str, Any]:
    """The answer of /health. Raises OSError."""
    with urllib.request.urlopen(f"{url}/health", timeout=10) as answer:
        body: dict[str, Any] = json.load(answer)
    return body


def invoke(
    name: str, event: Path, folder: Path, keys: dict[str, str], architecture: str
) -> dict[str, Any]:
    """What a function in a container answers."""
    options = ["--event", str(event), "--env-vars", str(folder / "env.json"), "--skip-pull-image"]
    if sys.platform == "linux":
        options += ["--add-host", "host.docker.internal:host-gateway"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
        "AWS_ACCESS_KEY_ID": keys["queue_access_key"],
        "AWS_SECRET_ACCESS_KEY": keys["queue_secret_key"],
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        # SAM would ask AWS for the account of these keys, and wait.
        "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9",
        "AWS_MAX_ATTEMPTS": "1",
        "SAM_CLI_TELEMETRY": "0",
    }
    done = subprocess.run(
        [
            SAM,
            "local",
            "invoke",
            name,
            *options,
            "--parameter-overrides",
            f"Architecture={architecture}",
        ],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        raise SystemExit(f"{name} did not answer:\n{done.stdout}\n{done.stderr}") from None
    print(f"{name}: {answer.get('statusCode')} {answer.get('body', answer)}")
    return answer


def expect(answer: dict[str, Any], is_right: Any) -> None:
    """Stop unless a function answered 200 with the right body."""
    if answer.get("statusCode") != 200 or not is_right(json.loads(answer["body"])):
        raise SystemExit(f"not the answer that was expected: {answer}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
