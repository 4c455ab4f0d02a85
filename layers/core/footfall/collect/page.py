"""Where an event happened: page, hostname, title, referrer, and the campaign that brought the visitor.

Source of the rules: docs/semantics.md, "Values of an event".
"""

import re
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from footfall.collect.fields import part, soft_part, soft_text, text

# RFC 3986, appendix B: takes any text, so a URL that strict parsers refuse is no error.
_URL = re.compile(
    r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?", re.DOTALL
)
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
_CAMPAIGN = {
    "source": "utm_source",
    "medium": "utm_medium",
    "name": "utm_campaign",
    "term": "utm_term",
    "content": "utm_content",
}


class Url(NamedTuple):
    """The parts of a URL that Footfall looks at; missing ones are ""."""

    host: str
    path: str
    query: str


def split_url(url: str) -> Url:
    """Host (lower case, without user, port and leading `www.`), path (unchanged) and query of any text.

    The path of a URL with a host and no path is `/`; a URL whose host no parser takes keeps its text as the path.
    """
    found = _URL.match(url)
    if found is None:
        return Url("", url, "")
    authority, path, query = found[2] or "", found[3], found[4] or ""
    if not authority:
        return Url("", path, query)
    if not authority.isascii() or "[" in authority or "]" in authority:
        try:
            urlsplit(url)
        except ValueError:
            return Url("", re.split(r"[?#]", url, maxsplit=1)[0], query)
    return Url(hostname(authority), path or "/", query)


def hostname(authority: str) -> str:
    """The host of `user@www.Host:port`, as hostnames are compared: lower case, no port, no leading `www.`."""
    host = authority.rpartition("@")[2].lower()
    host = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    return host.removeprefix("www.")


def page_fields(item: dict[str, Any]) -> dict[str, str]:
    """The event's path, hostname, title, referrer and utm_* as fields of an Event.

    `page` comes before `context.page`, a path before a URL. Raises BadRequest for a field of the wrong type.
    """
    context = part(item, "context")
    pages = ((part(item, "page"), "page"), (part(context, "page", "context.page"), "context.page"))
    path = host = title = referrer = query = ""
    for page, field in pages:
        url = split_url(text(page, "url", f"{field}.url"))
        own = split_path(text(page, "path", f"{field}.path"))
        path = path or own.path or url.path
        host = host or url.host
        query = query or own.query or url.query or soft_text(page, "search").lstrip("?")
        title = title or text(page, "title", f"{field}.title")
        referrer = referrer or text(page, "referrer", f"{field}.referrer")
    return {"path": path, "hostname": host, "title": title, "referrer": referrer} | _campaign(
        context, query
    )


def split_path(path: str) -> Url:
    """A path given as such: everything before `?` or `#`, unchanged, and its query."""
    bare, _, _ = path.partition("#")
    bare, _, query = bare.partition("?")
    return Url("", bare, query)


def _campaign(context: dict[str, Any], query: str) -> dict[str, str]:
    campaign = soft_part(context, "campaign")
    given = {
        utm: soft_text(campaign, name)
        for name, utm in _CAMPAIGN.items()
        if soft_text(campaign, name)
    }
    if "utm_" not in query:
        return given
    for name, value in parse_qsl(query, encoding="utf-8", errors="replace", max_num_fields=1000):
        if name in UTM:
            given.setdefault(name, value)
    return given
