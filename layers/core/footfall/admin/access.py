"""GET /access: what a key lets its bearer do, and of which sites, for a page that shows nothing it could not do."""

from typing import Any

from footfall.errors import Forbidden
from footfall.keys import Access
from footfall.registry.registry import Registry


def show_access(access: Access, path_prefix: str, registry: Registry) -> dict[str, Any]:
    """`{"scope", "path", "sites": [{"id", "name", "domains", "timezone", "is_default"}]}` of a key that reads or
    administers. `path`: below it pages find the tracker on the dashboard's host ("" or "/<path_prefix>").

    Raises Forbidden for a shared link, whose session says what it shows; Unavailable.
    """
    if access.scope == "share":
        raise Forbidden(
            "wrong_scope", "A link shows one site; POST /shares/{id}/session says which."
        )
    return {
        "scope": access.scope,
        "path": path_prefix and f"/{path_prefix}",
        "sites": [
            {
                "id": site.id,
                "name": site.name,
                "domains": list(site.domains),
                "timezone": site.timezone,
                "is_default": site.id == registry.default.site.id,
            }
            for site in registry.sites()
            if access.covers(site.id)
        ],
    }
