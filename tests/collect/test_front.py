"""What a CDN in front says of the visitor is believed only with the secret that it shares."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.collect.front import viewer
from footfall.location import NOWHERE, Location

SECRET = "between-us"
SHA256 = hashlib.sha256(SECRET.encode()).hexdigest()
HEADERS = {
    "x-footfall-origin": SECRET,
    "cloudfront-viewer-address": "198.51.100.10:46532",
    "cloudfront-viewer-country": "AT",
    "cloudfront-viewer-country-region": "9",
    "cloudfront-viewer-city": "Vienna",
}
IP = "203.0.113.7"


def test_with_the_secret_address_and_place_are_the_fronts():
    assert viewer(HEADERS, IP, SHA256) == ("198.51.100.10", Location("AT", "AT-9", "Vienna"))


@pytest.mark.parametrize("shown", ["", "wrong", SHA256, "\ud800"])
def test_without_it_they_are_not_believed(shown: str):
    assert viewer(HEADERS | {"x-footfall-origin": shown}, IP, SHA256) == (IP, NOWHERE)
    assert viewer(HEADERS | {"x-footfall-origin": shown}, IP, "") == (IP, NOWHERE)


@pytest.mark.parametrize(
    ("address", "ip"),
    [
        ("2001:db8::1:46532", "2001:db8::1"), ("[2001:db8::1]:46532", "2001:db8::1"), ("nonsense", IP), ("", IP),
        ("1.2.3:80", IP),
    ],
)  # fmt: skip
def test_an_address_of_any_form(address: str, ip: str):
    assert viewer(HEADERS | {"cloudfront-viewer-address": address}, IP, SHA256)[0] == ip


def test_a_place_that_is_not_told_is_nowhere():
    assert viewer({"x-footfall-origin": SECRET}, IP, SHA256) == (IP, NOWHERE)
    odd = {"cloudfront-viewer-country": "Austria", "cloudfront-viewer-city": "Vienna"}
    assert viewer({"x-footfall-origin": SECRET} | odd, IP, SHA256) == (IP, NOWHERE)
    city = HEADERS | {"cloudfront-viewer-city": "S%C3%A3o%20Paulo"}
    assert viewer(city, IP, SHA256)[1].city == "São Paulo"


@given(
    st.dictionaries(st.sampled_from(list(HEADERS)), st.text(st.characters(exclude_categories=())))
)
def test_any_header_is_taken(headers: dict[str, str]):
    viewer(headers | {"x-footfall-origin": SECRET}, IP, SHA256)
