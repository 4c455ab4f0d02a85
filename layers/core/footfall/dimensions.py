"""The values that rollups are made by: which column of `sessions` holds each dimension.

`props:<key>` is no such dimension: its values lie only in the events.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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

WIDE = ("page", "title", "event", "entry_page", "exit_page", "referrer", "city")
"""Dimensions with so many values that finding the leading ones first pays: their heads are kept."""

EXPAND = "ARRAY JOIN hit_path, hit_title, hit_name, hit_is_pageview"
"""Makes a part's row one row a hit."""


@dataclass(frozen=True, slots=True)
class Columns:
    """SQL that reads the values of dimensions from rows of `sessions`: one dimension by its own column, which is
    cheaper, or several by name and value.
    """

    dimension: str
    """The name of the dimension of a row."""
    keys: str
    """What rows are grouped by."""
    held: str
    """The values that a row holds, each once, as rows."""
    each: str
    """The values of a row, or of a hit where rows are expanded to hits."""


def columns(named: Sequence[str]) -> Columns:
    """How dimensions are read."""
    if len(named) == 1:
        name = named[0]
        if name == ALL:
            return Columns("''", "value", "'' AS value", "'' AS value")
        if name in HITS:
            held = f"arrayJoin(arrayDistinct({HITS[name]})) AS value"
            return Columns(f"'{name}'", "value", held, f"{HITS[name]} AS value")
        return Columns(f"'{name}'", "value", f"{name} AS value", f"{name} AS value")
    return Columns("dimension", "dimension, value", _rows(_held(named)), _rows(_pairs(named)))


def _rows(pairs: str) -> str:
    # The same arrayJoin twice is one.
    return f"arrayJoin({pairs}).1 AS dimension, arrayJoin({pairs}).2 AS value"


def _pairs(named: Iterable[str]) -> str:
    return f"[{', '.join(_pair(name) for name in named)}]"


def _held(named: Sequence[str]) -> str:
    of_hits = [
        f"arrayMap(held -> ('{name}', CAST(held, 'String')), arrayDistinct({HITS[name]}))"
        for name in named
        if name in HITS
    ]
    others = [name for name in named if name not in HITS]
    if not of_hits:
        return _pairs(others)
    return f"arrayConcat({', '.join([*of_hits, *([_pairs(others)] if others else [])])})"


def _pair(name: str) -> str:
    if name == ALL:
        return "('', '')"
    return f"('{name}', CAST({HITS.get(name, name)}, 'String'))"
