"""/openapi.json cannot lie about which routes there are, and says the same as docs/api.md, events/ and the errors."""

import base64
import gzip
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from footfall import errors
from footfall.api import ROUTES
from footfall.event import EVENT_TYPES
from footfall.openapi.document import document
from footfall.query.catalog import DIMENSIONS, METRICS
from footfall.query.period import INTERVALS, NAMES
from footfall.site import SETTINGS

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "api.md").read_text()
OPERATIONS = {
    (method.upper(), path): operation
    for path, item in document()["paths"].items()
    for method, operation in item.items()
}
SCHEMAS = document()["components"]["schemas"]


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """A part of the document, or the one it refers to."""
    if "$ref" not in part:
        return part
    _, _, kind, name = part["$ref"].split("/")
    found: dict[str, Any] = document()["components"][kind][name]
    return found


def parameters(operation: dict[str, Any], place: str = "query") -> set[str]:
    """The names of an operation's parameters."""
    given = [resolved(each) for each in operation.get("parameters", ())]
    return {each["name"] for each in given if each["in"] == place}


def check(schema: dict[str, Any], value: Any) -> None:
    """Hold a value against a schema. Raises when it does not fit."""
    validator = jsonschema.Draft202012Validator(schema | {"components": document()["components"]})
    validator.validate(value)


def test_the_document_is_valid_openapi():
    assert not [error.message for error in OpenAPIV31SpecValidator(document()).iter_errors()]


def test_every_path_and_method_is_in_the_document_and_back():
    assert OPERATIONS.keys() == {
        (method, path) for path, methods in ROUTES.items() for method in methods
    }


def test_operations_have_names_of_their_own():
    names = [operation["operationId"] for operation in OPERATIONS.values()]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize("operation", OPERATIONS, ids=" ".join)
def test_what_stands_in_braces_is_a_parameter_of_the_path(operation: tuple[str, str]):
    assert parameters(OPERATIONS[operation], "path") == set(re.findall(r"\{(\w+)\}", operation[1]))


@pytest.mark.parametrize("operation", OPERATIONS, ids=" ".join)
def test_every_parameter_of_a_route_is_documented(operation: tuple[str, str]):
    named = set(re.findall(r"`(\w+)`|[?&](\w+)", DOC))

    assert not parameters(OPERATIONS[operation]) - {name for pair in named for name in pair}


def test_every_row_of_the_docs_is_an_operation():
    rows = re.findall(r"^\| ((?:GET|POST|PATCH|DELETE)[^`|]*) `([^`]+)`", DOC, re.MULTILINE)
    told = {(method, path) for methods, path in rows for method in methods.split(", ")}

    assert len(told) > 20
    assert not told - OPERATIONS.keys()


def test_a_list_of_the_document_is_the_codes_own():
    assert SCHEMAS["Metric"]["enum"] == list(METRICS)
    assert SCHEMAS["Dimension"]["anyOf"][0]["enum"] == list(DIMENSIONS)
    assert SCHEMAS["Period"]["anyOf"][0]["enum"] == list(NAMES)
    assert SCHEMAS["Timeseries"]["properties"]["interval"]["enum"] == list(INTERVALS)
    assert list(SCHEMAS["Item"]["discriminator"]["mapping"]) == list(EVENT_TYPES)
    assert tuple(SCHEMAS["Site"]["properties"]["settings"]["properties"]) == SETTINGS


def test_every_failure_is_some_operations():
    named = {
        response["$ref"].rpartition("/")[2]
        for operation in OPERATIONS.values()
        for response in operation["responses"].values()
        if "$ref" in response
    }

    assert named == document()["components"]["responses"].keys()
    assert named | {"MethodNotAllowed", "FootfallError"} == {
        name
        for name, each in vars(errors).items()
        if isinstance(each, type) and each.__module__ == errors.__name__
    }


def test_the_query_of_the_docs_is_one_of_the_document():
    (example,) = re.findall(r"```json\n(.*?)```", DOC, re.DOTALL)

    check(SCHEMAS["Query"], json.loads(example))


@pytest.mark.parametrize(
    "path", sorted((ROOT / "events").glob("*.json")), ids=lambda path: path.stem
)
def test_a_sample_event_is_a_request_of_the_document(path: Path):
    event = json.loads(path.read_text())
    method, _, route = event.get("routeKey", "").partition(" ")
    if (method, route) not in OPERATIONS:
        return
    operation = OPERATIONS[method, route]

    assert not set(event.get("queryStringParameters") or {}) - parameters(operation) - {"key"}
    assert set(event.get("pathParameters") or {}) <= parameters(operation, "path")
    if body := event.get("body"):
        data = base64.b64decode(body) if event["isBase64Encoded"] else body.encode()
        data = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
        check(operation["requestBody"]["content"]["application/json"]["schema"], json.loads(data))


@pytest.mark.parametrize(
    "path", sorted((ROOT / "tests" / "data" / "clients").glob("*.json")), ids=lambda path: path.stem
)
def test_what_clients_of_others_send_is_a_request_of_the_document(path: Path):
    sent = [each for each in json.loads(path.read_text()) if each["method"] == "POST"]
    routes = [re.sub(r"^/v1/\w+/?$", "/v1/{call}", each["path"].partition("?")[0]) for each in sent]

    assert sent
    for each, route in zip(sent, routes, strict=True):
        content = OPERATIONS["POST", route]["requestBody"]["content"]
        body = each["body_json"] or json.loads(each["body_text"])
        check(content["application/json"]["schema"], body)


def test_no_event_pays_for_the_document():
    """Collect is imported without it."""
    code = "import sys; import functions.collect.app; print([m for m in sys.modules if 'openapi' in m])"
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'layers' / 'core'}"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert found.stdout.strip() == "[]"
