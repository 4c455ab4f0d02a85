"""What Lambda's limits make of answers: size, time, and what is said of failures."""

import base64
import gzip
import io
import itertools
import json
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from footfall import api, deadline, telemetry
from footfall.errors import Unavailable
from tests.builders import Product, at, doorway, http_event, pageview

NOW = at("2026-03-10T12:00:00")
ROW = {"name": 'a "quoted" name', "value": 1}

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


def answered(rows: int, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """What becomes of an answer with that many rows."""
    event = http_event("GET", "/metrics", headers=headers)
    return api.handle(event, {"/metrics": lambda _: {"data": [ROW] * rows}})


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "br, gzip;q=0.0, *"])
def test_an_answer_that_lambda_would_not_pass_on_is_a_422_that_says_what_to_do(accepted: str):
    answer = answered(200_000, {"accept-encoding": accepted})
    body = json.loads(answer["body"])
    assert (answer["statusCode"], body["code"]) == (422, "answer_too_large")
    assert "gzip" in body["message"]


@pytest.mark.parametrize("accepted", ["gzip", "br;q=1.0, gzip;q=0.8, *;q=0.1"])
def test_a_large_answer_is_compressed_for_who_takes_it(accepted: str):
    headers = {"accept-encoding": accepted, "origin": "https://elsewhere.example"}
    answer = answered(200_000, headers)
    assert answer["statusCode"] == 200
    assert answer["headers"]["content-encoding"] == "gzip"
    assert answer["headers"]["vary"] == "origin, accept-encoding"
    rows = json.loads(gzip.decompress(base64.b64decode(answer["body"])))["data"]
    assert len(rows) == 200_000
    assert len(json.dumps(answer)) < 6_291_556


def test_an_ordinary_answer_is_sent_as_it_is():
    answer = answered(100_000, {"accept-encoding": "gzip"})
    assert "content-encoding" not in answer["headers"]
    assert len(json.dumps(answer)) < 6_291_556
    assert len(json.loads(answer["body"])["data"]) == 100_000


def test_a_question_that_outlasts_the_invocation_is_answered_before_it_ends(wired: Product):
    wired.post("/pageview", pageview(), NOW)
    wired.drain()
    context = SimpleNamespace(
        get_remaining_time_in_millis=lambda: int(deadline.KEPT_BACK * 1000), aws_request_id="x"
    )
    event = http_event("GET", "/metrics", headers={"authorization": "Bearer ffa_test"})
    answer = doorway("query").lambda_handler(event, context)
    assert answer["statusCode"] == 503
    assert json.loads(answer["body"])["code"] in ("too_expensive", "registry_unavailable")
    assert answer["headers"]["retry-after"]


def lines(capsys: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_what_nobody_foresaw_is_counted_and_logged_without_the_request(
    capsys: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("POWERTOOLS_METRICS_DISABLED")

    def fail(request: api.Request) -> api.Answer:
        raise KeyError(request.ip)

    event = http_event("GET", "/metrics", query={"site": "secret-site"})
    answer = api.handle(event, {"/metrics": fail}, None, "query")
    assert answer["statusCode"] == 500
    log, metric = lines(capsys)
    assert (log["correlation_id"], log["error"][0]["type"]) == ("test", "KeyError")
    assert (metric["function"], metric["InternalErrors"]) == ("query", [1.0])
    assert "203.0.113.7" not in json.dumps(log)
    assert "secret-site" not in json.dumps(log)


@pytest.mark.parametrize(("code", "counted"), [("queue_unavailable", 1), ("too_expensive", 0)])
def test_engines_that_do_not_answer_are_counted_and_questions_that_are_too_much_are_not(
    capsys: Any, monkeypatch: pytest.MonkeyPatch, code: str, counted: int
):
    monkeypatch.delenv("POWERTOOLS_METRICS_DISABLED")

    def fail(request: api.Request) -> api.Answer:
        raise Unavailable(code, "No.")

    api.handle(http_event("GET", "/metrics"), {"/metrics": fail}, None, "query")
    assert len([line for line in lines(capsys) if "EngineFailures" in line]) == counted


def test_a_request_that_goes_well_says_nothing(
    capsys: Any, monkeypatch: pytest.MonkeyPatch, wired: Product
):
    monkeypatch.delenv("POWERTOOLS_METRICS_DISABLED")
    body = json.dumps({"anonymousId": "v1", "page": {"path": "/"}})
    event = http_event("POST", "/pageview", body=body, headers={"x-write-key": "ffw_default_test"})
    assert doorway("collect").lambda_handler(event, None)["statusCode"] == 200
    assert lines(capsys) == []


def test_a_batch_says_what_it_stored_in_one_line(
    capsys: Any, monkeypatch: pytest.MonkeyPatch, wired: Product
):
    monkeypatch.delenv("POWERTOOLS_METRICS_DISABLED")
    wired.post("/batch", {"batch": [pageview(f"v{n}") for n in range(3)]}, NOW)
    (message,) = wired.receive()
    record = {
        "messageId": "1",
        "body": message["Body"],
        "attributes": {"SentTimestamp": str(NOW)},
    }
    event = {"Records": [record, record | {"messageId": "2", "body": "damaged"}]}
    assert doorway("ingest").lambda_handler(event, None) == {"batchItemFailures": []}
    (line,) = lines(capsys)
    assert (line["EventsStored"], line["MessagesFailed"]) == ([3.0], [0.0])
    assert line["IngestDelay"][0] > 0


def test_a_run_says_how_far_behind_rollups_are(
    capsys: Any, monkeypatch: pytest.MonkeyPatch, wired: Product
):
    monkeypatch.delenv("POWERTOOLS_METRICS_DISABLED")
    wired.post("/pageview", pageview(), NOW)
    wired.drain()
    rollup = doorway("rollup")
    assert rollup.lag() > 0
    rollup.lambda_handler({}, None)
    (line,) = lines(capsys)
    assert (line["function"], line["RollupLag"], line["WindowsPending"]) == ("rollup", [0.0], [0.0])
