"""The page in Chromium over a running stack: each scenario of scenarios.mjs is a test here."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.clients.browser import needs_chromium
from tests.clients.node import needs_node
from tests.dashboard.test_build import needs_packages

pytestmark = [needs_node, needs_packages, needs_chromium]

_TEXT = (Path(__file__).parent / "scenarios.mjs").read_text()
_FOR = {
    "locale": ("en-US", "de-DE"),
    "width": ("1280", "360"),
    "way": (
        "without a route",
        "while it fails",
        "that close at once",
        "that say nothing we know",
    ),
}


def scenarios() -> list[str]:
    """The names in scenarios.mjs, those made in a loop once for each of its values."""
    names = []
    for name in re.findall(
        r"^\s*scenario\((?:'((?:[^'\\]|\\.)+)'|\"([^\"]+)\"|`([^`]+)`)", _TEXT, re.MULTILINE
    ):
        made = [next(filter(None, name))]
        for key, values in _FOR.items():
            made = [
                one.replace(f"${{{key}}}", value)
                for one in made
                for value in (values if f"${{{key}}}" in one else ("",))
            ]
        names += made
    return [name for name in names if not name.startswith("picture ")]


@pytest.mark.parametrize("name", scenarios())
def test_page(name: str, seen: dict[str, dict[str, Any]]):
    if name not in seen:
        pytest.skip("SCENARIO names others")
    assert seen[name]["ok"], seen[name]["error"]


def test_every_scenario_is_a_test(seen: dict[str, dict[str, Any]]):
    made = {name for name in seen if not name.startswith("picture ")}

    assert made <= set(scenarios())
