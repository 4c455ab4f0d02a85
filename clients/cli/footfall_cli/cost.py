"""`footfall cost`: what a month costs on AWS, from counted calls and list prices, beside what others ask for it.

It asks nobody: prices are those of `prices.json` with the date on which they were read. Calls are those that
bench/bench_cost.py counts: a request of a client is one request of CloudFront (unless it goes to the API directly), one
of the HTTP API, one of Lambda and one message; the trigger reads and deletes up to ten messages a call.
"""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from footfall_cli import output
from footfall_cli.errors import UsageError
from footfall_cli.parameters import Option
from footfall_cli.target import Target

_SCALES = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9}
_HOURS, _MINUTES = 730, 43_800
UNIT_BYTES = 64 * 1024
"""What SQS bills as one request."""
MESSAGE_BYTES, EVENT_BYTES = 600, 150
"""Of a message, and of each event in it: an upper bound of what is sent deflated (bench/bench_cost.py)."""
MESSAGES_A_CALL = 10
"""How many messages Lambda's trigger receives, and deletes, with one call."""
IDLE_POLLS = 2 * 5 * 3 * _MINUTES
"""Calls a month of two triggers that wait (ingest, push): five pollers each, 20 s a call."""
MESSAGES_A_BATCH, BATCH_SECONDS = 1_000, 5.0
SCHEDULED_RUNS = 2 * _MINUTES + 730 + 30
"""Rollup and registry every minute, salts every hour, retention every day."""
COLLECT_MS, COLLECT_GB = 12.0, 0.5
"""A warm request: under 1 ms of CPU at 0.3 of a core, and a round trip each to Valkey and SQS (an assumption)."""
INGEST_MS, INGEST_MS_AN_EVENT, INGEST_GB = 400.0, 0.03, 1.0
RUN_MS, RUN_GB = 150.0, 0.5
ANSWER_BYTES = 450
REQUEST_BYTES, REQUEST_BYTES_AN_EVENT = 800, 400
"""Of a request on its way from CloudFront to the API: headers, and each event in its body (an assumption)."""
ENDPOINTS, ZONES, SECRETS, METRICS = 2, 2, 3, 9
ALARM_METRICS = 37
"""Of the alarms of template.yaml: each metric is billed as an alarm, those in a sum too (tests/cli/test_cost.py)."""
VALKEY_UNITS = 14
"""Commands, each under 1 KB, with which a request counts live (bench/bench_cost.py)."""
SALT_CALLS = 100 * _HOURS
SMALL_STORE = 52.0
"""A small server for ClickHouse, 2 vCPU and 8 GB with 100 GB of disk, as a round figure; your own price goes first."""


@dataclass(frozen=True)
class Month:
    """What is asked about."""

    events: int
    per_request: float
    region: str
    architecture: str
    store: float
    direct: bool = False
    """Whether requests go to the API and not through CloudFront."""


@dataclass(frozen=True)
class Cost:
    """Dollars a month by what they are for. `floor` is what no collector of this kind goes below: a request of the
    HTTP API, one of Lambda and 1.2 of SQS a request.
    """

    requests: float
    sqs_requests: float
    lambda_requests: float
    by_use: dict[str, float]
    fixed: dict[str, float]
    fees: float
    floor: float

    @property
    def used(self) -> float:
        """What follows the traffic."""
        return sum(self.by_use.values())

    @property
    def total(self) -> float:
        """Everything."""
        return self.used + sum(self.fixed.values())


def cost(
    target: Target,
    events: Annotated[
        str, Option("--events", "Events a month: 500k, 10M, 2.5B …", metavar="NUMBER")
    ] = "1M",
    per_request: Annotated[
        float, Option("--per-request", "Events a request; trackers send 1 to 25.", least=1)
    ] = 1.0,
    region: Annotated[str, Option("--region", "AWS region of the prices.")] = "us-east-1",
    architecture: Annotated[
        Literal["arm64", "x86_64"], Option("--architecture", "Of the functions.")
    ] = "arm64",
    store: Annotated[
        float, Option("--store", "What your ClickHouse costs a month, in dollars.", least=0)
    ] = SMALL_STORE,
    direct: Annotated[
        bool, Option("--direct", "Without CloudFront: all requests go to the API itself.")
    ] = False,
    prices: Annotated[
        str | None, Option("--prices", "Another file of prices, in the form of prices.json.")
    ] = None,
) -> None:
    """What a month costs on AWS, and elsewhere.

    From counted calls and list prices, without free tiers; no server is asked.
    """
    listed = read_prices(Path(prices) if prices else Path(__file__).with_name("prices.json"))
    month = Month(parse_number(events), per_request, region, architecture, store, direct)
    try:
        found = reckon(month, listed)
    except KeyError as missing:
        raise UsageError(f"prices of {region} lack {missing}") from None
    others = alternatives(month.events, listed)
    if target.as_json:
        told = asdict(found) | {
            "month": asdict(month),
            "total": found.total,
            "read": listed["read"],
        }
        output.tell(told | {"alternatives": {name: price for name, price, _ in others}})
        return
    show(month, found, others, listed, as_csv=target.as_csv)


def parse_number(text: str) -> int:
    """`10M` as a number. Raises UsageError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([kmb]?)", text.strip().lower().replace(",", ""))
    number = round(float(match[1]) * _SCALES[match[2]]) if match else 0
    if not 1 <= number <= 10**13:
        raise UsageError(f"--events: {text} is no number such as 500k, 10M or 2.5B")
    return number


def read_prices(path: Path) -> dict[str, Any]:
    """A file of prices. Raises UsageError."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for part in ("regions", "read", "alternatives"):
            found[part]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} is no file of prices ({error})") from None
    return found


