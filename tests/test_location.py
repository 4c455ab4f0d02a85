import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import maxminddb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.location import COUNTRIES, NOWHERE, Datacentres, Location, Places, locate
from lists import countries as countries_list

DATA = Path(__file__).parent / "data" / "geo"


@pytest.fixture(scope="module")
def cities() -> Iterator[maxminddb.Reader]:
    with maxminddb.open_database(DATA / "GeoIP2-City-Test.mmdb") as database:
        yield database


@pytest.fixture(scope="module")
def countries() -> Iterator[maxminddb.Reader]:
    with maxminddb.open_database(DATA / "GeoLite2-Country-Test.mmdb") as database:
        yield database


@pytest.mark.parametrize(
    ("ip", "location"),
    [
        ("81.2.69.142", Location("GB", "GB-ENG", "London")),
        ("216.160.83.56", Location("US", "US-WA", "Milton")),
        ("89.160.20.112", Location("SE", "SE-E", "Linköping")),
        ("2001:480:10::1", Location("US", "US-CA", "San Diego")),
        ("2001:218::1", Location("JP", "", "")),
        ("::ffff:81.2.69.142", Location("GB", "GB-ENG", "London")),
    ],
)
def test_an_address_has_country_region_and_city(
    cities: maxminddb.Reader, ip: str, location: Location
) -> None:
    assert locate(ip, cities) == location


def test_an_address_has_the_largest_of_its_divisions_as_region(cities: maxminddb.Reader) -> None:
    assert locate("2.125.160.216", cities) == Location("GB", "GB-ENG", "Boxford")


def test_an_address_has_a_country_only_when_the_database_knows_no_more(
    countries: maxminddb.Reader,
) -> None:
    assert locate("81.2.69.142", countries) == Location("GB", "", "")


@pytest.mark.parametrize(
    "ip",
    [
        "",
        "unknown",
        "1.2.3",
        "81.2.69.142:443",
        "081.002.069.142",
        "999.1.1.1",
        "10.0.0.1",
        "192.168.1.1",
        "127.0.0.1",
        "100.64.0.1",
        "169.254.1.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:10.0.0.1",
        "8.8.8.8",
        "81.2.69.142\0",
        "８１.2.69.142",
        "\ud800",
    ],
)
def test_what_is_no_known_public_address_is_nowhere(cities: maxminddb.Reader, ip: str) -> None:
    assert locate(ip, cities) == NOWHERE


def test_every_address_is_nowhere_without_a_database() -> None:
    assert locate("81.2.69.142", None) == NOWHERE


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ip=st.one_of(st.text(), st.ip_addresses().map(str)))
def test_any_text_is_an_address(cities: maxminddb.Reader, ip: str) -> None:
    assert all(isinstance(text, str) for text in locate(ip, cities))


class Records:
    """A database in another form than MaxMind's: what it holds, or the error it raises."""

    def __init__(self, record: Any) -> None:
        self.record = record

    def get(self, address: ipaddress.IPv4Address) -> Any:
        if isinstance(self.record, Exception):
            raise self.record
        return self.record


@pytest.mark.parametrize(
    ("record", "location"),
    [
        ({"country_code": "DE"}, Location("DE")),
        ({"country_code": "DE", "city": "Berlin"}, Location("DE", "", "Berlin")),
        ({"country": {"iso_code": 4}, "subdivisions": [None], "city": {"names": []}}, NOWHERE),
        ({"subdivisions": [{"iso_code": "CA"}]}, NOWHERE),
        ("DE", NOWHERE),
        (maxminddb.InvalidDatabaseError("damaged"), NOWHERE),
        (ValueError("IPv6 address in a database of IPv4"), NOWHERE),
    ],
)
def test_a_database_in_another_form_gives_what_it_has(record: Any, location: Location) -> None:
    assert locate("81.2.69.142", cast(maxminddb.Reader, Records(record))) == location


def test_the_owners_database_is_asked_before_the_packaged_one() -> None:
    both = Places([DATA / "GeoIP2-City-Test.mmdb", COUNTRIES])
    assert both.locate("81.2.69.142") == Location("GB", "GB-ENG", "London")
    # The test database knows no more than a few addresses.
    assert both.locate("8.8.8.8") == Location("US")
    assert both.locate("10.0.0.1") == NOWHERE
    assert both.locate("") == NOWHERE


def test_a_database_that_is_missing_or_damaged_knows_nothing(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.mmdb"
    damaged.write_bytes(b"no database")
    assert Places([tmp_path / "missing.mmdb", damaged]).locate("8.8.8.8") == NOWHERE
    assert Places([damaged, COUNTRIES]).locate("8.8.8.8") == Location("US")


def test_the_packaged_database_knows_well_known_servers() -> None:
    packaged = Places([COUNTRIES])
    found = {ip: packaged.locate(ip).country for ip in countries_list.KNOWN}
    assert found == countries_list.KNOWN


def test_only_one_address_is_remembered() -> None:
    packaged = Places([COUNTRIES])
    for ip in ("8.8.8.8", "193.0.6.139", ""):
        packaged.locate(ip)
    assert "8.8.8.8" not in repr(vars(packaged))
    assert "193.0.6.139" not in repr(vars(packaged))


def test_a_datacentre_is_known_by_the_number_of_its_network() -> None:
    known = Datacentres(Path("asn.mmdb"))

    def holds(record: Any) -> bool:
        vars(known)["_database"] = Records(record)
        return known.holds("81.2.69.142")

    assert holds({"autonomous_system_number": 16509, "autonomous_system_organization": "Amazon"})
    assert not holds({"autonomous_system_number": 3320})
    for other in ({}, None, "16509", ValueError("no IPv6")):
        assert not holds(other)


def test_without_a_database_no_address_is_a_datacentres(tmp_path: Path) -> None:
    assert not Datacentres(None).holds("3.5.140.2")
    assert not Datacentres(tmp_path / "missing.mmdb").holds("3.5.140.2")
