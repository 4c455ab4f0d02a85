"""The place of an address: country, region and city, from a database that the owner provides, else
the country from the packaged one.

Understands the databases of MaxMind and those in its form (DB-IP), and flat ones with a
`country_code` (ip-location-db). The address goes no further than this module.
"""

import ipaddress
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
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


COUNTRIES = Path(__file__).parent / "data" / "countries.mmdb"
"""The packaged database (data/README.md says where it is from)."""


class Places:
    """Databases that are asked in turn until one knows the country; each is opened when it is first
    needed, and one that is not there or damaged knows nothing.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._last = ("", NOWHERE)

    def locate(self, ip: str) -> Location:
        """The place of an address. Never raises."""
        last = self._last
        if last[0] == ip:
            return last[1]
        for database in self._databases:
            place = locate(ip, database)
            if place.country:
                break
        else:
            place = NOWHERE
        # A batch has one address; more are not remembered, since an address is nobody's to keep.
        self._last = (ip, place)
        return place

    @cached_property
    def _databases(self) -> list["maxminddb.Reader"]:
        return [found for path in self._paths if (found := _open(path)) is not None]


DATACENTRES = Path(__file__).parent / "data" / "datacentres.txt"


class Datacentres:
    """Whether an address is one of a company that rents servers, by a database of autonomous systems
    (MaxMind's GeoLite2-ASN, or one in its form) that the owner provides; without one none is.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def holds(self, ip: str) -> bool:
        """Whether the address is such a company's. Never raises."""
        record = _record(ip, self._database) if self._path else None
        return record is not None and record.get("autonomous_system_number") in self._numbers

    @cached_property
    def _database(self) -> "maxminddb.Reader | None":
        return _open(self._path) if self._path else None

    @cached_property
    def _numbers(self) -> frozenset[int]:
        lines = DATACENTRES.read_text("utf-8").splitlines()
        return frozenset(int(line.split()[0]) for line in lines if not line.startswith("#"))


def _open(path: Path) -> "maxminddb.Reader | None":
    """The database of a file; None when it is not there or damaged."""
    import maxminddb  # noqa: PLC0415 - for who looks up nothing

    try:
        return maxminddb.open_database(path)
    except (OSError, ValueError, RuntimeError):
        return None


def locate(ip: str, database: "maxminddb.Reader | None") -> Location:
    """The place of an address; NOWHERE without a database and for what is no public address.

    Never raises.
    """
    record = _record(ip, database)
    return NOWHERE if record is None else _location(record)


def _record(ip: str, database: "maxminddb.Reader | None") -> dict[str, Any] | None:
    """What a database holds of a public address; None for all others."""
    if database is None or not ip:
        return None
    try:
        address = ipaddress.ip_address(ip)
        public = getattr(address, "ipv4_mapped", None) or address
        record = database.get(public) if public.is_global else None
    except (ValueError, RuntimeError):
        # No address, an IPv6 address in a database of IPv4, or a damaged database (maxminddb's
        # InvalidDatabaseError is a RuntimeError): an event is worth more than its place.
        return None
    return record if isinstance(record, dict) else None


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
