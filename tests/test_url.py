"""Any text as a URL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.url import split_url


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://www.Example.COM:8080/A/b%20c/?x=1#y", "example.com", "/A/b%20c/"),
        ("https://example.com", "example.com", "/"),
        ("https://example.com?x=1", "example.com", "/"),
        ("https://user:pw@example.com/a", "example.com", "/a"),
        ("//example.com/a//b", "example.com", "/a//b"),
        ("/just/a/path?x", "", "/just/a/path"),
        ("http://[2001:db8::1]:80/a", "[2001:db8::1]", "/a"),
        ("http://[broken/a?x=1", "", "http://[broken/a"),
        ("http://exa mple.com/<a>", "exa mple.com", "/<a>"),
        ("android-app://com.example/x", "com.example", "/x"),
        ("", "", ""),
    ],
)
def test_host_and_path_of_a_url(url: str, host: str, path: str):
    assert split_url(url)[:2] == (host, path)


@given(st.text())
def test_no_url_is_an_error(url: str):
    split_url(url)
