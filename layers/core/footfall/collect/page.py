"""Where an event happened: page, hostname, title, referrer, and the campaign that brought the visitor.

Of a query nothing is kept but what is read here by name. Source of the rules: docs/semantics.md, "Values of an event"
and "Privacy at the door".
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote_plus

from footfall.collect import redaction
from footfall.collect.fields import part, soft_part, soft_text, text
from footfall.collect.redaction import UTM
from footfall.site import Site
from footfall.url import Url, split_url

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


FIELDS = ("path", "hostname", "title", "referrer", *UTM, "click_id")
"""What an Event says of its page."""
Fields = dict[str, str]


def read_page(item: dict[str, Any], site: Site) -> tuple[Fields, Fields]:
    """What is kept of where an event happened: the fields path, hostname, title, referrer, utm_*, click_id of an Event,
    and as properties the parameters that the site keeps (`query.<name>`).

    `page` comes before `context.page`, a path before a URL. Raises BadRequest for a field of the wrong type.
    """
    context = part(item, "context")
    given: Sequence[str] = _given(part(item, "page"), "page")
    if "page" in context:
        beside = _given(part(context, "page", "context"), "context.page")
        given = [own or other for own, other in zip(given, beside, strict=True)]
    path, host, query, title, referrer = given
    told, kept = read_query(query, site)
    fields = told | {
        "path": redaction.path(path),
        "hostname": host,
        "title": redaction.plain(title),
        "referrer": read_referrer(referrer, site),
    }
    if "campaign" in context:
        fields |= _campaign(soft_part(context, "campaign"))
    return fields, kept


def _given(page: dict[str, Any], field: str) -> tuple[str, str, str, str, str]:
    """What an object that describes a page says: path, host, query, title, referrer.

    `field` is where it lies in the item. Raises BadRequest.
    """
    if not page:
        return "", "", "", "", ""
    host, path, query = split_url(text(page, "url", field))
    if "path" in page:
        own = split_path(text(page, "path", field))
        path, query = own.path or path, own.query or query
    if not query and "search" in page:
        query = soft_text(page, "search").lstrip("?")
    return path, host, query, text(page, "title", field), text(page, "referrer", field)


def split_path(path: str) -> Url:
    """A path given as such: everything before `?` or `#`, unchanged, and its query."""
    if "?" not in path and "#" not in path:
        return Url("", path, "")
    bare, _, _ = path.partition("#")
    bare, _, query = bare.partition("?")
    return Url("", bare, query)


def read_referrer(referrer: str, site: Site) -> str:
    """The referring URL without query, fragment and user; "" for a page of the site itself."""
    if not referrer:
        return ""
    bare = redaction.url(referrer.strip())
    if site.domains and is_within(split_url(bare).host, site.domains):
        return ""
    return bare


def read_query(query: str, site: Site) -> tuple[Fields, Fields]:
    """What is kept of a page's query: utm_* and click_id of an Event, and the parameters that the site keeps."""
    parameters = _parameters(query, site.allowed_query) if query else None
    if not parameters:
        return {}, {}
    fields = {name: redaction.plain(value) for name, value in parameters.items() if name in _UTM}
    if not _CLICK_IDS.isdisjoint(parameters):
        fields["click_id"] = next(name for name in CLICK_IDS if name in parameters)
    kept = {
        f"query.{name}": redaction.plain(parameters[name])
        for name in site.allowed_query
        if name in parameters
    }
    return fields, kept


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


def _campaign(campaign: dict[str, Any]) -> dict[str, str]:
    """What `context.campaign` says; it comes before the URL's parameters."""
    return {
        utm: redaction.plain(value)
        for name, utm in _CAMPAIGN.items()
        if (value := soft_text(campaign, name))
    }