def message_units(per_request: float) -> int:
    """How many requests SQS bills for the message of a request."""
    return -(-round(MESSAGE_BYTES + EVENT_BYTES * per_request) // UNIT_BYTES)


def reckon(month: Month, listed: dict[str, Any]) -> Cost:
    """The cost of a month. Raises UsageError for a region whose prices are not known."""
    price = listed["regions"].get(month.region)
    if price is None:
        known = ", ".join(listed["regions"])
        raise UsageError(f"prices of {month.region} are not known, only of {known}; see --prices")
    requests = month.events / month.per_request
    units = message_units(month.per_request)
    a_window = max(1.0, requests / (_MINUTES * 60) * BATCH_SECONDS)
    batches = requests / min(MESSAGES_A_BATCH, a_window)
    # Ten small messages are received, and ten deleted, with a call, and fewer where fewer come in a batch's time;
    # larger ones fill units of their own.
    deleted = max(1 / MESSAGES_A_CALL, batches / requests)
    received = deleted if units == 1 else units
    sqs = requests * (units + received + deleted)
    gb_second = price["lambda_gb_second"][month.architecture]
    fees = (
        requests * price["http_api_million"]
        + (requests + batches) * price["lambda_million"]
        + sqs * price["sqs_million"]
    ) / 1e6
    ingest_seconds = (batches * INGEST_MS + month.events * INGEST_MS_AN_EVENT) / 1000
    by_use = {
        "HTTP API": requests * price["http_api_million"] / 1e6,
        "Lambda, requests": (requests + batches) * price["lambda_million"] / 1e6,
        "SQS": sqs * price["sqs_million"] / 1e6,
        "Lambda, collect": requests * COLLECT_MS / 1000 * COLLECT_GB * gb_second,
        "Lambda, ingest": ingest_seconds * INGEST_GB * gb_second,
        "Valkey, commands": requests * VALKEY_UNITS * price["valkey_million_units"] / 1e6,
    }
    if month.direct:
        by_use["Transfer out"] = requests * ANSWER_BYTES / 1e9 * price["transfer_out_gb"]
    else:
        # The way from the API to CloudFront is free, the one back is not.
        sent = REQUEST_BYTES + REQUEST_BYTES_AN_EVENT * month.per_request
        by_use |= {
            "CloudFront, requests": requests * price["cloudfront_million"] / 1e6,
            "CloudFront, function": requests * price["cloudfront_function_million"] / 1e6,
            "CloudFront, transfer": requests
            / 1e9
            * (ANSWER_BYTES * price["cloudfront_out_gb"] + sent * price["cloudfront_origin_gb"]),
        }
    runs = SCHEDULED_RUNS * (price["lambda_million"] / 1e6 + RUN_MS / 1000 * RUN_GB * gb_second)
    fixed = {
        "VPC endpoints": ENDPOINTS * ZONES * _HOURS * price["endpoint_hour"],
        "Valkey, least": price["valkey_least_gb"] * _HOURS * price["valkey_gb_hour"],
        "Secrets": SECRETS * price["secret_month"]
        + SALT_CALLS * price["secret_calls_million"] / 1e6,
        "Metrics and alarms": METRICS * price["metric_month"]
        + ALARM_METRICS * price["alarm_metric_month"]
        + price["metrics_dashboard_month"],
        "Schedules and polling": runs + IDLE_POLLS * price["sqs_million"] / 1e6,
        "ClickHouse": month.store,
    }
    floor = requests * (
        price["http_api_million"] + price["lambda_million"] + 1.2 * price["sqs_million"]
    )
    return Cost(requests, sqs, requests + batches, by_use, fixed, fees, floor / 1e6)


def alternatives(events: int, listed: dict[str, Any]) -> list[tuple[str, float | None, str]]:
    """Name, dollars a month (None: on request) and source of what others ask for that many events."""
    return [(each["name"], _asked(events, each), each["source"]) for each in listed["alternatives"]]


def _asked(events: int, each: dict[str, Any]) -> float | None:
    if "steps" in each:
        fitting = (dollars for most, dollars in each["steps"] if most is None or events <= most)
        return next(fitting, None)
    dollars, below = 0.0, 0
    for most, price in each["tiers"]:
        end = events if most is None else min(events, most)
        dollars += max(0, end - below) * price
        below = end
    return dollars


def show(
    month: Month,
    found: Cost,
    others: list[tuple[str, float | None, str]],
    listed: dict[str, Any],
    *,
    as_csv: bool,
) -> None:
    """Print the tables."""
    million = month.events / 1e6
    rows: list[list[output.Cell]] = [
        [name, _dollars(amount), _dollars(amount / million)]
        for name, amount in found.by_use.items()
    ]
    rows.append(["with the traffic", _dollars(found.used), _dollars(found.used / million)])
    rows += [[name, _dollars(amount), ""] for name, amount in found.fixed.items()]
    rows.append(["a month", _dollars(found.total), _dollars(found.total / million)])
    output.show(["Footfall", "a month", "a million events"], rows, as_csv=as_csv)
    print()
    output.show(
        ["elsewhere", "a month", "by"],
        [
            [name, "on request" if dollars is None else _dollars(dollars), source]
            for name, dollars, source in others
        ],
        as_csv=as_csv,
    )
    if not as_csv:
        above = found.fees / found.floor - 1
        source = listed["regions"][month.region]["source"].partition(":")[0]
        output.complain(
            f"{month.events:,} events in {found.requests:,.0f} requests; fees of requests are {above:.1%} above "
            f"the floor of ${found.floor:,.2f}. Prices: {source} ({listed['read']})."
        )


def _dollars(amount: float) -> str:
    return f"${amount:,.2f}"
