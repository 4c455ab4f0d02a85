"""template.yaml and the code agree. What it makes of a deployment is held by tests/deploy."""

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

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
LAYER = (ROOT / "layers" / "dependencies" / "Makefile").read_text()
LAMBDAS_OWN = {
    "AWS_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
}
"""What Lambda sets by itself."""


def variables(name: str) -> dict[str, Any]:
    """The environment of a function."""
    own = FUNCTIONS[name].get("Environment", {}).get("Variables", {})
    return {**GLOBALS["Environment"]["Variables"], **own}


def test_every_function_folder_is_deployed_and_back():
    words = {
        folder.name for folder in (ROOT / "functions").iterdir() if (folder / "app.py").is_file()
    }

    assert FUNCTIONS.keys() == {f"{word.capitalize()}Function" for word in words}
    for name, properties in FUNCTIONS.items():
        assert properties["CodeUri"] == f"functions/{name.removesuffix('Function').lower()}"


def test_every_setting_is_some_functions_and_every_variable_a_setting():
    known = {each.name.upper() for each in fields(Settings)} - LAMBDAS_OWN
    others = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "PYTHONTZPATH"}

    assert {variable for name in FUNCTIONS for variable in variables(name)} == known | others


def test_no_secret_is_a_variable():
    assert not [
        variable
        for name in FUNCTIONS
        for variable in variables(name)
        if re.search("PASSWORD|TOKEN|SECRET(?!_ARN|S_MANAGER)|API_KEY(?!_SHA256)", variable)
    ]


def test_architecture_and_runtime_are_chosen_once():
    (for_python,) = re.findall(r"--python-version ([\d.]+)", LAYER)
    assert GLOBALS["Runtime"] == f"python{for_python}"
    assert GLOBALS["Architectures"] == [{"Ref": "Architecture"}]
    assert DOCUMENT["Parameters"]["Architecture"]["Default"] == "arm64"
    layers = [r for r in RESOURCES.values() if r["Type"] == "AWS::Serverless::LayerVersion"]
    assert {str(layer["Metadata"]["BuildArchitecture"]) for layer in layers} == {
        "{'Ref': 'Architecture'}"
    }
    assert not [
        name for name, given in FUNCTIONS.items() if "Runtime" in given or "Architectures" in given
    ]


def test_every_function_has_a_sample_event_and_every_sample_a_function():
    words = {path.stem.partition("-")[0] for path in EVENTS}

    assert {f"{word.capitalize()}Function" for word in words} == FUNCTIONS.keys()


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_a_sample_event_is_what_the_gateway_would_send(path: Path):
    event = json.loads(path.read_text())
    if "requestContext" not in event:
        return

    deployed = template.load(ROOT / "template.yaml")
    if "connectionId" in event["requestContext"]:
        assert deployed.sockets is not None
        assert event["requestContext"]["stage"] == deployed.sockets.stage
        assert event["requestContext"]["routeKey"] in deployed.sockets.routes
        return
    http = event["requestContext"]["http"]
    route = deployed.route(http["method"], http["path"])

    assert route is not None
    assert event["routeKey"] == event["requestContext"]["routeKey"] == route.key
    assert route.function == f"{path.stem.partition('-')[0].capitalize()}Function"
    assert event["rawPath"] == http["path"]


def test_every_parameter_and_output_is_documented():
    docs = (ROOT / "docs" / "operating.md").read_text()

    told = [*DOCUMENT["Parameters"], *DOCUMENT["Outputs"]]
    assert [name for name in told if f"`{name}`" not in docs] == []


def test_every_parameter_says_what_it_is():
    obvious = {"LogLevel", "LogRetentionDays"}

    parameters = DOCUMENT["Parameters"]
    assert {name for name, given in parameters.items() if "Description" not in given} == obvious
    grouped = DOCUMENT["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sorted(parameters) == sorted(name for group in grouped for name in group["Parameters"])
