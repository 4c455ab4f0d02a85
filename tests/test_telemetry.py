"""What is said in logs and metrics, and what never is."""

import io
import itertools
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from footfall import telemetry
from footfall.errors import Unavailable

ROOT = Path(__file__).parents[1]
CONTEXT = SimpleNamespace(aws_request_id="invocation-1")

_numbers = itertools.count()


class Output(io.StringIO):
    """The output as it is when something is written."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)


@pytest.fixture(autouse=True)
def logger_of_this_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """A logger as the product's, which does not keep the output of the test that made it."""
    made = Logger(service=f"footfall-{next(_numbers)}", stream=Output())
    monkeypatch.setattr(telemetry, "_logger", lambda: made)


def said(capsys: Any) -> list[dict[str, Any]]:
    """The lines that were printed."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_names_the_function_and_what_it_belongs_to(capsys: Any):
    with telemetry.about("query", CONTEXT, "gateway-1"):
        telemetry.logger().error("something")
    with telemetry.about("rollup", CONTEXT):
        telemetry.logger().error("something")
    first, second = said(capsys)
    assert (first["function"], first["correlation_id"]) == ("query", "gateway-1")
    assert (second["function"], second["correlation_id"]) == ("rollup", "invocation-1")
    assert first["function_request_id"] == second["function_request_id"] == "invocation-1"


def test_of_an_error_everything_is_said_but_its_text(capsys: Any):
    try:
        try:
            raise ValueError("somebody@example.com at 203.0.113.7, code: 241")
        except ValueError as error:
            raise Unavailable("store_unavailable", "Try again.") from error
    except Unavailable as error:
        telemetry.report("it failed", error)
    (line,) = said(capsys)
    outer, inner = line["error"]
    assert (outer["type"], outer["code"]) == ("Unavailable", "store_unavailable")
    assert (inner["type"], inner["code"]) == ("ValueError", "241")
    assert re.fullmatch(r"tests/test_telemetry\.py:\d+ test_of_an_error.*", inner["at"][-1])
    text = json.dumps(line)
    assert "example.com" not in text
    assert "203.0.113" not in text


def test_an_invocation_that_fails_is_one_for_lambda_too_without_its_text(capsys: Any):
    with pytest.raises(telemetry.Failed) as failed, telemetry.invocation("ingest", CONTEXT):
        raise KeyError("somebody@example.com")
    assert str(failed.value) == "ingest: KeyError"
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__
    (line,) = said(capsys)
    assert (line["function"], line["error"][0]["type"]) == ("ingest", "KeyError")


def test_metrics_are_one_line_with_the_one_dimension(capsys: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("POWERTOOLS_METRICS_DISABLED")
    # As template.yaml has it, for the logger.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "footfall")
    with telemetry.about("ingest", CONTEXT):
        telemetry.count(EventsStored=1_000, IngestDelay=12.5)
        telemetry.count()
    (line,) = said(capsys)
    (told,) = line["_aws"]["CloudWatchMetrics"]
    assert (told["Namespace"], told["Dimensions"]) == ("Footfall", [["function"]])
    assert told["Metrics"] == [
        {"Name": "EventsStored", "Unit": "Count"},
        {"Name": "IngestDelay", "Unit": "Milliseconds"},
    ]
    assert (line["function"], line["EventsStored"], line["IngestDelay"]) == (
        "ingest",
        [1_000.0],
        [12.5],
    )


def test_metrics_can_be_switched_off(capsys: Any):
    telemetry.count(EventsStored=1)
    assert said(capsys) == []


@pytest.mark.parametrize("name", telemetry.METRICS)
def test_every_metric_is_documented_and_said_somewhere(name: str):
    assert f"`{name}`" in (ROOT / "docs" / "operating.md").read_text()
    code = [
        *(ROOT / "functions").rglob("*.py"),
        ROOT / "layers" / "core" / "footfall" / "api.py",
    ]
    assert any(f"{name}=" in path.read_text() for path in code)
