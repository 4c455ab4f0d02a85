"""What a cold start of the collect function imports: CPU over a bare Python process, and the list by module.

The second line is what the function has spent when it has answered its first POST /batch: that request, too, with the
patterns of bots that it compiles and its connections, not only what it imports. Byte code is there, as in Lambda.
`site` is left out of all processes: what is installed beside the product on this machine is none of it.

    python bench/bench_import.py [rounds]
"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 15
LONGEST = 40
"""How many modules are listed."""
MOST_MS = 100
REQUEST = {
    "version": "2.0",
    "routeKey": "POST /batch",
    "rawPath": "/batch",
    "headers": {
        "x-write-key": "ffw_bench_0123456789abcdefghijkl",
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0 Safari/537.36",
    },
    "requestContext": {"http": {"method": "POST", "path": "/batch", "sourceIp": "203.0.113.7"}},
    "body": json.dumps(
        {"batch": [{"type": "pageview", "anonymousId": "a", "page": {"path": "/"}}]}
    ),
}
IMPORT = "import functions.collect.app as app"
ASK = f"{IMPORT}; answer = app.lambda_handler({REQUEST!r}, None); assert answer['statusCode'] == 200, answer"
TOLD = {
    "AWS_LAMBDA_FUNCTION_NAME": "collect",
    "AWS_DEFAULT_REGION": "us-east-1",
    "WRITE_KEY": "ffw_bench_0123456789abcdefghijkl",
}
"""What a deployment tells the function."""
CPU = "; import time; print(time.process_time())"


def main() -> None:
    """Start the engines, measure, print."""
    import boto3

    from bench.bench_collect import KEY, SECRET, engines

    with engines() as (queue_address, counters_url):
        sqs = boto3.client(
            "sqs",
            "us-east-1",
            endpoint_url=queue_address,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
        )
        TOLD.update(
            AWS_ENDPOINT_URL_SQS=queue_address,
            AWS_ACCESS_KEY_ID=KEY,
            AWS_SECRET_ACCESS_KEY=SECRET,
            EVENT_QUEUE_URL=sqs.create_queue(QueueName="events")["QueueUrl"],
            COUNTERS_URL=counters_url,
        )
        measure()


def measure() -> None:
    """Measure, print."""
    bare, imported, asked = (cpu_ms(code) for code in ("pass", IMPORT, ASK))
    print(f"CPU ms of a fresh process over a bare one, {ROUNDS} rounds{'':>6}median  minimum")
    for name, costs in (
        ("functions/collect/app.py", imported),
        ("... and its first request", asked),
    ):
        median = statistics.median(costs) - statistics.median(bare)
        print(f"{name:<55}{median:>6.1f}{min(costs) - min(bare):>9.1f}")
    print(f"{'bare Python':<55}{statistics.median(bare):>6.1f}{min(bare):>9.1f}")
    print(
        "\nms by module, with what it imports itself and alone (more than they cost: each line is timed)"
    )
    for whole, alone, name in by_module()[:LONGEST]:
        print(f"{whole / 1000:>8.1f}{alone / 1000:>8.1f}  {name}")
    if min(imported) - min(bare) > MOST_MS:
        raise SystemExit(f"importing takes more than {MOST_MS} ms")


def cpu_ms(code: str) -> list[float]:
    """CPU of processes that run some code, in ms."""
    return [float(run("-c", code + CPU).stdout) * 1000 for _ in range(ROUNDS)]


def by_module() -> list[tuple[int, int, str]]:
    """Of each module what it and its imports took, and it alone (µs), the longest first."""
    found = []
    for line in run("-X", "importtime", "-c", ASK).stderr.splitlines():
        alone, whole, name = line.removeprefix("import time:").split("|")
        if whole.strip().isdecimal():
            found.append((int(whole), int(alone), name.strip()))
    return sorted(found, reverse=True)


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """A fresh Python, told what a deployment tells the function."""
    packages = [path for path in sys.path if path.endswith("site-packages")]
    paths = [str(ROOT), str(ROOT / "layers" / "core"), *packages]
    told = TOLD | {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(paths)}
    return subprocess.run(
        [sys.executable, "-S", *arguments], env=told, capture_output=True, text=True, check=True
    )


if __name__ == "__main__":
    main()
