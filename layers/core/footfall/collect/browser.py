"""What a browser says of itself in its headers: signals, purpose, language, client hints.

Only asked where the connection is the visitor's own. Names of headers are in lower case, as the gateway sends them.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

Headers = Mapping[str, str]

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,6}")
_BRAND = re.compile(r'"([^"]{1,64})"\s*;\s*v="([0-9.]{1,32})"')
_BRANDS = {
    "Brave": "Brave",
    "DuckDuckGo": "DuckDuckGo",
    "Microsoft Edge": "Edge",
    "Opera": "Opera",
    "Opera GX": "Opera GX",
    "Samsung Internet": "Samsung Internet",
    "Vivaldi": "Vivaldi",
    "YaBrowser": "Yandex Browser",
    "Yandex": "Yandex Browser",
}
"""Brands whose agents may call themselves Chrome; of all others the agent says as much."""

_WINDOWS = {"0.1": "7", "0.2": "8", "0.3": "8.1"}


class Browser(NamedTuple):
    """What the headers of a visitor's browser say."""

    objects: bool
    """It sends Global Privacy Control or Do Not Track."""
    prefetches: bool
    """The page is loaded ahead, and perhaps never seen."""
    language: str
    """The first of Accept-Language."""
    hints: "Hints"


class Hints(NamedTuple):
    """What client hints tell; missing is ""."""

    browser: str = ""
    browser_version: str = ""
    os: str = ""
    os_version: str = ""
    device: str = ""
    is_headless: bool = False


NO_HINTS = Hints()
SILENT = Browser(False, False, "", NO_HINTS)
"""Of who is no browser."""


def read_browser(headers: Headers) -> Browser:
    """What headers say, if a browser sent them."""
    return Browser(
        objects(headers), prefetches(headers), accepted_language(headers), hints(headers)
    )


def objects(headers: Headers) -> bool:
    """Whether the browser sends Global Privacy Control or Do Not Track."""
    return headers.get("sec-gpc") == "1" or headers.get("dnt") == "1"


def prefetches(headers: Headers) -> bool:
    """Whether the page is loaded ahead, and perhaps never seen."""
    purpose = headers.get("sec-purpose") or headers.get("purpose") or headers.get("x-purpose", "")
    return (
        purpose.strip().lower().startswith(("prefetch", "preview"))
        or headers.get("x-moz", "").strip().lower() == "prefetch"
    )


def accepted_language(headers: Headers) -> str:
    """The first language of Accept-Language, "" without one."""
    accepted = headers.get("accept-language")
    return language(accepted.partition(",")[0].partition(";")[0]) if accepted else ""


def language(locale: str) -> str:
    """A locale as BCP 47 writes it: `de`, `en-US`, `zh-Hans-CN`; "" for what is none.

    Also takes the POSIX form, `en_US.UTF-8`.
    """
    return _language(locale) if 0 < len(locale) <= 100 else ""


@lru_cache(1_024)
def _language(locale: str) -> str:
    tag = locale.strip().partition(".")[0].partition("@")[0].replace("_", "-")
    if len(tag) > 35 or not _LANGUAGE.fullmatch(tag) or tag.upper() == "POSIX":
        return ""
    first, *others = tag.split("-")
    parts = [first.lower()]
    is_extension = False
    for part in others:
        is_extension = is_extension or len(part) == 1
        if is_extension or len(part) not in (2, 4) or not part.isalpha():
            parts.append(part.lower())
        else:
            parts.append(part.upper() if len(part) == 2 else part.title())
    return "-".join(parts)


def hints(headers: Headers) -> Hints:
    """What the client hints of a request say (https://wicg.github.io/ua-client-hints/)."""
    brands = headers.get("sec-ch-ua-full-version-list") or headers.get("sec-ch-ua", "")
    if not brands:
        return NO_HINTS
    return _hints(
        brands[:512],
        headers.get("sec-ch-ua-platform", "")[:64].strip('" '),
        headers.get("sec-ch-ua-platform-version", "")[:64].strip('" '),
        headers.get("sec-ch-ua-mobile", "") == "?1",
    )


@lru_cache(1_024)
def _hints(brands: str, platform: str, version: str, is_mobile: bool) -> Hints:
    browser = browser_version = ""
    for brand, number in _BRAND.findall(brands):
        if brand in _BRANDS:
            browser, browser_version = _BRANDS[brand], _version(number)
    os, os_version = _system(platform, version)
    return Hints(
        browser,
        browser_version,
        os,
        os_version,
        "mobile" if is_mobile else "",
        "HeadlessChrome" in brands,
    )


def _system(platform: str, version: str) -> tuple[str, str]:
    """System and version where both are told: the name alone says no more than the agent does."""
    shown = _version(version)
    if platform == "Windows" and shown:
        # https://learn.microsoft.com/microsoft-edge/web-platform/how-to-detect-win11
        major = int(shown.partition(".")[0])
        return "Windows", "11" if major >= 13 else "10" if major else _WINDOWS.get(shown, "")
    if platform in ("macOS", "Android", "iOS") and shown:
        return platform, shown
    if platform in ("Chrome OS", "Chromium OS") and shown:
        return "Chrome OS", shown
    return "", ""


def _version(number: str) -> str:
    """major.minor, a minor of 0 left out."""
    major, _, rest = number.partition(".")
    minor = rest.partition(".")[0]
    if not major.isdecimal():
        return ""
    return f"{major}.{minor}" if minor.strip("0").isdecimal() else major
