"""Reading the fields of a client's JSON: the right type, or a refusal that names the field."""

from typing import Any

from footfall.errors import BadRequest, Unprocessable
from footfall.event import number_text

ID_CHARACTERS = 256


def part(container: dict[str, Any], name: str, field: str | None = None) -> dict[str, Any]:
    """The object under `name`; missing or null is an empty one. Raises BadRequest for anything else."""
    value = container.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadRequest(
            "invalid_field", f"`{field or name}` must be an object.", field=field or name
        )
    return value


def text(container: dict[str, Any], name: str, field: str | None = None) -> str:
    """The string under `name`; missing or null is "". Raises BadRequest for anything else."""
    value = container.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRequest(
            "invalid_field", f"`{field or name}` must be a string.", field=field or name
        )
    return value


def identifier(container: dict[str, Any], name: str, limit: int = ID_CHARACTERS) -> str:
    """The id under `name` as text; numbers become text, missing, null, true and false are "".

    Raises BadRequest for a list or an object, Unprocessable when it is longer than `limit` characters.
    """
    value = container.get(name)
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, int | float):
        value = number_text(value)
    if not isinstance(value, str):
        raise BadRequest("invalid_field", f"`{name}` must be a string.", field=name)
    if len(value) > limit:
        raise Unprocessable("too_long", f"`{name}` is longer than {limit} characters.", field=name)
    return value


def soft_text(container: dict[str, Any], name: str) -> str:
    """The string under `name`, "" for anything else: for what a library adds and nobody asked for."""
    value = container.get(name)
    return value if isinstance(value, str) else ""


def soft_part(container: dict[str, Any], name: str) -> dict[str, Any]:
    """The object under `name`, an empty one for anything else."""
    value = container.get(name)
    return value if isinstance(value, dict) else {}
