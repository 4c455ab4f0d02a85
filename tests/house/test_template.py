"""template.yaml and the code agree, and what no linter sees is held here."""

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from footfall.api import ROUTES
from footfall.config import Settings
from local import template

ROOT = Path(__file__).parents[2]
DOCUMENT = template.read((ROOT / "template.yaml").read_text())
RESOURCES: dict[str, Any] = DOCUMENT["Resources"]
GLOBALS = DOCUMENT["Globals"]["Function"]
FUNCTIONS = {
    name: resource["Properties"]
    for name, resource in RESOURCES.items()
    if resource["Type"] == "AWS::Serverless::Function"
}
EVENTS = sorted((ROOT / "events").glob("*.json"))
LAMBDAS_OWN = {
    "AWS_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
}
"""What Lambda sets by itself."""
OWNERS = {
    "/rejects": "AdminFunction",
    "/rejects/replay": "AdminFunction",
    "/import": "CollectFunction",
    "/health": "CollectFunction",
    "/metrics": "QueryFunction",
    "/timeseries": "QueryFunction",
    "/breakdown": "QueryFunction",
    "/daily": "QueryFunction",
    "/query": "QueryFunction",
    "/values": "QueryFunction",
    "/properties": "QueryFunction",
    "/rollup": "RollupFunction",
    "/doctor": "RollupFunction",
    "/realtime": "RealtimeFunction",
    "/visitors/{id}": "PrivacyFunction",
    "/sites": "AdminFunction",
    "/sites/{id}": "AdminFunction",
    "/sites/{id}/keys": "AdminFunction",
    "/sites/{id}/keys/{key_id}": "AdminFunction",
    "/visitors/{id}/export": "PrivacyFunction",
}


def variables(name: str) -> dict[str, Any]:
    """The environment of a function."""
    own = FUNCTIONS[name].get("Environment", {}).get("Variables", {})
    return {**GLOBALS["Environment"]["Variables"], **own}


def policies(name: str, kind: str) -> list[Any]:
    """The properties of a function's policies of one SAM policy template."""
    return [policy[kind] for policy in FUNCTIONS[name].get("Policies", []) if kind in policy]


def test_every_function_folder_is_deployed_and_back():
    words = {
        folder.name for folder in (ROOT / "functions").iterdir() if (folder / "app.py").is_file()
    }

    assert FUNCTIONS.keys() == {f"{word.capitalize()}Function" for word in words}
    for name, properties in FUNCTIONS.items():
        assert properties["CodeUri"] == f"functions/{name.removesuffix('Function').lower()}"


def test_every_route_of_the_code_is_the_gateways_and_back():
    deployed = template.load(ROOT / "template.yaml")
    routes = {(route.method, route.path): route.function for route in deployed.routes}

    assert routes.pop(("ANY", "$default")) == "CollectFunction"
    assert routes.keys() == {
        (method, path) for path, methods in ROUTES.items() for method in methods
    }
    for (_, path), function in routes.items():
        assert function == OWNERS.get(path, "CollectFunction")


def test_every_setting_is_some_functions_and_every_variable_a_setting():
    known = {each.name.upper() for each in fields(Settings)} - LAMBDAS_OWN
    others = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"}

    assert {variable for name in FUNCTIONS for variable in variables(name)} == known | others


def test_no_secret_is_a_variable():
    assert not [
        variable
        for name in FUNCTIONS
        for variable in variables(name)
        if re.search("PASSWORD|TOKEN|SECRET(?!_ARN)|API_KEY(?!_SHA256)", variable)
    ]


def test_architecture_and_runtime_are_chosen_once():
    assert GLOBALS["Runtime"] == {"Ref": "Runtime"}
    assert GLOBALS["Architectures"] == [{"Ref": "Architecture"}]
    assert DOCUMENT["Parameters"]["Runtime"]["Default"] == "python3.13"
    assert DOCUMENT["Parameters"]["Architecture"]["Default"] == "arm64"
    assert not [
        name for name, given in FUNCTIONS.items() if "Runtime" in given or "Architectures" in given
    ]


def test_a_queue_waits_six_times_as_long_as_its_function_may_take():
    queue = RESOURCES["EventsQueue"]["Properties"]

    assert queue["VisibilityTimeout"] >= 6 * FUNCTIONS["IngestFunction"]["Timeout"]


def test_a_store_that_is_down_for_a_day_fills_no_dead_letter_queue():
    queue = RESOURCES["EventsQueue"]["Properties"]
    redrive = queue["RedrivePolicy"]

    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": ["EventsDeadLetterQueue", "Arn"]}
    assert redrive["maxReceiveCount"] * queue["VisibilityTimeout"] >= 86_400
    assert redrive["maxReceiveCount"] <= 1_000


