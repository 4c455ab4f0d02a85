"""Where an event happened: page, hostname, title, referrer, and the campaign that brought the visitor.

Of a query nothing is kept but what is read here by name. Source of the rules: docs/semantics.md, "Values of an event"
and "Privacy at the door".
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from footfall.collect import redaction
from footfall.collect.fields import part, soft_part, soft_text, text
from footfall.collect.redaction import UTM
from footfall.site import Site
from footfall.url import NO_URL, Url, split_url

CLICK_IDS = (
    "gclid", "gbraid", "wbraid", "dclid", "msclkid", "yclid", "ttclid", "twclid", "li_fat_id", "sccid", "rdt_cid",
    "fbclid", "igshid",
)  # fmt: skip
"""Parameters that advertisers and networks add to a link. The name is kept, the value, which is somebody's, is not."""

_UTM = frozenset(UTM)
_CLICK_IDS = frozenset(CLICK_IDS)
_CLICK_MARKS = tuple(f"{name}=" for name in CLICK_IDS)
_READ = frozenset((*UTM, *CLICK_IDS))
_CAMPAIGN = {
    "source": "utm_source",
    "medium": "utm_medium",
    "name": "utm_campaign",
    "term": "utm_term",
    "content": "utm_content",
}


class Page(NamedTuple):
    """What is kept of where an event happened."""

    fields: dict[str, str]
    """path, hostname, title, referrer, utm_*, click_id of an Event."""
    query: dict[str, str]
    """The parameters that the site keeps, as properties: `query.<name>`."""


def read_page(item: dict[str, Any], site: Site) -> Page:
    """The page of an item. `page` comes before `context.page`, a path before a URL.

    Raises BadRequest for a field of the wrong type.
    """
    context = part(item, "context")
    path = host = title = referrer = query = ""
    pages = [(part(item, "page"), "page")]
    if "page" in context:
        pages.append((part(context, "page", "context"), "context.page"))
    for page, field in pages:
        if not page:
            continue
        url = split_url(text(page, "url", field))
        own = split_path(text(page, "path", field)) if "path" in page else NO_URL
        path = path or own.path or url.path
        host = host or url.host
        query = query or own.query or url.query or soft_text(page, "search").lstrip("?")
        title = title or text(page, "title", field)
        referrer = referrer or text(page, "referrer", field)
    fields = {
        "path": redaction.path(path),
        "hostname": host,
        "title": redaction.plain(title) if title else "",
        "referrer": _referrer(referrer, site) if referrer else "",
    }
    campaign = soft_part(context, "campaign") if context else {}
    parameters = _parameters(query, site.allowed_query) if query else {}
    if campaign or parameters:
        fields |= _campaign(campaign, parameters)
    kept: dict[str, str] = {}
    if parameters:
        if not _CLICK_IDS.isdisjoint(parameters):
            fields["click_id"] = next(name for name in CLICK_IDS if name in parameters)
        for name in site.allowed_query:
            if name in parameters:
                kept[f"query.{name}"] = redaction.plain(parameters[name])
    return Page(fields, kept)


def split_path(path: str) -> Url:
    """A path given as such: everything before `?` or `#`, unchanged, and its query."""
    if "?" not in path and "#" not in path:
        return Url("", path, "")
    bare, _, _ = path.partition("#")
    bare, _, query = bare.partition("?")
    return Url("", bare, query)


def _referrer(referrer: str, site: Site) -> str:
    """The referring URL without query, fragment and user; "" for a page of the site itself."""
    bare = redaction.url(referrer.strip())
    if site.domains and is_within(split_url(bare).host, site.domains):
        return ""
    return bare


def is_within(host: str, domains: Iterable[str]) -> bool:
    """Whether a host is one of these domains or lies in one."""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _parameters(query: str, allowed: tuple[str, ...]) -> Mapping[str, str]:
    """The parameters of a query that are looked at, by name, of a name the first that says something."""
    if not allowed and "utm_" not in query and not any(mark in query for mark in _CLICK_MARKS):
        return {}
    parameters: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if "%" in name or "+" in name:
            name = unquote_plus(name)
        if value and name not in parameters and (name in _READ or name in allowed):
            plain = "%" not in value and "+" not in value
            parameters[name] = value if plain else unquote_plus(value)
    return parameters


def _campaign(campaign: dict[str, Any], parameters: Mapping[str, str]) -> dict[str, str]:
    given = {name: value for name, value in parameters.items() if name in _UTM}
    for name, utm in _CAMPAIGN.items() if campaign else ():
        if value := soft_text(campaign, name):
            given[utm] = value
    return {utm: redaction.plain(value) for utm, value in given.items()}
