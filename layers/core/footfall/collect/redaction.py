"""What is taken out of texts before anything is stored: queries and fragments of URLs, passwords, e-mail addresses.

A token or an address hides in a URL under any parameter name, so none is trusted: of a query only what the site allows
by name stays, of a fragment nothing. What is kept of a page is decided in page.py; here is what holds for every text.
Source of the rules: docs/semantics.md, "Privacy at the door".
"""

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from footfall.body import compact
from footfall.collect.fields import NUMBER
from footfall.event import number_text
from footfall.site import Site, fits

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
"""The parameters that are always read."""

EMAIL = "[email]"
"""What stands where an e-mail address stood."""

_NO_PART = r"""\s@<>()\[\]{},;:"'`\\/?#&=|"""
_ADDRESS = re.compile(
    rf"""(?:(?<![^{_NO_PART}])|(?<=%40))               # each run of characters is looked at once
        (?:[^{_NO_PART}%]|%(?!(?:25)*40))++
        (?:@|%(?:25)*40)
        (?!\dx\.|\d+\.\d+\.\d)                        # logo@2x.png, react@18.2.0 are no addresses
        (?:[^{_NO_PART}.%]++\.)+(?:[^\W\d_]{{2,63}}|xn--[\w-]{{1,59}})""",
    re.VERBOSE,
)
_USER = re.compile(r"(^//|://)[^/?#\s]*@")
_URL = re.compile(
    r"\s*(?:(?:[a-z][a-z0-9+.-]*:)?//|(?:mailto|tel|javascript|data):|\.{0,2}/\S*$)", re.IGNORECASE
)
_WORD = re.compile(r"""[^\s<>"'`]+""")
_QUERY = re.compile(r"[?#][^?#=\s]*=")
_PAIRS = re.compile(r"[^\s?#&=]*=\S*")
_END = re.compile(r"[?#]")
_ENCODED_END = re.compile(r"[?#]|%(?:25)*(?:3f|23)", re.IGNORECASE)

_URL_KEY = re.compile(
    r"(?:.*[._$ -])?(?:url|uri|href|link|referrer|referer|path|pathname|src)|.*(?:Url|URL|Uri|URI|Href|Link|Referrer)"
)
_QUERY_KEY = re.compile(
    r"(?:.*[._$ -])?(?:search|query|query_?string|search_?params|hash|fragment)|.*(?:Query|QueryString|Search|Hash)"
)
_IP_KEYS = frozenset(
    {"ip", "ipaddress", "ipaddr", "ipv4", "ipv6", "clientip", "userip", "realip", "xrealip",
     "remoteip", "remoteaddr", "remoteaddress", "clientaddress", "xforwardedfor", "forwardedfor"}
)  # fmt: skip
"""Names of properties that hold an address, whatever their case and separators."""
_NO_LETTER = re.compile(r"[^a-z0-9]+")

_KEY_CHARACTERS = 128
"""Longer keys are no names that come again; bounds what is remembered."""

_DEPTH = 40
"""What may be stored is nested 32 deep, and lies a few levels deep in an item."""

Kind = str
"""What a property's key says of its text: "url", "query", or "" for nothing."""


class Rules(NamedTuple):
    """What a site says of queries and properties."""

    allowed: frozenset[str]
    """Parameters that stay."""
    denied: tuple[str, ...]
    """Keys of properties that go, in lower case; `*` stands for any text."""


def rules(site: Site) -> Rules:
    """The rules of a site."""
    return _rules(site.allowed_query, site.denied_properties)


@lru_cache(1_024)
def _rules(allowed: tuple[str, ...], denied: tuple[str, ...]) -> Rules:
    return Rules(frozenset(allowed), tuple(pattern.lower() for pattern in denied))


def plain(text: str, keep: frozenset[str] = frozenset()) -> str:
    """A title, a name, a campaign's text: URLs in it without query and fragment, no e-mail address."""
    # Written out: of every event's texts nearly all end here.
    if "?" in text or "#" in text or "@" in text or "=" in text or "%" in text:
        return without_addresses(_cut(text, "", keep))
    return text


def without_addresses(text: str) -> str:
    """The text with EMAIL where an e-mail address was, as such or percent-encoded."""
    return _ADDRESS.sub(EMAIL, text) if "@" in text or "%" in text else text


def path(text: str) -> str:
    """A page's path as it is kept: unchanged but for e-mail addresses, and who logs in where it is a whole URL."""
    return without_addresses(_USER.sub(r"\1", text)) if "@" in text or "%" in text else text