@pytest.mark.parametrize("name", ["EventsQueue", "EventsDeadLetterQueue"])
def test_queues_are_encrypted_and_keep_messages_for_two_weeks(name: str):
    queue = RESOURCES[name]["Properties"]

    assert queue["SqsManagedSseEnabled"] is True
    assert queue["MessageRetentionPeriod"] == 14 * 86_400


def test_ingest_names_its_failures_and_is_held_to_a_few_at_a_time():
    (source,) = (
        event for event in FUNCTIONS["IngestFunction"]["Events"].values() if event["Type"] == "SQS"
    )
    given = source["Properties"]

    assert given["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert given["ScalingConfig"] == {"MaximumConcurrency": {"Ref": "IngestConcurrency"}}
    assert DOCUMENT["Parameters"]["IngestConcurrency"]["MinValue"] >= 2
    assert given["BatchSize"] <= 10_000
    assert given["MaximumBatchingWindowInSeconds"] >= 1


def test_each_function_may_send_to_the_queues_it_sends_to_and_no_more():
    def queues(name: str) -> list[str]:
        return [
            policy["QueueName"]["Fn::GetAtt"][0]
            for policy in policies(name, "SQSSendMessagePolicy")
        ]

    assert queues("CollectFunction") == ["EventsQueue"]
    assert queues("IngestFunction") == ["EventsQueue", "EventsDeadLetterQueue"]
    assert not [
        name
        for name in (
            "QueryFunction",
            "RealtimeFunction",
            "RollupFunction",
            "MigrateFunction",
        )
        if queues(name)
    ]


def test_each_function_that_is_told_the_queue_may_ask_how_much_waits():
    def arn(name: str) -> dict[str, list[str]]:
        return {"Fn::GetAtt": [name, "Arn"]}

    for name, resource in (
        ("CollectFunction", arn("EventsQueue")),
        ("QueryFunction", arn("EventsQueue")),
        ("RollupFunction", [arn("EventsQueue"), arn("EventsDeadLetterQueue")]),
    ):
        (statement,) = (
            statement
            for statement in policies(name, "Statement")
            if statement["Action"] == "sqs:GetQueueAttributes"
        )
        assert statement["Resource"] == resource


def test_only_who_makes_salts_may_destroy_them():
    def actions(name: str) -> list[str]:
        return [
            action
            for statement in policies(name, "Statement")
            for action in statement["Action"]
            if action.startswith("secretsmanager:")
        ]

    assert actions("CollectFunction") == [
        "secretsmanager:GetSecretValue", "secretsmanager:CreateSecret",
    ]  # fmt: skip
    assert "secretsmanager:DeleteSecret" in actions("SaltsFunction")
    assert not [
        name
        for name in FUNCTIONS
        if actions(name) and name not in ("CollectFunction", "SaltsFunction")
    ]
    # Each knows the salts by the name that its policy allows.
    for name in ("CollectFunction", "SaltsFunction"):
        assert variables(name)["SALTS_VAULT"] == {"Fn::Sub": "${AWS::StackName}/salts"}


def test_no_function_may_do_anything_to_everything():
    text = json.dumps([given.get("Policies", []) for given in FUNCTIONS.values()])

    assert '"*"' not in text
    assert ":*" not in text


def test_each_function_that_reads_the_store_may_read_its_password():
    for name, given in FUNCTIONS.items():
        conditional = [policy for policy in given.get("Policies", []) if "Fn::If" in policy]
        assert bool(conditional) == ("STORE_SECRET_ARN" in variables(name)), name


def test_functions_that_speak_to_valkey_are_where_it_is():
    for name, given in FUNCTIONS.items():
        assert ("VpcConfig" in given) == ("COUNTERS_URL" in variables(name)), name
    assert RESOURCES["Counters"]["Properties"]["Engine"] == "valkey"


def test_logs_do_not_stay_for_ever():
    assert GLOBALS["LoggingConfig"] == {"LogGroup": {"Ref": "LogGroup"}}
    assert RESOURCES["LogGroup"]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_schedules_are_of_a_form_that_eventbridge_takes():
    for schedule in template.load(ROOT / "template.yaml").schedules:
        assert re.fullmatch(
            r"rate\((1 (minute|hour|day)|([2-9]|\d{2,}) (minutes|hours|days))\)",
            schedule.expression,
        )


def test_every_function_has_a_sample_event_and_every_sample_a_function():
    words = {path.stem.partition("-")[0] for path in EVENTS}

    assert {f"{word.capitalize()}Function" for word in words} == FUNCTIONS.keys()


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_a_sample_event_is_what_the_gateway_would_send(path: Path):
    event = json.loads(path.read_text())
    if "requestContext" not in event:
        return

    http = event["requestContext"]["http"]
    route = template.load(ROOT / "template.yaml").route(http["method"], http["path"])

    assert route is not None
    assert event["routeKey"] == event["requestContext"]["routeKey"] == route.key
    assert route.function == f"{path.stem.partition('-')[0].capitalize()}Function"
    assert event["rawPath"] == http["path"]
