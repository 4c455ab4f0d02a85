"""Every example of /openapi.json is a request that is answered, as the example says it is.

`OPENAPI_RECORD=1` writes what is answered into examples.json.
"""

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import footfall.openapi.examples
from footfall.openapi.document import document
from footfall.openapi.examples import examples, filled_in
from tests.builders import API_KEY, WRITE_KEY, Product, Send

FILE = Path(footfall.openapi.examples.__file__).with_name("examples.json")
RECORDED: dict[str, dict[str, Any]] = json.loads(FILE.read_text())
OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, item in document()["paths"].items()
    for method, operation in item.items()
}
IS_RECORDING = bool(os.environ.get("OPENAPI_RECORD"))
SEEN = {"/": 5, "/pricing": 3, "/docs": 2}
"""Pages that were seen on the day of the examples, and how often."""


def log() -> list[dict[str, Any]]:
    """What is imported beside the examples, so that numbers are no ones and zeros."""
    pages = [page for page, times in SEEN.items() for _ in range(times)]
    return [
        {
            "type": "pageview",
            "eventId": f"seen-{day}-{number}",
            "anonymousId": f"seen-{number % 6}",
            "timestamp": f"2026-{day}T10:{number:02}:00Z",
            "page": {"path": page, "referrer": "https://www.google.com/" if number % 2 else ""},
        }
        for day in ("02-12", "03-02")
        for number, page in enumerate(pages)
    ]


def answer_schema(name: str) -> dict[str, Any] | None:
    """The schema of an operation's answer in JSON; nothing beyond what it names."""
    content = OPERATIONS[name][2]["responses"]["200"]["content"]
    return content.get("application/json", {}).get("schema")


def strict(schema: Any) -> Any:
    """A schema whose objects hold nothing but what it names."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: strict(each) for name, each in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema["properties"]:
        made.setdefault("additionalProperties", False)
    return made


def check(schema: dict[str, Any], value: Any) -> None:
    """Hold a value against a schema. Raises when it does not fit."""
    jsonschema.validate(value, schema | {"components": document()["components"]})


def check_strictly(schema: dict[str, Any], value: Any) -> None:
    """As `check`, and nothing beyond what the schema names may be there."""
    components = {"schemas": strict(document()["components"]["schemas"])}
    jsonschema.validate(value, strict(schema) | {"components": components})


def shape(value: Any) -> Any:
    """Which names there are and of what kinds their values are; of a list the kinds of items that it holds."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        kinds = {json.dumps(shape(each), sort_keys=True) for each in value}
        return sorted(kinds)
    return "number" if isinstance(value, int | float) else type(value).__name__


def in_query(value: Any) -> str:
    """A parameter as it stands in a query."""
    return ",".join(value) if isinstance(value, list) else str(value)


@pytest.fixture
def answers(send: Send, wired: Product) -> dict[str, Any]:
    """What each request of the examples is answered, in their order."""
    told: dict[str, Any] = {}
    keys = {"collect": WRITE_KEY, "others": API_KEY}
    send("POST", "/import", {"batch": log()}, headers={"authorization": f"Bearer {API_KEY}"})
    for name, example in RECORDED.items():
        method, path, operation = OPERATIONS[name]
        request = filled_in({key: example[key] for key in example if key != "answer"}, told)
        for parameter, value in request.get("path", {}).items():
            path = path.replace(f"{{{parameter}}}", value)
        is_public = {} in operation["security"]
        headers = {"authorization": f"Bearer {keys['collect' if is_public else 'others']}"}
        status, told[name], _ = send(
            method,
            path,
            request.get("body"),
            headers=headers if operation["security"] else {},
            query={key: in_query(value) for key, value in request.get("query", {}).items()},
        )
        assert status == 200, (name, told[name])
        # What was accepted is stored before the next question.
        wired.drain()
    return told


def test_every_operation_has_an_example():
    assert RECORDED.keys() == OPERATIONS.keys()


def test_every_request_is_answered_as_its_example_says(answers: dict[str, Any]):
    if IS_RECORDING:
        FILE.write_text(json.dumps(recorded(answers), indent=1, ensure_ascii=False) + "\n")
        examples.cache_clear()
        pytest.skip("recorded")
    for name, answer in answers.items():
        if (schema := answer_schema(name)) is None:
            continue
        check_strictly(schema, answer)
        if name != "getOpenapi":
            assert shape(answer) == shape(RECORDED[name]["answer"]), name


def recorded(answers: dict[str, Any]) -> dict[str, Any]:
    """The examples with these answers; the document itself only begun."""
    document_begun = {"openapi": "3.1.0", "info": {"title": "Footfall"}, "paths": {}}
    return {
        name: {key: value for key, value in example.items() if key != "answer"}
        | ({} if answer_schema(name) is None else {"answer": answers[name]})
        | ({"answer": document_begun} if name == "getOpenapi" else {})
        for name, example in RECORDED.items()
    }


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_example_is_of_the_form_that_the_document_tells(name: str):
    method, path, operation = OPERATIONS[name]
    for parameter in operation.get("parameters", ()):
        if "example" in parameter:
            check(parameter["schema"], parameter["example"])
        else:
            assert not parameter.get("required"), (method, path)
    if body := operation.get("requestBody"):
        content = body["content"]["application/json"]
        check(content["schema"], content["example"])
    if schema := answer_schema(name):
        example = operation["responses"]["200"]["content"]["application/json"]["example"]
        check_strictly(schema, example)


def test_a_key_that_reads_may_do_what_the_document_says(send: Send, wired: Product):
    admin = {"authorization": f"Bearer {API_KEY}"}
    key = send("POST", "/sites/default/keys", {"scope": "read"}, headers=admin)[1]["key"]
    may = {}
    for name, (method, path, operation) in OPERATIONS.items():
        if operation["security"] in ([{"key": ["read"]}], [{"key": ["admin"]}]):
            status, answer, _ = send(
                method,
                path.replace("{id}", "default"),
                examples()[name].get("body"),
                headers={"authorization": f"Bearer {key}"},
            )
            may[name] = not (status == 403 and answer["code"] == "wrong_scope")

    assert may == {
        name: operation["security"] == [{"key": ["read"]}]
        for name, (_, _, operation) in OPERATIONS.items()
        if name in may
    }
    assert {True, False} == set(may.values())
