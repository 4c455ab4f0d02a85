"""What a cold start takes, by function, against a function that does nothing, in the same run.

Each built function is started by the emulator and the client of AWS on Python 3.13, as Lambda starts it
but without Lambda's own part, and asked a real question of the engines of a local stack: the first answer less a warm
one. CPU is that of the function's process, from its start; both are minima of several starts, and ratios are of CPU,
which is what Lambda's small machines are short of. `make build ARCHITECTURE=x86_64` (or arm64) comes first.

    python bench/bench_cold.py [--runs 7] [--build .aws-sam/build] [--only collect,query] [--imports collect]
"""

import argparse
import contextlib
import http.client
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measure import table

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "layers" / "core")]
GOALS = {"collect": 2.5, "query": 5.0, "ingest": 5.0}
HELLO = "def lambda_handler(event, context):\n    return {'statusCode': 200}\n"
RIC = "awslambdaric==4.2.2"
PATH = "/2015-03-31/functions/function/invocations"
WARM = 3


def main() -> None:
    options = _options()
    if not options.build.is_dir():
        print("  nothing is built: make build ARCHITECTURE=x86_64 (or arm64) comes first")
        return
    emulator = _emulator()
    python = _python()
    with tempfile.TemporaryDirectory() as folder, stack(Path(folder)) as variables:
        ric = _runtime_client(python)
        layers = [options.build / f"{name}Layer" / "python" for name in ("Core", "Dependencies")]
        hello = Path(folder) / "hello"
        hello.mkdir()
        (hello / "app.py").write_text(HELLO)
        found: dict[str, list[tuple[float, float]]] = {}
        wanted = [name for name in events() if not options.only or name in options.only]
        for _ in range(options.runs):
            for name in ["hello world", *wanted]:
                code = hello if name == "hello world" else _code(options.build, name)
                path = [code, *([] if name == "hello world" else layers), ric]
                event = {} if name == "hello world" else events(variables)[name]
                found.setdefault(name, []).append(
                    cold(emulator, python, path, event, variables, Path(folder))
                )
        show(found)
        for name in options.imports:
            imports(python, [_code(options.build, name), *layers], variables)


