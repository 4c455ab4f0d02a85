"""POST /shares/{share_id}/session: the secret of a link, and its password, are changed for a token that reads."""

import json
from collections.abc import Mapping
from typing import Any

from footfall.counters import Counters
from footfall.days import iso
from footfall.errors import NotFound, TooMany, Unauthorized, Unprocessable
from footfall.registry.registry import Registry
from footfall.share import Share

TRIES = 10
TRIES_SECONDS = 900
"""So many passwords of a link may be wrong in so long a time. A right one is not counted, and sets nothing back."""


def open_session(
    share_id: str, body: Mapping[str, Any], now_ms: int, registry: Registry, counters: Counters
) -> dict[str, Any]:
    """`{"token", "expires", "site", "filters", "name"}`.

    Raises NotFound for a link that does not exist, is over, or has another secret: nobody learns which. Unauthorized
    where a password is needed or wrong, TooMany after too many wrong ones, Unprocessable, Unavailable.
    """
    secret, password = _text(body, "secret"), _text(body, "password")
    share = registry.share(share_id)
    if share is None or not share.has_secret(secret) or not share.is_open(now_ms):
        raise NotFound(
            "unknown_share", "This link does not work (any more); ask whoever sent it for another."
        )
    site = registry.site(share.site_id)
    if site is None:
        raise NotFound("unknown_share", "The site of this link is gone.")
    if share.password:
        _check_password(share, password, counters)
    token, expires = share.token(now_ms)
    return {
        "token": token,
        "expires": iso(expires),
        "name": share.name,
        "site": {"id": site.id, "name": site.name, "timezone": site.timezone},
        "filters": json.loads(share.filters),
    }


def _check_password(share: Share, password: str, counters: Counters) -> None:
    if not password:
        raise Unauthorized("password_needed", "This link has a password; send it as `password`.")
    # Counted before it is compared: tries that arrive at once are all counted. Only who has the link gets here, so
    # nobody else can use them up.
    tried = counters.tried(share.site_id, share.share_id, TRIES_SECONDS)
    if tried > TRIES:
        # Not compared, so no wrong one: right ones that come together use nothing up.
        counters.forget_try(share.site_id, share.share_id, TRIES_SECONDS)
        raise TooMany(
            "too_many_tries",
            "Too many passwords were tried; wait a quarter of an hour.",
            retry_after=60,
        )
    if not share.has_password(password):
        raise Unauthorized("wrong_password", "This is not the link's password.")
    counters.forget_try(share.site_id, share.share_id, TRIES_SECONDS)


def _text(body: Mapping[str, Any], name: str) -> str:
    given = body.get(name, "")
    if given is None:
        return ""
    if not isinstance(given, str) or len(given) > 1_000:
        raise Unprocessable("invalid_field", f"`{name}` must be a text.", field=name)
    return given
