"""The values that rollups are made by: which column of `sessions` holds each dimension.

`props:<key>` is no such dimension: its values lie only in the events.
"""

from collections.abc import Iterable

OWN = (
    "hostname",
    "device",
    "browser",
    "browser_version",
    "os",
    "os_version",
    "country",
    "region",
    "city",
    "language",
    "screen_size",
)
"""Values of an event that all events of a part share."""

OF_SESSION = (
    "entry_page",
    "exit_page",
    "source",
    "referrer",
    "channel",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_term",
    "utm_content",
)
"""Values that a session has at its start or end."""

HITS = {"page": "hit_path", "title": "hit_title", "event": "hit_name"}
"""Values that differ among the events of a part: they lie in arrays of the part's row."""

ALL = ""
"""The dimension of everything: its only value is the empty text."""

PARTS = (ALL, *OWN, *OF_SESSION)
"""Dimensions with one value a part."""

EXPAND = "ARRAY JOIN hit_path, hit_title, hit_name, hit_is_pageview"
"""Makes a part's row one row a hit."""


def pairs(dimensions: Iterable[str]) -> str:
    """SQL: the (dimension, value) pairs of a row of `sessions`, of a hit where one of HITS is among them."""
    return f"[{', '.join(_pair(name) for name in dimensions)}]"


def _pair(name: str) -> str:
    if name == ALL:
        return "('', '')"
    return f"('{name}', CAST({HITS.get(name, name)}, 'String'))"


def held(dimensions: Iterable[str]) -> str:
    """SQL: the (dimension, value) pairs that a row of `sessions` holds, each once."""
    some = list(dimensions)
    of_hits = [
        f"arrayMap(held -> ('{name}', CAST(held, 'String')), arrayDistinct({HITS[name]}))"
        for name in some
        if name in HITS
    ]
    if not of_hits:
        return pairs(some)
    others = [name for name in some if name not in HITS]
    return f"arrayConcat({', '.join([*of_hits, *([pairs(others)] if others else [])])})"
