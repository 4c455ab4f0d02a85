"""Documentation that cannot lie: what can be asked, set and called is in it."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from footfall import api
from footfall.config import Settings
from footfall.query.catalog import DIMENSIONS, METRICS
from footfall.query.period import INTERVALS, NAMES

ROOT = Path(__file__).parents[2]
DOCS = {path.name: path.read_text() for path in (ROOT / "docs").glob("*.md")}


@pytest.mark.parametrize("name", [*METRICS, *DIMENSIONS, *INTERVALS, *NAMES])
def test_everything_one_can_ask_for_is_documented(name: str):
    assert f"`{name}`" in DOCS["api.md"]


@pytest.mark.parametrize("path", api.ROUTES)
def test_every_route_is_documented(path: str):
    assert f"`{path}`" in DOCS["api.md"]


@pytest.mark.parametrize("name", [each.name for each in fields(Settings)])
def test_every_setting_is_documented(name: str):
    assert f"`{name.upper()}`" in DOCS["operating.md"]


def test_every_error_code_is_documented():
    code = ROOT / "layers" / "core" / "footfall"
    errors = (
        r"(?:BadRequest|Unauthorized|Forbidden|NotFound|MethodNotAllowed|TooLarge|TooMany"
        r"|Unprocessable|Unavailable)"
    )
    found = {
        name
        for path in code.rglob("*.py")
        for name in re.findall(errors + r'\(\s*"(\w+)"', path.read_text())
    }
    assert len(found) > 20
    assert {name for name in found if f"`{name}`" not in DOCS["api.md"]} == set()


def test_every_link_between_pages_leads_somewhere():
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_decisions_are_numbered():
    names = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert [name[:4] for name in names] == [f"{n:04}" for n in range(1, len(names) + 1)]
