import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import maxminddb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.location import NOWHERE, Location, locate

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