def url(text: str, keep: frozenset[str] = frozenset()) -> str:
    """A URL without user, query (but the parameters in `keep`), fragment and e-mail addresses."""
    if "?" not in text and "#" not in text:
        return path(text)
    found = _END.search(text)
    base = text[: found.start()] if found else text
    base = path(base)
    if not found or not keep or found[0] != "?":
        return base
    query = "&".join(
        f"{name}={value}" if value else name
        for name, value in pairs(text[found.end() :].partition("#")[0])
        if unquote_plus(name) in keep
    )
    return f"{base}?{query}" if query else base


def pairs(query: str) -> Iterable[tuple[str, str]]:
    """Names and values of a query as they stand in it; of a value that is a URL itself, nothing but its beginning."""
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        yield name, without_addresses(_ENCODED_END.split(value, maxsplit=1)[0])


def properties(given: dict[str, Any], by: Rules) -> dict[str, str]:
    """Properties as they are stored: what the site denies left out, URLs cut, each value the text it is compared as.

    Strings as they are, `true`, `false`, numbers in their shortest form, lists and objects as compact JSON; null is
    missing.
    """
    texts = {}
    for key, value in given.items():
        if value is None:
            continue
        known = _known(key, by.denied) if len(key) <= _KEY_CHARACTERS else _look_at(key, by.denied)
        if known is None:
            continue
        name, holds_ip = known
        if isinstance(value, str):
            if holds_ip and _holds_ip(value):
                continue
            texts[name] = _cut(value, _kind(key), by.allowed) if _is_suspicious(value) else value
        elif isinstance(value, bool):
            texts[name] = "true" if value else "false"
        elif isinstance(value, NUMBER):
            texts[name] = number_text(value)
        elif not (holds_ip and _holds_ip(value)):
            texts[name] = compact(_clean(value, key, by, True))
    return texts


def item(given: dict[str, Any], site: Site) -> dict[str, Any]:
    """A client's item as it may be kept though it was refused: every text cut as a property's is but for `utm_*`, no
    denied property, no address and no key.
    """
    by = rules(site)
    by = by._replace(allowed=by.allowed.union(UTM))
    return {
        key: _clean(value, key, by, key in ("properties", "traits"))
        for key, value in given.items()
        if key != "writeKey"
    }


def _clean(value: Any, key: str, by: Rules, is_property: bool, depth: int = 0) -> Any:
    """A value as it may be kept; `key` is the one it lies under. What lies deeper than any property may is null."""
    if isinstance(value, str):
        return _cut(value, _kind(key), by.allowed) if _is_suspicious(value) else value
    if depth > _DEPTH and isinstance(value, list | dict):
        return None
    if isinstance(value, list):
        return [_clean(part, key, by, is_property, depth + 1) for part in value]
    if isinstance(value, dict):
        cleaned = {}
        for own_key, part in value.items():
            known = _look_at(own_key, by.denied if is_property else ())
            if known is None or (known[1] and _holds_ip(part)):
                continue
            below = is_property or own_key in ("properties", "traits")
            cleaned[known[0]] = _clean(part, own_key, by, below, depth + 1)
        return cleaned
    return value


def _is_suspicious(text: str) -> bool:
    # Five searches for one character each take less time than one regular expression.
    return "?" in text or "#" in text or "@" in text or "=" in text or "%" in text


def _cut(text: str, kind: Kind, keep: frozenset[str]) -> str:
    if kind == "query":
        query = text.strip()
        if query.startswith(("?", "#")) or _PAIRS.fullmatch(query):
            return url("?" + query.lstrip("?"), keep)
    if kind == "url" or _URL.match(text):
        return url(text, keep)
    if "mailto:" in text:
        text = without_addresses(text)
    if "://" in text or _QUERY.search(text):
        return _WORD.sub(
            lambda word: (
                url(word[0], keep) if "://" in word[0] or _QUERY.search(word[0]) else word[0]
            ),
            text,
        )
    return text


def _kind(key: str) -> Kind:
    if _URL_KEY.fullmatch(key, 0, _KEY_CHARACTERS):
        return "url"
    return "query" if _QUERY_KEY.fullmatch(key, 0, _KEY_CHARACTERS) else ""


def _look_at(key: str, denied: tuple[str, ...]) -> tuple[str, bool] | None:
    """The key as it is stored and whether it says that it holds an address of the network; None where it is denied."""
    if denied and any(fits(pattern, key.lower()) for pattern in denied):
        return None
    return plain(key), _NO_LETTER.sub("", key.lower()) in _IP_KEYS


_known = lru_cache(4_096)(_look_at)


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip())
    except ValueError:
        return False
    return True


def _holds_ip(value: Any) -> bool:
    """Whether a value is an address, or a list of such, as text (`a, b`) or as a list."""
    if isinstance(value, str):
        return all(_is_ip(part) for part in value.split(","))
    return isinstance(value, list) and bool(value) and all(map(_holds_ip, value))
