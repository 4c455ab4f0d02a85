"""Who an event belongs to: ids that count as none, and what a visitor without one gets.

Source of the rules: docs/semantics.md, "People".
"""

from typing import Protocol

from footfall.site import Site

GUARDED = frozenset(
    {
        "", "0", "null", "none", "nil", "undefined", "nan", "true", "false", "[]", "{}", "[object object]",
        "anonymous", "anonymous_id", "guest", "id", "user_id", "distinct_id", "not_authenticated",
        "00000000-0000-0000-0000-000000000000",
    }
)  # fmt: skip
"""What programs send when they have no id; counts as absent, in any letter case."""


class CookielessIds(Protocol):
    """Who makes cookieless ids: salts.Salts, or for a replay what the first delivery was given."""

    def cookieless_id(self, site: Site, ts: int, ip: str, user_agent: str, now_ms: int) -> str:
        """The id of a visitor without one. Raises Unavailable when it cannot be made."""


def guarded(client_id: str) -> str:
    """The id, or "" for a text that stands for no id."""
    return "" if not client_id or client_id.lower() in GUARDED else client_id
