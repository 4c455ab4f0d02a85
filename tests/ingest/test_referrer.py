import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from footfall.ingest.referrer import referrer, spam


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://facebook.com/page/", ("facebook.com/page", "facebook.com")),
        ("https://www.google.com/", ("google.com", "google.com")),
        ("https://www.google.com", ("google.com", "google.com")),
        ("http://a.com/b?c=d#e", ("a.com/b", "a.com")),
        ("http://a.com?c=d", ("a.com", "a.com")),
        ("http://a.com/?c=/d/", ("a.com", "a.com")),
        ("http://a.com//", ("a.com/", "a.com")),
        ("HTTPS://WWW.A.Com/Path/%C3%A4 ", ("a.com/Path/%C3%A4", "a.com")),
        ("http://a.com:8080/b", ("a.com:8080/b", "a.com")),
        ("http://user:secret@a.com/b", ("a.com/b", "a.com")),
        ("http://[2001:db8::1]:80/b", ("[2001:db8::1]:80/b", "[2001:db8::1]")),
        ("http://münchen.de/ä", ("münchen.de/ä", "münchen.de")),
    ],
)
def test_a_referrer_is_kept_without_scheme_www_query_fragment_and_last_slash(
    url: str, kept: tuple[str, str]
) -> None:
    assert referrer(url, "own.org") == kept


@pytest.mark.parametrize(
    "url",
    [
        "http://own.org/",
        "https://www.own.org/other",
        "http://OWN.org:8080/",
        "http://localhost/",
        "http://localhost:3000/x",
        "http://app.localhost/",
        "http://127.0.0.1:8787/",
        "http://[::1]/",
    ],
)
@pytest.mark.parametrize("own_host", ["own.org", "www.Own.org", "own.org:443"])
def test_a_referrer_is_none_when_it_is_the_own_host_or_localhost(url: str, own_host: str) -> None:
    assert referrer(url, own_host) == ("", "")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "-",
        "google.com",
        "//google.com/",
        "android-app://com.google.android.gm/",
        "file:///etc/passwd",
        "javascript:void(0)",
        "data:text/html,x",
        "about:client",
        "http:",
        "http://",
        "http:///path",
        "https://?q",
    ],
)
def test_a_referrer_is_none_when_it_is_no_web_page(url: str) -> None:
    assert referrer(url, "own.org") == ("", "")


def test_a_subdomain_of_the_own_host_is_a_referrer() -> None:
    assert referrer("https://blog.own.org/a", "own.org") == ("blog.own.org/a", "blog.own.org")


def test_every_host_is_foreign_when_the_own_is_unknown() -> None:
    assert referrer("https://a.com/", "") == ("a.com", "a.com")


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("http://[bad/path", ("[bad/path", "[bad]")),
        ("http://a b.com/c d", ("a b.com/c d", "a b.com")),
        ("http://a.com:port/", ("a.com:port", "a.com")),
        ("http://a\u2100.com/", ("a\u2100.com", "a\u2100.com")),
        ("http://a.com/\nb", ("a.com/\nb", "a.com")),
    ],
)
def test_a_referrer_that_strict_parsers_refuse_keeps_its_text(
    url: str, kept: tuple[str, str]
) -> None:
    assert referrer(url, "own.org") == kept


@given(
    prefix=st.sampled_from(
        ["", "http://", "https://www.", "HTTP://", "http://[", "http://@", "//"]
    ),
    rest=st.text(st.characters(exclude_categories=())),
    own_host=st.text(),
)
@example(prefix="http://", rest="\ud800", own_host="\ud800")
def test_any_text_is_a_referrer(prefix: str, rest: str, own_host: str) -> None:
    kept, host = referrer(prefix + rest, own_host)

    assert bool(kept) == bool(host)
    assert "?" not in kept
    assert "#" not in kept
    assert "/" not in host


@pytest.mark.parametrize("host", ["semalt.com", "free.semalt.com", "a.b.semalt.com"])
def test_a_spammer_is_known_with_its_subdomains(host: str) -> None:
    assert spam(host)


@pytest.mark.parametrize("host", ["", "com", "google.com", "notsemalt.com", "semalt.com.org"])
def test_other_hosts_are_no_spammers(host: str) -> None:
    assert not spam(host)


def test_an_endless_host_is_no_spammer() -> None:
    assert not spam("a." * 1_000_000 + "semalt.com")
