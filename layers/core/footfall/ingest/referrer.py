"""The page that a visitor came from: how it is kept, its host, whether a spammer made it up.

Source of the rules: docs/semantics.md, "Values of an event". Text in, text out: no URL is an error.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from footfall.ingest import lists
from footfall.url import hostname

HOST_CHARACTERS = 253
"""The longest name of a host (RFC 1035, 2.3.4); longer texts are looked up nowhere."""

_URL = re.compile(r"https?://([^/?#]*)([^?#]*)", re.IGNORECASE)
_LOCAL = re.compile(r"(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|0\.0\.0\.0|\[::1\]")
_CHARACTERS = 512
"""Longer ones are not remembered; bounds the memory of it."""
_NONE = ("", "")


def referrer(url: str, own_host: str) -> tuple[str, str]:
    """The referring page as it is kept ("facebook.com/page") and its host ("facebook.com").

    Kept without scheme, user, `www.`, query, fragment and last slash, its host in lower case.
    ("", "") for the own host, for localhost and for what is no http(s) URL, such as
    `android-app://…` or a bare word.
    """
    if not url:
        return _NONE
    return _known(url, own_host) if len(url) <= _CHARACTERS else _read(url, own_host)


def _read(url: str, own_host: str) -> tuple[str, str]:
    found = _URL.match(url.strip())
    if found is None:
        return _NONE
    authority = found[1].rpartition("@")[2].lower().removeprefix("www.")
    host = hostname(authority)
    if not host or host == hostname(own_host) or _LOCAL.fullmatch(host):
        return _NONE
    return (authority + found[2]).removesuffix("/"), host


_known = lru_cache(8_192)(_read)


def spam(referrer_host: str) -> bool:
    """Whether a host is of those that invent visits in order to be seen in reports."""
    return len(referrer_host) <= HOST_CHARACTERS and _is_spammer(referrer_host)


@lru_cache(4_096)
def _is_spammer(host: str) -> bool:
    return any(domain in _spammers() for domain in domains(host))


@cache
def _spammers() -> frozenset[str]:
    return frozenset(lists.read("spammers"))


def domains(host: str) -> Iterator[str]:
    """A host and the domains it lies in, longest first: a.b.com, b.com, com."""
    while host:
        yield host
        host = host.partition(".")[2]
