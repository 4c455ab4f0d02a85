"""The built page: what its sources build, small, and trusting nothing from outside."""

import base64
import gzip
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "clients" / "dashboard"
DIST = DASHBOARD / "dist"
PAGE = (DIST / "index.html").read_text()
SOURCES = [*DASHBOARD.glob("src/**/*.ts"), *DASHBOARD.glob("src/**/*.tsx")]

needs_packages = pytest.mark.skipif(
    shutil.which("node") is None or not (DASHBOARD / "node_modules" / ".stamp").exists(),
    reason="needs Node and the packages of clients/dashboard (make clients)",
)


def node(*command: str | Path) -> None:
    done = subprocess.run(
        ["node", *command], cwd=DASHBOARD, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@needs_packages
def test_what_is_served_is_what_the_sources_build(tmp_path: Path):
    node("node_modules/vite/bin/vite.js", "build", "--logLevel", "error", "--outDir", tmp_path)

    built, served = files(tmp_path), files(DIST)
    assert built.keys() == served.keys(), "build it anew: make dashboard"
    assert [name for name in built if built[name] != served[name]] == [], (
        "build it anew: make dashboard"
    )


def test_the_page_of_shared_links_is_the_dashboards():
    copy = ROOT / "layers" / "core" / "footfall" / "shares" / "index.html"

    assert copy.read_text() == PAGE, "build it anew: make dashboard"


def test_the_page_finds_its_files_wherever_it_is():
    found = re.findall(r'(?:src|href)="([^"]+)"', PAGE)

    assert {path for path in found if path != "data:,"} == {
        f"/assets/{path.name}" for path in DIST.glob("assets/index-*")
    }


@needs_packages
def test_the_map_is_what_the_shapes_make(tmp_path: Path):
    node("build/world.mjs", tmp_path / "world.json")

    assert (tmp_path / "world.json").read_bytes() == (DASHBOARD / "src" / "world.json").read_bytes()


@needs_packages
def test_the_types_of_the_page_hold():
    node("node_modules/typescript/bin/tsc", "--noEmit")


def test_the_script_stays_below_its_size_and_the_map_is_apart():
    sizes = {
        path.name: len(gzip.compress(path.read_bytes(), 9)) for path in DIST.glob("assets/*.js")
    }
    world = [name for name in sizes if name.startswith("world-")]

    assert len(sizes) == 2
    assert len(world) == 1
    assert sum(size for name, size in sizes.items() if name not in world) <= 115_000, sizes
    assert world[0] not in PAGE


def test_the_policy_allows_the_page_its_own_files_and_its_own_inline_script():
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', PAGE)
    (script,) = re.findall(r"<script>(.*?)</script>", PAGE, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()

    assert dict(part.split(" ", 1) for part in policy.split("; ")) == {
        "default-src": "'none'",
        "script-src": f"'self' 'sha256-{digest}'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self' data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_nothing_is_loaded_from_elsewhere_and_nothing_becomes_markup():
    assert not re.search(r"\w+://", PAGE)
    assert not re.search(r"<[^>]+ (style|on\w+)=", PAGE)
    for path in SOURCES:
        assert not re.search(
            r"dangerouslySetInnerHTML|innerHTML|insertAdjacentHTML|document\.write|\beval\b|Function\(",
            path.read_text(),
        ), path


def test_the_lock_file_names_no_registry():
    lock = json.loads((DASHBOARD / "package-lock.json").read_text())

    assert [
        name
        for name, package in lock["packages"].items()
        if {"resolved", "funding"} & package.keys()
    ] == []