def cold(
    emulator: Path,
    python: str,
    path: list[Path],
    event: dict[str, Any],
    variables: dict[str, str],
    folder: Path,
) -> tuple[float, float]:
    """The first answer of a new process less the fastest of some warm ones: CPU and wall time in ms."""
    port, runtime_port = _free_port(), _free_port()
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
        "PYTHONDONTWRITEBYTECODE": "1",
        # As template.yaml has it.
        "PYTHONTZPATH": str(path[-2] / "tzdata" / "zoneinfo"),
        **variables,
    }
    process = subprocess.Popen(
        [
            str(emulator),
            "--runtime-interface-emulator-address", f"127.0.0.1:{port}",
            "--runtime-api-address", f"127.0.0.1:{runtime_port}",
            python, "-m", "awslambdaric", "app.lambda_handler",
        ],
        env=environ, cwd=path[0], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        _wait(port)
        first, began = _ask(port, event), _cpu(process.pid)
        warm = []
        for _ in range(WARM):
            before = _cpu(process.pid)
            took = _ask(port, event)
            warm.append((took, _cpu(process.pid) - before))
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return began - min(cpu for _, cpu in warm), (first - min(wall for wall, _ in warm)) * 1000


def _cpu(emulator: int) -> float:
    """The CPU time in ms of the emulator's child, all its threads, since it began."""
    children = [
        child
        for task in Path(f"/proc/{emulator}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]
    child = children[0]
    tasks = Path(f"/proc/{child}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6


def _ask(port: int, event: dict[str, Any]) -> float:
    body = json.dumps(event)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    began = time.perf_counter()
    connection.request("POST", PATH, body)
    answer = json.loads(connection.getresponse().read())
    took = time.perf_counter() - began
    connection.close()
    if "errorType" in answer or answer.get("statusCode", 200) != 200:
        sys.exit(f"{answer}")
    return took


def events(variables: dict[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """A real question for each function: of a client, a queue, a schedule, a deployment or another function."""
    from footfall.event import Event
    from footfall.event_queue import pack

    keys = variables or {"write_key": "", "api_key": "", "share": "", "secret": ""}
    api = {"authorization": f"Bearer {keys['api_key']}"}
    now = time.time_ns() // 1_000_000
    event = Event("default", "cold", "pageview", now, now, 0, "a:cold", "cold", path="/")
    record = {
        "messageId": "1",
        "body": next(iter(pack([event]))),
        "attributes": {"SentTimestamp": str(now)},
    }
    page = json.dumps({"anonymousId": "cold", "eventId": "cold", "page": {"path": "/"}})
    return {
        "collect": _http("POST", "/pageview", {"x-write-key": keys["write_key"]}, page),
        "ingest": {"Records": [record]},
        "query": _http("GET", "/metrics", api),
        "realtime": _http("GET", "/realtime", api),
        "rollup": {},
        "privacy": _http("GET", "/visitors/{id}/export", api),
        "admin": _http("GET", "/sites", api),
        "shares": _http(
            "POST", "/shares/{share_id}/session", {}, json.dumps({"secret": keys["secret"]}),
            share_id=keys["share"],
        ),
        "salts": {},
        "counters": {"commands": [["GET", "footfall:{registry}:index"]]},
        # As `make migrate` asks, with nothing left to migrate: what is more is the deployment's own work.
        "setup": {},
    }  # fmt: skip


def _http(
    method: str, route: str, headers: dict[str, str], body: str = "", **parameters: str
) -> dict[str, Any]:
    parameters = {"id": "cold"} | parameters
    path = route
    for name, value in parameters.items():
        path = path.replace(f"{{{name}}}", value)
    return {
        "version": "2.0",
        "routeKey": f"{method} {route}",
        "rawPath": path,
        "headers": {"content-type": "application/json", "user-agent": "Mozilla/5.0", **headers},
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "203.0.113.7"},
            "requestId": "cold",
        },
        "pathParameters": parameters if "{" in route else None,
        "body": body,
        "isBase64Encoded": False,
    }


def show(found: dict[str, list[tuple[float, float]]]) -> None:
    floor = min(cpu for cpu, _ in found["hello world"])
    rows = []
    for name, times in found.items():
        cpu, wall = min(cpu for cpu, _ in times), min(wall for _, wall in times)
        goal = f"{GOALS[name]:.1f}" if name in GOALS else ""
        rows.append((name, f"{cpu:.0f}", f"{cpu / floor:.1f}", goal, f"{wall:.0f}"))
    table(("function", "CPU ms", "of hello world", "goal", "wall ms"), rows)


def imports(python: str, path: list[Path], variables: dict[str, str]) -> None:
    """Print which modules an import takes most of its time for, by itself (ms)."""
    told = subprocess.run(
        [python, "-X", "importtime", "-c", "import app"],
        env={"PYTHONPATH": os.pathsep.join(map(str, path)), **variables},
        cwd=path[0],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    rows = [line.removeprefix("import time:").split("|") for line in told.splitlines()[1:]]
    own = sorted((int(row[0]), row[2].strip()) for row in rows if row[0].strip().isdigit())
    print()
    table(("module", "own ms"), [(name, f"{us / 1000:.1f}") for us, name in own[:-16:-1]])


@contextlib.contextmanager
def stack(folder: Path) -> Iterator[dict[str, str]]:
    """The engines of a local stack; the environment that a function finds them by."""
    data, port = folder / "data", _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "local", "--port", str(port), "--data", str(data)],
        cwd=ROOT, stdout=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'layers' / 'core'}{os.pathsep}{ROOT}"},
    )  # fmt: skip
    try:
        _wait(port, process)
        given = json.loads((data / "env.json").read_text())["Parameters"]
        keys = json.loads((data / "keys.json").read_text())
        variables = {
            name: value.replace("host.docker.internal", "127.0.0.1")
            for name, value in given.items()
        }
        share, secret = _share(port, keys["api_key"])
        yield variables | {
            "share": share,
            "secret": secret,
            "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": keys["queue_access_key"],
            "AWS_SECRET_ACCESS_KEY": keys["queue_secret_key"],
            "POWERTOOLS_METRICS_NAMESPACE": "Footfall",
            "write_key": keys["write_key"],
            "api_key": keys["api_key"],
        }
    finally:
        process.terminate()
        process.wait(60)


def _share(port: int, api_key: str) -> tuple[str, str]:
    """The id and the secret of a new shared link."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/sites/default/shares",
        data=b"{}",
        headers={"authorization": f"Bearer {api_key}", "content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        made = json.load(answer)
    return made["share"]["id"], made["url"].partition("#k=")[2]


def _code(build: Path, name: str) -> Path:
    code = build / f"{name.capitalize()}Function"
    if not (code / "app.py").is_file():
        sys.exit(f"{code} is not there: make build ARCHITECTURE=… first")
    return code


def _emulator() -> Path:
    machine = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
    found = sorted(
        (ROOT / ".venv-sam").glob(f"lib/python*/site-packages/samcli/local/rapid/*{machine}")
    )
    if not found:
        sys.exit("the emulator comes with SAM: make validate sets it up")
    return found[0]


def _python() -> str:
    for candidate in (
        "python3.13",
        *map(str, Path.home().glob(".pyenv/versions/3.13*/bin/python3.13")),
    ):
        path = shutil.which(candidate)
        if (
            path
            and subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0
        ):
            return path
    sys.exit("this needs a python3.13")


def _runtime_client(python: str) -> Path:
    """The folder of AWS's runtime client, installed where it is missing."""
    folder = ROOT / ".aws-sam" / "ric"
    if not (folder / "awslambdaric").is_dir():
        uv = ROOT / ".venv" / "bin" / "uv"
        subprocess.run(
            [
                str(uv),
                "pip",
                "install",
                "--quiet",
                "--python",
                python,
                "--target",
                str(folder),
                RIC,
            ],
            check=True,
        )
    return folder


def _wait(port: int, process: subprocess.Popen[bytes] | None = None) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if process is not None and process.poll() is not None:
                break
            time.sleep(0.01)
        else:
            return
    sys.exit(f"nobody answers on {port}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--build", type=Path, default=ROOT / ".aws-sam" / "build")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--only", type=lambda text: text.split(","), default=[])
    parser.add_argument("--imports", type=lambda text: text.split(","), default=[])
    return parser.parse_args()


if __name__ == "__main__":
    main()
