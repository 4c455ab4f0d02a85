"""What a browser says of itself in its headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.collect.browser import (
    NO_HINTS,
    Hints,
    accepted_language,
    hints,
    language,
    objects,
    prefetches,
)

CHROME = '"Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"'
BRAVE = '"Chromium";v="140", "Not=A?Brand";v="24", "Brave";v="140"'


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ("de", "de"), ("en-US", "en-US"), ("EN_us", "en-US"), ("zh-hans-cn", "zh-Hans-CN"), ("es-419", "es-419"),
        ("de_DE.UTF-8", "de-DE"), ("sr_RS@latin", "sr-RS"), ("de-u-co-PHONEBK", "de-u-co-phonebk"), ("", ""),
        ("C", ""), ("POSIX", ""), ("*", ""), ("english please", ""), ("x" * 99, ""), ("bob@x.example", "bob"),
    ],
)  # fmt: skip
def test_a_language_is_written_as_bcp_47_writes_it(locale: str, shown: str):
    assert language(locale) == shown


def test_the_first_accepted_language_is_the_visitors():
    assert accepted_language({"accept-language": "de-at,de;q=0.9,en;q=0.8"}) == "de-AT"
    assert accepted_language({"accept-language": "fr;q=0.5"}) == "fr"
    assert accepted_language({"accept-language": "*"}) == ""
    assert accepted_language({}) == ""


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({}, False), ({"dnt": "1"}, True), ({"sec-gpc": "1"}, True), ({"dnt": "0"}, False),
        ({"dnt": "unspecified", "sec-gpc": "0"}, False),
    ],
)  # fmt: skip
def test_signals(headers: dict[str, str], found: bool):
    assert objects(headers) is found


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({}, False), ({"sec-purpose": "prefetch"}, True), ({"sec-purpose": "prefetch;prerender"}, True),
        ({"purpose": "prefetch"}, True), ({"x-moz": "prefetch"}, True), ({"x-purpose": "preview"}, True),
        ({"purpose": "other"}, False),
    ],
)  # fmt: skip
def test_a_page_that_is_loaded_ahead_says_so(headers: dict[str, str], found: bool):
    assert prefetches(headers) is found


@pytest.mark.parametrize(
    ("brands", "platform", "version", "mobile", "found"),
    [
        ("", "", "", "", NO_HINTS),
        (CHROME, '"Windows"', "", "?0", NO_HINTS),
        (CHROME, '"Windows"', '"15.0.0"', "?0", Hints(os="Windows", os_version="11")),
        (CHROME, '"Windows"', '"10.0.0"', "?0", Hints(os="Windows", os_version="10")),
        (CHROME, '"Windows"', '"0.3.0"', "?0", Hints(os="Windows", os_version="8.1")),
        (CHROME, '"macOS"', '"15.6.1"', "?0", Hints(os="macOS", os_version="15.6")),
        (CHROME, '"Android"', '"16.0.0"', "?1", Hints(os="Android", os_version="16", device="mobile")),
        (CHROME, '"Linux"', '"6.1.0"', "?0", NO_HINTS),
        (BRAVE, '"Linux"', "", "?0", Hints("Brave", "140")),
        ('"Microsoft Edge";v="140.0.3485.54", "Chromium";v="140"', "", "", "?0", Hints("Edge", "140")),
        ('"Samsung Internet";v="28.1", "Chromium";v="130"', "", "", "?0", Hints("Samsung Internet", "28.1")),
        ('"HeadlessChrome";v="140", "Chromium";v="140"', "", "", "?0", Hints(is_headless=True)),
    ],
)  # fmt: skip
def test_client_hints_tell_what_agents_no_longer_do(
    brands: str, platform: str, version: str, mobile: str, found: Hints
):
    headers = {
        "sec-ch-ua": brands,
        "sec-ch-ua-platform": platform,
        "sec-ch-ua-platform-version": version,
        "sec-ch-ua-mobile": mobile,
    }
    assert hints(headers) == found


def test_the_full_versions_come_before_the_major_ones():
    full = '"Opera";v="121.3.5", "Chromium";v="140.0.1"'
    assert hints({"sec-ch-ua": BRAVE, "sec-ch-ua-full-version-list": full}) == Hints(
        "Opera", "121.3"
    )


@given(st.dictionaries(st.sampled_from(
    ["sec-ch-ua", "sec-ch-ua-platform", "sec-ch-ua-platform-version", "sec-purpose", "dnt", "accept-language"]
), st.text() | st.sampled_from([BRAVE, '"Windows"', '"²"', '"1.²"'])))  # fmt: skip
def test_any_header_is_taken(headers: dict[str, str]):
    hints(headers)
    prefetches(headers)
    objects(headers)
    accepted_language(headers)
