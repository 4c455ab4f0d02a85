"""An example of every operation: a request, and what it was answered.

examples.json has them by operation, in the order in which tests/functions/test_examples.py sends them; that also writes
the answers. `$makeKey.id` is the `id` that `makeKey` was answered, `$makeShare.url#k` the `k` in the fragment of a URL.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs

Example = dict[str, Any]
"""`path` and `query` (texts by the names of parameters), `body` and `answer`, each where there is one."""


@cache
def examples() -> dict[str, Example]:
    """The examples by operation, as they were recorded."""
    text = (files("footfall.openapi") / "examples.json").read_text("utf-8")
    recorded: dict[str, Example] = json.loads(text)
    answers = {name: example.get("answer") for name, example in recorded.items()}
    return {
        name: {
            part: value if part == "answer" else filled_in(value, answers)
            for part, value in example.items()
        }
        for name, example in recorded.items()
    }


def filled_in(value: Any, answers: dict[str, Any]) -> Any:
    """A part of a request with what earlier answers told. Raises KeyError where these do not hold it."""
    if isinstance(value, dict):
        return {name: filled_in(each, answers) for name, each in value.items()}
    if isinstance(value, list):
        return [filled_in(each, answers) for each in value]
    if not isinstance(value, str) or not value.startswith("$"):
        return value
    place, _, parameter = value.removeprefix("$").partition("#")
    operation, *names = place.split(".")
    found = answers[operation]
    for name in names:
        found = found[name]
    return parse_qs(str(found).partition("#")[2])[parameter][0] if parameter else found
