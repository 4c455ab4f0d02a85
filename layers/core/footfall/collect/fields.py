"""Reading the fields of a client's JSON: the right type, or a refusal that names the field."""

from typing import Any

from footfall.errors import BadRequest, Unprocessable
from footfall.event import number_text

ID_CHARACTERS = 256
NUMBER = (int, float)
"""A tuple: asking whether something is of a union makes the union first."""


def part(container: dict[str, Any], name: str, within: str = "") -> dict[str, Any]:
    """The object under `name`; missing or null is an empty one. `within` is where the container lies in the item.

    Raises BadRequest for anything else.
    """
    value = container.get(name)
    if isinstance(value, dict):
        return value
    if value is None:
        return {}
    raise _invalid(name, within, "an object")


def text(container: dict[str, Any], name: str, within: str = "") -> str:
    """The string under `name`; missing or null is "". `within` is where the container lies in the item.

    Raises BadRequest for anything else.
    """
    value = container.get(name)
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    raise _invalid(name, within, "a string")


def identifier(container: dict[str, Any], name: str, limit: int = ID_CHARACTERS) -> str:
    """The id under `name` as text; numbers become text, missing, null, true and false are "".

    Raises BadRequest for a list or an object, Unprocessable when it is longer than `limit` characters.
    """
    value = container.get(name)
    if not isinstance(value, str):
        if value is None or isinstance(value, bool):
            return ""
        if not isinstance(value, NUMBER):
            raise _invalid(name, "", "a string")
        value = number_text(value)
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


def _invalid(name: str, within: str, wanted: str) -> BadRequest:
    field = f"{within}.{name}" if within else name
    return BadRequest("invalid_field", f"`{field}` must be {wanted}.", field=field)
