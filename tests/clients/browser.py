"""Where Chromium is, and pages with the scripts of others in it."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.clients.node import PACKAGES, run

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)

needs_chromium = pytest.mark.skipif(
    not CHROMIUM, reason="needs Chromium (the variable CHROMIUM names another one)"
)

SEGMENT = PACKAGES / "@segment" / "analytics-next" / "dist" / "umd"
PLAUSIBLE = PACKAGES / "@plausible-analytics" / "tracker" / "plausible.js"
UMAMI = PACKAGES / "umami" / "src" / "tracker" / "index.js"
RUDDERSTACK = (
    PACKAGES
    / "@rudderstack"
    / "analytics-js"
    / "dist"
    / "npm"
    / "modern"
    / "bundled"
    / "esm"
    / "index.mjs"
)


def script(path: Path) -> tuple[str, bytes]:
    """A script as it is served."""
    return "text/javascript", path.read_bytes()


def page(*parts: str, title: str = "Shop") -> tuple[str, bytes]:
    """A page of these parts."""
    html = f"<!doctype html><title>{title}</title><body>{''.join(parts)}"
    return "text/html; charset=utf-8", html.encode()


def opened(url: str, events: int = 0) -> dict[str, Any]:
    """What a browser saw of a page, once so many of its events were answered with 200."""
    return run("browser.mjs", chromium=CHROMIUM, page=url, events=events)
