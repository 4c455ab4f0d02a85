"""The whole document."""

from functools import cache
from typing import Any

from footfall import __version__, errors
from footfall.errors import FootfallError
from footfall.openapi import collecting, dialects, keeping, reading
from footfall.openapi.schema import Schema, json, ref, rows, text, told, whole

PARTS = (collecting, dialects, reading, keeping)
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
    paths = {path: item for part in PARTS for path, item in part.PATHS.items()}
    schemas = {"Error": _ERROR}
    for part in PARTS:
        schemas |= part.SCHEMAS
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
