"""The whole document."""

from functools import cache
from typing import Any

from footfall import __version__, errors
from footfall.errors import FootfallError
from footfall.openapi import collecting, dialects, keeping, reading, sharing
from footfall.openapi.examples import Example, examples
from footfall.openapi.schema import Schema, json, ref, rows, text, told, whole

PARTS = (collecting, dialects, reading, keeping, sharing)
_ERROR = told(
    {
        "code": text("A name of the failure that does not change.", pattern="^[a-z0-9_]+$"),
        "message": text("What is wrong and what to do, for people."),
        "field": text("The field or parameter that is meant."),
        "allowed": rows(text(), "What would have been possible."),
    },
    ("field", "allowed"),
    "A failure.",
)
_HEADERS: dict[type[FootfallError], dict[str, Schema]] = {
    errors.Unauthorized: {"WWW-Authenticate": text()},
    errors.TooMany: {"Retry-After": whole(), "X-RateLimit-Reset": whole()},
    errors.Unavailable: {"Retry-After": whole()},
}
_SECURITY: dict[str, Schema] = {
    "key": {"type": "http", "scheme": "bearer", "description": "A key of the right scope."},
    "basic": {"type": "http", "scheme": "basic", "description": "The key as the user's name."},
    "writeKeyHeader": {"type": "apiKey", "in": "header", "name": "X-Write-Key"},
    "writeKeyQuery": {"type": "apiKey", "in": "query", "name": "key"},
}


@cache
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of all routes, as one tree that nobody changes."""
    schemas = {"Error": _ERROR}
    for part in PARTS:
        schemas |= part.SCHEMAS
    paths = {
        path: {
            method: _with_example(_with_names(operation, schemas))
            for method, operation in item.items()
        }
        for part in PARTS
        for path, item in part.PATHS.items()
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Footfall",
            "version": __version__,
            "description": "Web analytics: events are collected, questions are answered. Names are added, never "
            "renamed. Any other path is a 404, any other method a 405, both with an `Error`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": reading.PARAMETERS,
            "responses": {failure.__name__: _response(failure) for failure in _failures()},
            "securitySchemes": _SECURITY,
        },
    }


def _with_names(operation: Schema, schemas: dict[str, Schema]) -> Schema:
    """An operation whose body and answer are named schemas, so that generated types have names, too: those that are
    written in its place become `<OperationId>Body` and `<OperationId>Answer`.
    """
    name = operation["operationId"][0].upper() + operation["operationId"][1:]
    made = dict(operation)
    if "requestBody" in made:
        made["requestBody"] = _with_name(made["requestBody"], f"{name}Body", schemas)
    answers = made["responses"]
    made["responses"] = answers | {"200": _with_name(answers["200"], f"{name}Answer", schemas)}
    return made


def _with_name(part: Schema, name: str, schemas: dict[str, Schema]) -> Schema:
    told = part["content"].get("application/json")
    if told is None or not {"properties", "anyOf", "items"} & told["schema"].keys():
        return part
    schemas[name] = told["schema"]
    return part | {"content": part["content"] | {"application/json": told | {"schema": ref(name)}}}


def _with_example(operation: Schema) -> Schema:
    """An operation with its example: of each parameter that it gives, of the body and of the answer."""
    example = examples().get(operation["operationId"], {})
    made = dict(operation)
    if "parameters" in made:
        made["parameters"] = [_exemplified(each, example) for each in made["parameters"]]
    if "body" in example:
        made["requestBody"] = _shown(made["requestBody"], example["body"])
    if "answer" in example:
        answers = made["responses"]
        made["responses"] = answers | {"200": _shown(answers["200"], example["answer"])}
    return made


def _exemplified(parameter: Schema, example: Example) -> Schema:
    """A parameter with its example; one that is referred to then stands here itself."""
    name = parameter.get("$ref", "").rpartition("/")[2]
    full = reading.PARAMETERS[name] if name else parameter
    given = example.get(full["in"], {})
    return full | {"example": given[full["name"]]} if full["name"] in given else parameter


def _shown(part: Schema, value: Any) -> Schema:
    """A request's body or an answer with an example of its JSON."""
    content = part["content"]
    told = content["application/json"] | {"example": value}
    return part | {"content": content | {"application/json": told}}


def _failures() -> list[type[FootfallError]]:
    """The classes of errors.py that operations name."""
    unnamed = (errors.MethodNotAllowed,)
    return [
        each
        for each in vars(errors).values()
        if isinstance(each, type)
        and issubclass(each, FootfallError)
        and each is not FootfallError
        and each not in unnamed
    ]


def _response(failure: type[FootfallError]) -> Schema:
    headers = {
        name: {"schema": schema, "required": True}
        for name, schema in _HEADERS.get(failure, {}).items()
    }
    content = json(ref("Error"))
    about = (failure.__doc__ or failure.__name__).strip()
    return {"description": about, "content": content} | ({"headers": headers} if headers else {})
