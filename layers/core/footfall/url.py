"""URLs as Footfall looks at them: any text in, host, path and query out, no text an error.

Source of the rules: docs/semantics.md, "Values of an event".
"""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

# RFC 3986, appendix B: takes any text, so a URL that strict parsers refuse is no error.
_BASE = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?://([^/]*))?(.*)", re.DOTALL)


class Url(NamedTuple):
    """The parts of a URL that Footfall looks at; missing ones are ""."""

    host: str
    path: str
    query: str


NO_URL = Url("", "", "")


def split_url(url: str) -> Url:
    """Host (lower case, without user, port and leading `www.`), path (unchanged) and query of any text.

    The path of a URL with a host and no path is `/`; a URL whose host no parser takes keeps its text as the path.
    """
    if not url:
        return NO_URL
    base, _, query = url.partition("#")[0].partition("?")
    # Pages come again; what is longer than their addresses are is not remembered.
    host, path = (_known_base if len(base) <= _BASE_CHARACTERS else _split_base)(base)
    return Url(host, path, query)


def _split_base(base: str) -> tuple[str, str]:
    """Host and path of a URL without query and fragment."""
    found = _BASE.fullmatch(base)
    if found is None:
        return "", base
    authority, path = found[1] or "", found[2]
    if not authority:
        return "", path
    if not authority.isascii() or "[" in authority or "]" in authority:
        try:
            urlsplit(base)
        except ValueError:
            return "", base
    return hostname(authority), path or "/"


_known_base = lru_cache(2_048)(_split_base)
_BASE_CHARACTERS = 256


def hostname(authority: str) -> str:
    """The host of `user@www.Host:port`, as hostnames are compared: lower case, no port, no leading `www.`."""
    host_and_port = authority.rpartition("@")[2] if "@" in authority else authority
    # Hosts come again; what is longer than any host can be is not remembered.
    return (_known if len(host_and_port) <= _HOST_CHARACTERS else _bare)(host_and_port)


def _bare(host_and_port: str) -> str:
    host = host_and_port.lower()
    host = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    return host.removeprefix("www.")


_known = lru_cache(1_024)(_bare)
_HOST_CHARACTERS = 260
