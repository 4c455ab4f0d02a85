"""The page that is served at `/`: what is built is what is written, and it loads and trusts nothing from outside."""

import base64
import hashlib
import re
from pathlib import Path

DASHBOARD = Path(__file__).parents[2] / "clients" / "dashboard"
PAGE = (DASHBOARD / "src" / "index.html").read_text()


def digest(text: str) -> str:
    """A source of a content security policy: this very text."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def test_what_is_served_is_what_is_written():
    assert (DASHBOARD / "dist" / "index.html").read_text() == PAGE


def test_the_policy_allows_this_script_this_style_and_no_other():
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', PAGE)
    (script,) = re.findall(r"<script>(.*?)</script>", PAGE, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", PAGE, re.DOTALL)

    assert dict(part.split(" ", 1) for part in policy.split("; ")) == {
        "default-src": "'none'",
        "script-src": digest(script),
        "style-src": digest(style),
        "connect-src": "'self'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_nothing_is_loaded_from_elsewhere_and_nothing_becomes_markup():
    # The two addresses are names of XML, which nobody asks for.
    names = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml")
    assert set(re.findall(r"\w+://[^\s\"'`]+", PAGE)) == set(names)
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|Function\(", PAGE
    )
    assert not re.search(r"<[^>]+ (style|on\w+)=", PAGE)
