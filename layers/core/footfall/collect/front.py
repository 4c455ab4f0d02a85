"""What a CDN in front of the API says of the visitor: address and place, believed only with the secret it shares
(origin.py).

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html
"""

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import unquote

from footfall.location import NOWHERE, Location
from footfall.origin import is_from_front

_COUNTRY = re.compile(r"[A-Z]{2}")
_REGION = re.compile(r"[A-Z0-9]{1,3}")
_CITY_CHARACTERS = 100


def viewer(headers: Mapping[str, str], ip: str, key_sha256: str) -> tuple[str, Location]:
    """The visitor's address and place: the front's where it is trusted, else `ip` and NOWHERE.

    Names of headers are in lower case.
    """
    if not is_from_front(headers, key_sha256):
        return ip, NOWHERE
    return _address(headers.get("cloudfront-viewer-address", "")) or ip, _place(headers)


def _address(text: str) -> str:
    """The address of `198.51.100.10:46532`, `2001:db8::1:46532` or `[2001:db8::1]:46532`; "" for what is none."""
    address = text.rpartition(":")[0].strip("[]")
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return ""


def _place(headers: Mapping[str, str]) -> Location:
    country = headers.get("cloudfront-viewer-country", "").upper()
    if not _COUNTRY.fullmatch(country):
        return NOWHERE
    region = headers.get("cloudfront-viewer-country-region", "").upper()
    city = unquote(headers.get("cloudfront-viewer-city", ""))[:_CITY_CHARACTERS]
    return Location(country, f"{country}-{region}" if _REGION.fullmatch(region) else "", city)
