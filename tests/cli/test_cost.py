"""`footfall cost`: counted calls times list prices."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from footfall_cli.cost import (
    ALARM_METRICS,
    Month,
    alternatives,
    cost,
    message_units,
    parse_number,
    read_prices,
    reckon,
)
from footfall_cli.errors import UsageError
from tests import translated

PRICES = Path(__file__).parents[2] / "clients" / "cli" / "footfall_cli" / "prices.json"
LISTED = read_prices(PRICES)


def month(events: int, per_request: float = 1, **changes: Any) -> Month:
    given = {"region": "us-east-1", "architecture": "arm64", "store": 0.0} | changes
    return Month(events, per_request, **given)


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("500k", 500_000), ("10M", 10_000_000), ("2.5b", 2_500_000_000), ("1,000", 1_000)],
)
def test_numbers_are_read_as_people_write_them(text: str, number: int):
    assert parse_number(text) == number


@pytest.mark.parametrize("text", ["", "0", "-1", "x", "1T", "1e6", "1.5.5M", "99999999999b"])
def test_what_is_no_number_is_an_error(text: str):
    with pytest.raises(UsageError, match="such as 500k"):
        parse_number(text)


def test_a_million_requests_cost_what_the_prices_say():
    found = reckon(month(100_000_000), LISTED)
    assert found.requests == 100_000_000
    assert found.sqs_requests == pytest.approx(120_000_000)
    assert found.by_use["HTTP API"] == pytest.approx(100)
    assert found.by_use["SQS"] == pytest.approx(48)
    assert found.by_use["CloudFront, requests"] == pytest.approx(100)
    assert found.by_use["CloudFront, function"] == pytest.approx(10)
    assert found.floor == pytest.approx(168)


def test_a_batch_is_received_and_deleted_at_least_once_a_call():
    """A request every 26 s is a batch of its own: sent, received, deleted."""
    assert reckon(month(100_000), LISTED).sqs_requests == pytest.approx(300_000)
    # 3.8 requests in the 5 s of a batch.
    assert reckon(month(2_000_000), LISTED).sqs_requests == pytest.approx(3_051_200)


def test_without_cloudfront_only_its_lines_go():
    through, direct = (
        reckon(month(10**8, direct=direct), LISTED).by_use for direct in (False, True)
    )
    assert direct.pop("Transfer out") > 0
    lines = {"CloudFront, requests", "CloudFront, function", "CloudFront, transfer"}
    assert through.keys() - direct.keys() == lines
    assert direct == {name: amount for name, amount in through.items() if name not in lines}
    assert sum(through.values()) > sum(direct.values()) + 110


def test_alarms_are_billed_by_the_metrics_that_the_template_has_in_them():
    metrics = [
        [each for each in alarm["Properties"]["Metrics"] if "MetricStat" in each]
        if "Metrics" in alarm["Properties"]
        else [alarm]
        for alarm in translated.source()["Resources"].values()
        if alarm["Type"] == "AWS::CloudWatch::Alarm"
    ]
    assert len(metrics) > 5
    assert sum(map(len, metrics)) == ALARM_METRICS


@pytest.mark.parametrize("per_request", [1, 10, 25])
@pytest.mark.parametrize("events", [10**8, 10**9])
def test_fees_are_at_most_8_percent_above_the_floor(events: int, per_request: int):
    found = reckon(month(events, per_request), LISTED)
    assert 0 < found.fees / found.floor - 1 <= 0.08


def test_events_in_a_batch_share_its_request():
    one, ten = (reckon(month(10**8, per_request), LISTED) for per_request in (1, 10))
    assert ten.fees == pytest.approx(one.fees / 10, rel=0.02)


def test_a_message_above_64_kb_is_billed_as_several():
    assert [message_units(events) for events in (1, 25, 400, 433, 1_000)] == [1, 1, 1, 2, 3]
    small, large = (reckon(month(10**12, per_request), LISTED) for per_request in (400, 1_000))
    assert large.sqs_requests / large.requests > 5 * small.sqs_requests / small.requests


def test_fixed_costs_do_not_follow_the_traffic():
    some, many = (reckon(month(events, store=100), LISTED) for events in (10**5, 10**8))
    assert some.fixed == many.fixed
    assert some.fixed["ClickHouse"] == 100
    assert some.fixed["VPC endpoints"] == pytest.approx(29.2)
    assert some.fixed["Valkey, least"] == pytest.approx(6.132)
    # 9 metrics, what watches them, and the dashboard of them.
    assert some.fixed["Metrics and alarms"] == pytest.approx(2.70 + 3.70 + 3.00)


def test_the_other_architecture_costs_more():
    arm, x86 = (
        reckon(month(10**8, architecture=name), LISTED).used for name in ("arm64", "x86_64")
    )
    assert x86 > arm


def test_a_region_without_prices_is_an_error_that_names_those_with():
    with pytest.raises(UsageError, match="only of us-east-1; see --prices"):
        reckon(month(1, region="eu-central-1"), LISTED)


def test_others_ask_by_steps_and_by_tiers():
    def asked(events: int) -> dict[str, float | None]:
        return {name: dollars for name, dollars, _ in alternatives(events, LISTED)}

    assert asked(10**6)["PostHog Cloud"] == 0
    assert asked(12 * 10**6)["PostHog Cloud"] == pytest.approx(393.0)
    assert [asked(n)["Plausible Growth"] for n in (10**6, 10**6 + 1, 10**8)] == [69, 89, None]


def test_every_price_has_a_date_and_a_source():
    assert len(LISTED["read"]) == 7
    for each in [*LISTED["regions"].values(), *LISTED["alternatives"]]:
        assert each["source"]


def test_tables_and_json_tell_the_same(capsys: Any):
    cost(SimpleNamespace(as_json=False, as_csv=False), "10M", 5.0)  # type: ignore[arg-type]
    table = capsys.readouterr()
    cost(SimpleNamespace(as_json=True, as_csv=False), "10M", 5.0)  # type: ignore[arg-type]
    told = json.loads(capsys.readouterr().out)
    assert f"${told['total']:,.2f}" in table.out
    assert "2,000,000 requests" in table.err
    assert "us-east-1" not in table.out
    footfall, elsewhere = table.out.split("\n\n")
    assert footfall.startswith("Footfall\t")
    assert elsewhere.startswith("elsewhere\t")


def test_a_price_that_is_missing_is_an_error_that_names_it(tmp_path: Path):
    listed = json.loads(PRICES.read_text())
    del listed["regions"]["us-east-1"]["sqs_million"]
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(listed))
    target = SimpleNamespace(as_json=False, as_csv=False)
    with pytest.raises(UsageError, match="us-east-1 lack 'sqs_million'"):
        cost(target, prices=str(path))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"regions": {}}'])
def test_a_file_that_holds_no_prices_is_an_error(tmp_path: Path, text: str):
    path = tmp_path / "prices.json"
    path.write_text(text)
    with pytest.raises(UsageError, match="no file of prices"):
        read_prices(path)
    with pytest.raises(UsageError, match="no file of prices"):
        read_prices(tmp_path / "missing.json")
