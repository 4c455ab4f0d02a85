"""The place of an address: country, region and city, from a database that the owner provides.

Understands the databases of MaxMind and those in its form (DB-IP), and flat ones with a
`country_code` (ip-location-db). The address goes no further than this function.
"""

import ipaddress
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import maxminddb


class Location(NamedTuple):
    """A place; what is not known is ""."""

    country: str = ""
    """ISO 3166-1: "US"."""
    region: str = ""
    """ISO 3166-2: "US-CA"."""
    city: str = ""
    """In English."""


NOWHERE = Location()


def locate(ip: str, database: "maxminddb.Reader | None") -> Location:
    """The place of an address; NOWHERE without a database and for what is no public address.

    Never raises.
    """
    if database is None or not ip:
        return NOWHERE
    try:
        address = ipaddress.ip_address(ip)
        public = getattr(address, "ipv4_mapped", None) or address
        record = database.get(public) if public.is_global else None
    except (ValueError, RuntimeError):
        # No address, an IPv6 address in a database of IPv4, or a damaged database (maxminddb's
        # InvalidDatabaseError is a RuntimeError): an event is worth more than its place.
        return NOWHERE
    return _location(record) if isinstance(record, dict) else NOWHERE


def _location(record: dict[str, Any]) -> Location:
    country = _text(record.get("country_code")) or _text(_part(record, "country").get("iso_code"))
    divisions = record.get("subdivisions")
    first = divisions[0] if isinstance(divisions, list) and divisions else {}
    region = _text(first.get("iso_code")) if isinstance(first, dict) else ""
    return Location(
        country=country,
        region=f"{country}-{region}" if country and region else "",
        city=_text(record.get("city")) or _text(_part(_part(record, "city"), "names").get("en")),
    )


def _part(record: dict[str, Any], name: str) -> dict[str, Any]:
    value = record.get(name)
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
