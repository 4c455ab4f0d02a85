"""The few words of JSON Schema (2020-12) and OpenAPI 3.1 that the document is written in."""

from collections.abc import Iterable, Mapping
from typing import Any

from footfall.admin.body import SITE_ID as SITE_ID_PATTERN
from footfall.errors import (
    BadRequest,
    FootfallError,
    Forbidden,
    TooLarge,
    Unauthorized,
    Unavailable,
    Unprocessable,
)

Schema = dict[str, Any]
Paths = dict[str, dict[str, Schema]]
"""Path items: operations by path, then by method in lower case."""

KEY: list[dict[str, list[str]]] = [{"key": ["admin"]}]
"""A secret key in `Authorization`, and the scope that it must have."""
READ_KEY: list[dict[str, list[str]]] = [{"key": ["read"]}]
"""A key that reads; one that administers does, too."""
WRITE_KEY: list[dict[str, list[str]]] = [
    {}, {"key": []}, {"basic": []}, {"writeKeyHeader": []}, {"writeKeyQuery": []},
]  # fmt: skip
"""The places of a key that sends, or none where a page's host tells the site."""
NO_KEY: list[dict[str, list[str]]] = []


def text(about: str = "", **more: Any) -> Schema:
    """A text."""
    return _about({"type": "string"} | more, about)


def whole(least: int | None = 0, most: int | None = None, about: str = "") -> Schema:
    """A whole number within bounds."""
    bounds = {"minimum": least, "maximum": most}
    return _about(
        {"type": "integer"} | {name: n for name, n in bounds.items() if n is not None}, about
    )


def number(about: str = "") -> Schema:
    """Any number."""
    return _about({"type": "number"}, about)


def flag(about: str = "") -> Schema:
    """True or false."""
    return _about({"type": "boolean"}, about)


def word(words: Iterable[str], about: str = "", **more: Any) -> Schema:
    """One of a few words."""
    return _about({"type": "string", "enum": list(words)} | more, about)


def rows(of: Schema, about: str = "", **more: Any) -> Schema:
    """A list."""
    return _about({"type": "array", "items": of} | more, about)


def places(*of: Schema) -> Schema:
    """A list with one schema for each of its places, and no more of them."""
    return {
        "type": "array",
        "prefixItems": list(of),
        "items": False,
        "minItems": len(of),
        "maxItems": len(of),
    }


def record(fields: Mapping[str, Schema], needed: Iterable[str] = (), about: str = "") -> Schema:
    """An object a client sends: what else it holds is ignored, unless the route says otherwise."""
    required = {"required": list(needed)} if needed else {}
    return _about({"type": "object", "properties": dict(fields)} | required, about)


def told(fields: Mapping[str, Schema], optional: Iterable[str] = (), about: str = "") -> Schema:
    """An object of an answer: all its fields are there but the optional ones; later versions may add some."""
    missing = frozenset(optional)
    return record(fields, [name for name in fields if name not in missing], about)


def by_name(of: Schema, about: str = "") -> Schema:
    """An object with any names, all of one kind."""
    return _about({"type": "object", "additionalProperties": of}, about)


def anything(about: str = "") -> Schema:
    """An object of the client's own."""
    return _about({"type": "object", "additionalProperties": True}, about)


def nullable(schema: Schema) -> Schema:
    """A schema, or null."""
    kind = schema.get("type")
    if isinstance(kind, str) and "enum" not in schema:
        return schema | {"type": [kind, "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def ref(name: str) -> Schema:
    """One of the document's named schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def shared(*names: str) -> list[Schema]:
    """Some of the document's named parameters."""
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def query(name: str, schema: Schema, about: str = "", *, needed: bool = False) -> Schema:
    """A parameter in the query."""
    parameter: Schema = {"name": name, "in": "query", "required": needed, "schema": schema}
    return parameter | ({"description": about} if about else {})


def path(name: str, schema: Schema, about: str) -> Schema:
    """A parameter in the path."""
    return {"name": name, "in": "path", "required": True, "schema": schema, "description": about}


def json(schema: Schema, **more: Any) -> Schema:
    """A body or answer in JSON."""
    return {"application/json": {"schema": schema} | more}


CSV: Schema = {"text/csv": {"schema": {"type": "string"}}}


def operation(
    name: str,
    summary: str,
    *,
    tag: str,
    answer: Schema,
    failures: Iterable[type[FootfallError]] = (),
    parameters: Iterable[Schema] = (),
    body: Schema | None = None,
    security: list[dict[str, list[str]]] = KEY,
    is_body_needed: bool = True,
    about: str = "",
    says: Mapping[str, Schema] | None = None,
) -> Schema:
    """One method of one path. `answer` is the content of its 200, `failures` are the errors it may answer with, and
    `says` are answers that are described otherwise than by their error.
    """
    responses = {"200": {"description": "Done.", "content": answer}}
    responses |= {
        str(failure.status): {"$ref": f"#/components/responses/{failure.__name__}"}
        for failure in failures
    }
    made: Schema = {"operationId": name, "summary": summary, "tags": [tag], "security": security}
    if about:
        made["description"] = about
    if given := list(parameters):
        made["parameters"] = given
    if body is not None:
        made["requestBody"] = {"required": is_body_needed, "content": body}
    return made | {"responses": responses | dict(says or {})}


def _about(schema: Schema, about: str) -> Schema:
    return schema | ({"description": about} if about else {})


TIME: Schema = text(format="date-time")
"""A moment of an answer."""
SITE_ID: Schema = text(pattern=f"^{SITE_ID_PATTERN.pattern}$")
SITE: Schema = path("id", SITE_ID, "The site's id.")
READS: tuple[type[FootfallError], ...] = (Unauthorized, Forbidden, Unprocessable, Unavailable)
"""With which errors a route answers that reads under a key."""
WRITES: tuple[type[FootfallError], ...] = (*READS, BadRequest, TooLarge)
"""With which errors a route answers that takes a body under a key."""
