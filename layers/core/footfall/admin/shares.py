"""A site's shared links: made, listed, revoked. A link is shown once, when it is made."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from footfall.admin import body as given
from footfall.admin.sites import covered
from footfall.days import iso
from footfall.errors import NotFound, Unprocessable
from footfall.keys import Access, digest
from footfall.registry.content import read_shares
from footfall.registry.registry import Registry
from footfall.registry.writing import write_share
from footfall.share import Share, hashed_password, make_secret, make_share_id
from footfall.store import Store

FIELDS = ("name", "filters", "expires", "password", "frame_ancestors")
MOST = 100
"""So many links of a site may be open: each travels with the site's document."""
SHOWN = 500
FILTER_CHARACTERS = 4_000
PASSWORD_CHARACTERS = 200
LEAST_PASSWORD = 8


def list_shares(
    site_id: str, access: Access, now_ms: int, registry: Registry, store: Store
) -> dict[str, list[dict[str, Any]]]:
    """The open links of a site, then the newest of the others: SHOWN at most.

    Raises Forbidden for a site that is not the key's, Unavailable.
    """
    covered(site_id, access, registry, registry.all())
    return {"shares": [shown(share, now_ms) for share in read_shares(site_id, store, SHOWN)]}


def make_share(
    site_id: str,
    body: Mapping[str, Any],
    filters: Sequence[Any],
    expires_at: int | None,
    access: Access,
    now_ms: int,
    registry: Registry,
    store: Store,
) -> tuple[Share, str]:
    """Make a link of a site; the share and its secret, which nobody can show again.

    `filters` and `expires_at` (ms) are what the body says of them, read by whoever knows questions and times.
    Raises Forbidden as `list_shares`, Unprocessable for a body that is not possible or too many links, Unavailable.
    """
    covered(site_id, access, registry, registry.all())
    links = read_shares(site_id, store, MOST)
    if sum(share.is_open(now_ms) for share in links) >= MOST:
        raise Unprocessable(
            "too_many_shares", f"A site has {MOST} links at most; revoke those nobody needs."
        )
    given.known_fields(body, FIELDS)
    if expires_at is not None and expires_at <= now_ms:
        raise Unprocessable("invalid_field", "`expires` must lie ahead.", field="expires")
    told = json.dumps(filters, ensure_ascii=False, separators=(",", ":"))
    if len(told) > FILTER_CHARACTERS:
        raise Unprocessable(
            "invalid_field",
            f"`filters` may be {FILTER_CHARACTERS:,} characters of JSON.",
            field="filters",
        )
    password, secret = _password(body), make_secret()
    share = Share(
        share_id=make_share_id(site_id),
        site_id=site_id,
        sha256=digest(secret),
        name=given.name(body, required=False),
        filters=told,
        password=hashed_password(password) if password else "",
        frame_ancestors=_frame_ancestors(body.get("frame_ancestors")),
        expires_at=expires_at,
        created_at=now_ms,
    )
    write_share(share, store)
    registry.carry()
    return share, secret


def revoke_share(
    site_id: str, share_id: str, access: Access, now_ms: int, registry: Registry, store: Store
) -> dict[str, Any]:
    """Revoke a link: it and its tokens stop. One that is revoked stays as it is.

    Raises Forbidden as `list_shares`, NotFound for a link that the site has not, Unavailable.
    """
    covered(site_id, access, registry, registry.all())
    found = read_shares(site_id, store, 1, share_id) if share_id else []
    if not found:
        raise NotFound("unknown_share", "The site has no shared link of this id.")
    share = found[0]
    if share.revoked_at is None:
        share = replace(share, revoked_at=now_ms)
        write_share(share, store)
        registry.carry()
    return {"share": shown(share, now_ms)}


def shown(share: Share, now_ms: int) -> dict[str, Any]:
    """A link as answers show it."""
    return {
        "id": share.share_id,
        "site": share.site_id,
        "name": share.name,
        "filters": json.loads(share.filters),
        "has_password": bool(share.password),
        "frame_ancestors": list(share.frame_ancestors),
        "is_open": share.is_open(now_ms),
        "expires": None if share.expires_at is None else iso(share.expires_at),
        "created_at": iso(share.created_at),
        "revoked_at": None if share.revoked_at is None else iso(share.revoked_at),
    }


def _password(body: Mapping[str, Any]) -> str:
    password = body.get("password")
    if password is None:
        return ""
    if not isinstance(password, str) or not LEAST_PASSWORD <= len(password) <= PASSWORD_CHARACTERS:
        raise Unprocessable(
            "invalid_field",
            f"`password` must be a text of {LEAST_PASSWORD} to {PASSWORD_CHARACTERS} characters.",
            field="password",
        )
    return password


def _frame_ancestors(origins: Any) -> tuple[str, ...]:
    """Origins as a Content-Security-Policy names them: they end in a header, so nothing else may stand in them."""
    if origins is None:
        return ()
    if not isinstance(origins, list) or len(origins) > given.ITEMS // 20:
        raise _no_origin()
    return tuple(dict.fromkeys(_origin(origin) for origin in origins))


def _origin(origin: Any) -> str:
    if not isinstance(origin, str):
        raise _no_origin()
    try:
        split = urlsplit(origin)
        port = split.port
    except ValueError:
        raise _no_origin() from None
    if split.scheme not in ("http", "https") or split.path not in ("", "/") or not split.hostname:
        raise _no_origin()
    # As it is written: `www.` is a host of its own here, which it is not where sites are told apart.
    host = f"[{split.hostname}]" if ":" in split.hostname else split.hostname
    given.host(host, "frame_ancestors")
    told = f"{split.scheme}://{host}" + (f":{port}" if port else "")
    if told != origin.rstrip("/").lower():
        raise _no_origin()
    return told


def _no_origin() -> Unprocessable:
    return Unprocessable(
        "invalid_field",
        "`frame_ancestors` must be a list of at most 50 origins such as https://example.com.",
        field="frame_ancestors",
    )
