"""Where an event happened: page, hostname, title, referrer, and the campaign that brought the visitor.

Source of the rules: docs/semantics.md, "Values of an event".
"""

from typing import Any
from urllib.parse import parse_qsl

from footfall.collect.fields import part, soft_part, soft_text, text
from footfall.url import Url, split_url

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
_CAMPAIGN = {
    "source": "utm_source",
    "medium": "utm_medium",
    "name": "utm_campaign",
    "term": "utm_term",
    "content": "utm_content",
}


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
