"""What a request may say of a site or a key: each field checked, and refused by name where it is not possible."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from footfall.errors import Unprocessable
from footfall.keys import SCOPES, Scope
from footfall.site import SETTINGS, Site, domain

SITE_ID = re.compile(r"[a-z0-9-]{1,32}")
NAME_CHARACTERS = 200
ITEMS = 1_000
"""So many items a list of settings has at most."""
ITEM_CHARACTERS = 256
MOST_DAYS = 36_500
LEAST_RETENTION = 30
_NO_ZONES = frozenset({"localtime", "posixrules", "Factory"})
_HOST = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)


def known_fields(body: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    """Refuse a field that does not exist: it would be a typing error without effect. Raises Unprocessable."""
    for field in body:
        if field not in allowed:
            raise Unprocessable(
                "invalid_field",
                f"There is no `{field[:100]}` here; see `allowed`.",
                field=field[:100],
                allowed=allowed,
            )


def site_id(body: Mapping[str, Any]) -> str:
    """The id that a new site is to have, "" where none is given. Raises Unprocessable."""
    given = body.get("id")
    if given is None:
        return ""
    if not isinstance(given, str) or not SITE_ID.fullmatch(given):
        raise _invalid("id", "must be 1 to 32 of a to z, 0 to 9 and -")
    return given


def id_of_name(name: str) -> str:
    """An id for a site of this name."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:32].strip("-") or "site"


def name(body: Mapping[str, Any], *, required: bool) -> str:
    """The name of a site or key. Raises Unprocessable."""
    given = body.get("name")
    if given is None and not required:
        return ""
    if (
        not isinstance(given, str)
        or len(given) > NAME_CHARACTERS
        or (required and not given.strip())
    ):
        raise _invalid("name", f"must be a text of at most {NAME_CHARACTERS} characters")
    return given.strip()


def scope(body: Mapping[str, Any]) -> Scope:
    """The scope of a new key. Raises Unprocessable."""
    given = body.get("scope")
    for known in SCOPES:
        if given == known:
            return known
    raise Unprocessable(
        "invalid_field", "`scope` must be one of the allowed.", field="scope", allowed=SCOPES
    )


def domains(given: Any) -> tuple[str, ...]:
    """The hosts of a site, as hosts are compared. Raises Unprocessable."""
    return tuple(dict.fromkeys(host(text, "domains") for text in _texts(given, "domains")))


def timezone(given: Any) -> str:
    """The name of a zone. Raises Unprocessable for one that does not exist."""
    try:
        if not isinstance(given, str) or not given or given in _NO_ZONES:
            raise ValueError("no zone")
        ZoneInfo(given)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unprocessable(
            "unknown_timezone",
            "There is no such time zone; name one such as Europe/Berlin.",
            field="timezone",
        ) from None
    return str(given)


def settings(given: Any) -> dict[str, Any]:
    """Settings of a site by name; null gives one its default back.

    Raises Unprocessable for one that does not exist or a value that is not possible.
    """
    if not isinstance(given, dict):
        raise _invalid("settings", "must be an object")
    made: dict[str, Any] = {}
    for named, value in given.items():
        if named not in _SETTINGS:
            raise Unprocessable(
                "invalid_settings",
                f"There is no setting `{named[:100]}`; see `allowed`.",
                field=f"settings.{named[:100]}",
                allowed=SETTINGS,
            )
        field = f"settings.{named}"
        made[named] = getattr(Site, named) if value is None else _SETTINGS[named](value, field)
    return made


def _days(least: int) -> Callable[[Any, str], int]:
    return lambda given, field: _number(given, field, least, 3_650)


def _number(given: Any, field: str, least: int, most: int) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
        raise _impossible(field, f"must be a whole number from {least:,} to {most:,}")
    return given


def _retention(given: Any, field: str) -> int:
    days = _number(given, field, 0, MOST_DAYS)
    if 0 < days < LEAST_RETENTION:
        raise _impossible(field, f"must be 0 (keeps everything) or {LEAST_RETENTION} or more")
    return days


def _word(*allowed: str) -> Callable[[Any, str], str]:
    def read(given: Any, field: str) -> str:
        if given not in allowed:
            raise Unprocessable(
                "invalid_settings",
                f"`{field}` must be one of the allowed.",
                field=field,
                allowed=allowed,
            )
        return str(given)

    return read


def _origins(given: Any, field: str) -> tuple[str, ...]:
    found = []
    for text in _texts(given, field):
        is_wild = text.startswith("*.")
        name = host(text.removeprefix("*."), field)
        found.append(f"*.{name}" if is_wild else name)
    return tuple(dict.fromkeys(found))


def _networks(given: Any, field: str) -> tuple[str, ...]:
    found = []
    for text in _texts(given, field):
        try:
            found.append(str(ip_network(text.strip(), strict=False)))
        except ValueError:
            raise _impossible(
                field, "must be addresses or networks such as 203.0.113.0/24"
            ) from None
    return tuple(dict.fromkeys(found))


def _texts(given: Any, field: str) -> tuple[str, ...]:
    if (
        not isinstance(given, list)
        or len(given) > ITEMS
        or not all(isinstance(text, str) and 0 < len(text) <= ITEM_CHARACTERS for text in given)
    ):
        raise _impossible(
            field,
            f"must be a list of at most {ITEMS:,} texts of at most {ITEM_CHARACTERS} characters",
        )
    return tuple(dict.fromkeys(given))


def host(text: str, field: str) -> str:
    """A host as hosts are compared. Raises Unprocessable for a text that is none."""
    found = domain(text)
    is_address = found.startswith("[")
    if not is_address and (len(found) > 253 or not _HOST.fullmatch(found)):
        raise _impossible(field, "must be hosts such as example.com")
    if "." not in found and found != "localhost" and field == "domains":
        raise _impossible(field, "must be hosts such as example.com, not a top-level domain")
    return found


_SETTINGS: dict[str, Callable[[Any, str], Any]] = {
    "back_dating_days": _days(1),
    "retention_days": _retention,
    "allowed_origins": _origins,
    "blocked_ips": _networks,
    "blocked_paths": _texts,
    "consent": _word("optional", "required"),
    "privacy_signals": _word("cookieless", "discard", "ignore"),
    "allowed_query": _texts,
    "denied_properties": _texts,
    "daily_quota": lambda given, field: _number(given, field, 0, 10**12),
}
assert tuple(_SETTINGS) == SETTINGS  # noqa: S101 - each setting is checked somehow


def _impossible(field: str, what: str) -> Unprocessable:
    code = "invalid_settings" if field.startswith("settings.") else "invalid_field"
    return Unprocessable(code, f"`{field}` {what}.", field=field)


def _invalid(field: str, what: str) -> Unprocessable:
    return Unprocessable("invalid_field", f"`{field}` {what}.", field=field)
