"""Lines of access logs, ordinary and odd, and what they become."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from footfall_cli.importing import combined
from footfall_cli.importing.ids import EventIds
from footfall_cli.importing.record import Broken, Item, Record, Skip
from footfall_cli.importing.source import Line

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def entry(
    request: str = "GET /pricing HTTP/1.1",
    *,
    host: str = "203.0.113.7",
    user: str = "-",
    time: str = "17/May/2015:10:05:03 +0000",
    status: str = "200 512",
    referrer: str = "-",
    agent: str = AGENT,
    rest: str = "",
) -> bytes:
    """A line of a log."""
    line = f'{host} - {user} [{time}] "{request}" {status} "{referrer}" "{agent}"{rest}'
    return line.encode("latin-1")


def parse(*lines: bytes, requests: bool = False) -> list[Record]:
    """The records of lines."""
    numbered = [Line(number, raw) for number, raw in enumerate(lines, start=1)]
    return list(combined.parse(numbered, EventIds(), requests=requests))


def event(line: bytes, *, requests: bool = False) -> dict[str, Any]:
    """The event of a line, without its id."""
    (record,) = parse(line, requests=requests)
    assert isinstance(record, Item), record
    return {name: value for name, value in record.event.items() if name != "eventId"}


def test_a_page_seen_becomes_a_pageview_of_the_lines_own_time_address_and_agent():
    line = entry(
        "GET /a/?utm_source=mail&q=1#top HTTP/1.1",
        time="17/May/2015:23:59:59 +0545",
        referrer="https://www.google.com/search?q=footfall",
    )

    assert event(line) == {
        "type": "pageview",
        "timestamp": "2015-05-17T23:59:59+05:45",
        "page": {"path": "/a/", "referrer": "https://www.google.com/search?q=footfall"},
        "context": {
            "page": {"search": "?utm_source=mail&q=1"},
            "ip": "203.0.113.7",
            "userAgent": AGENT,
        },
    }


def test_a_dash_is_no_referrer_no_agent_and_no_address():
    assert event(entry(host="-", referrer="-", agent="-")) == {
        "type": "pageview",
        "timestamp": "2015-05-17T10:05:03+00:00",
        "page": {"path": "/pricing"},
        "context": {},
    }


@pytest.mark.parametrize(
    ("target", "path", "search"),
    [
        ("/", "/", None),
        ("//double//slash", "//double//slash", None),
        ("/%C3%A9/A%2fb/", "/%C3%A9/A%2fb/", None),
        ("/a?b?c", "/a", "?b?c"),
        ("/a?", "/a", None),
        ("/a#b?c", "/a", None),
        ("/with space/x", "/with space/x", None),
        ("/say-\\\"hi\\\"", "/say-\\\"hi\\\"", None),
        ("relative", "relative", None),
    ],
)  # fmt: skip
def test_the_path_is_the_requests_own_unchanged(target: str, path: str, search: str | None):
    found = event(entry(f"GET {target} HTTP/1.1"))

    assert found["page"] == {"path": path}
    assert found["context"].get("page", {}).get("search") == search


def test_an_absolute_target_is_sent_as_a_url():
    found = event(entry("GET HTTP://Example.com:8080/a?utm_source=x HTTP/1.1"))

    assert found["page"] == {"url": "HTTP://Example.com:8080/a?utm_source=x"}
    assert "page" not in found["context"]


def test_a_log_of_several_sites_names_the_site():
    line = b"www.example.com:443 " + entry("GET /a?utm_source=x HTTP/1.1")

    found = event(line)

    assert found["page"] == {"path": "/a"}
    assert found["context"]["page"] == {"url": "//www.example.com/a?utm_source=x"}
    assert found["context"]["ip"] == "203.0.113.7"


@pytest.mark.parametrize(
    ("fields", "ip"),
    [
        ({"host": "2001:db8::7"}, "2001:db8::7"),
        ({"host": "::ffff:203.0.113.7"}, "::ffff:203.0.113.7"),
        ({"host": "crawl-66-249.example.net"}, "crawl-66-249.example.net"),
        ({"user": "frank"}, "203.0.113.7"),
        ({"user": "John Q. Smith"}, "203.0.113.7"),
        ({"host": "2001:db8::7", "user": "John Smith"}, "2001:db8::7"),
        ({"user": "odd [user]"}, "203.0.113.7"),
        ({"user": '""'}, "203.0.113.7"),
        ({"host": "203.0.113.7, 198.51.100.1"}, "203.0.113.7"),
        ({"rest": ' "198.51.100.1" 0.003'}, "203.0.113.7"),
        ({"request": "GET /pricing"}, "203.0.113.7"),
        ({"request": "GET /pricing HTTP/2.0"}, "203.0.113.7"),
        ({"status": "304 -"}, "203.0.113.7"),
    ],
)
def test_odd_lines_are_read(fields: dict[str, str], ip: str):
    found = event(entry(**fields))

    assert found["page"] == {"path": "/pricing"}
    assert found["context"] == {"ip": ip, "userAgent": AGENT}


def test_escaped_fields_are_what_the_client_sent():
    found = event(
        entry(referrer=r"http://a.example/\"q\"\\", agent=r"Say \"hi\" \x41\xC3\xA9 \x22ok\x22 \tx")
    )

    assert found["page"]["referrer"] == 'http://a.example/"q"\\'
    assert found["context"]["userAgent"] == 'Say "hi" Aé "ok" \tx'


def test_bytes_that_are_no_utf8_stay_different():
    utf8 = event(entry().replace(b"/pricing", "/é".encode()))
    first = event(entry().replace(b"/pricing", b"/\xe9"))
    second = event(entry().replace(b"/pricing", b"/\xe8"))

    assert [found["page"]["path"] for found in (utf8, first, second)] == ["/é", "/é", "/è"]


@pytest.mark.parametrize(
    ("request_line", "status", "reason"),
    [
        ("GET /a.css HTTP/1.1", "200 1", "asset"),
        ("GET /A.PNG?v=1.2 HTTP/1.1", "200 1", "asset"),
        ("GET /dir.d/app.min.js#x HTTP/1.1", "304 -", "asset"),
        ("GET http://example.com/x.tgz HTTP/1.1", "206 1", "asset"),
        ("GET /.json HTTP/1.1", "200 1", "asset"),
        ("GET /missing HTTP/1.1", "404 1", "error"),
        ("GET /missing.css HTTP/1.1", "404 1", "error"),
        ("POST /form HTTP/1.1", "500 1", "error"),
        ("POST /form HTTP/1.1", "200 1", "method"),
        ("HEAD / HTTP/1.1", "200 -", "method"),
        ("get / HTTP/1.1", "200 1", "method"),
        (r"\x16\x03\x01\x02\x00\x01", "400 150", "error"),
        (r"\x16\x03\x01\x02\x00\x01", "200 150", "method"),
        ("-", "408 0", "error"),
        ("", "400 0", "error"),
        ("GET", "200 1", "method"),
        ("OPTIONS * HTTP/1.0", "200 -", "method"),
    ],
)
def test_what_is_no_page_seen_is_skipped_for_a_reason(request_line: str, status: str, reason: str):
    assert parse(entry(request_line, status=status)) == [Skip(1, reason)]


@pytest.mark.parametrize(
    "path", ["/a.html", "/a.php", "/css", "/a.css/", "/a.css.html", "/v1.2", "/feed?x=a.css", "/a."]
)
def test_other_paths_are_pages(path: str):
    assert event(entry(f"GET {path} HTTP/1.1"))["type"] == "pageview"


@pytest.mark.parametrize(
    "line",
    [
        b"nothing of the kind",
        b"\x00\x01\x02",
        b'203.0.113.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 512',
        b'203.0.113.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 512 "-"',
        entry(time="31/Feb/2015:10:05:03 +0000"),
        entry(time="17/Mai/2015:10:05:03 +0000"),
        entry(time="17/May/2015:25:05:03 +0000"),
        entry(status="2x0 512"),
        entry()[:-1],
        entry()[:60],
        b"203.0.113.7 - " + b"a [" * 5_000,
        entry(agent="\\" * 5_001),
    ],
)
def test_a_line_nobody_can_read_is_broken(line: bytes):
    assert parse(entry(), line)[1:] == [Broken(2, "not in the combined format")]


def test_requests_are_kept_as_events_where_they_are_no_page_seen():
    seen, asset, error, garbage = (
        event(line, requests=True)
        for line in (
            entry(),
            entry("GET /a.css?v=1 HTTP/1.1", status="304 -"),
            entry("POST /form HTTP/1.1", status="500 98"),
            entry(r"\x16\x03", status="400 0"),
        )
    )

    assert seen == event(entry())
    assert asset["type"] == "track"
    assert asset["event"] == {
        "name": "request",
        "properties": {"method": "GET", "status": 304, "bytes": 0},
    }
    assert asset["page"] == {"path": "/a.css"}
    assert error["event"]["properties"] == {"method": "POST", "status": 500, "bytes": 98}
    assert garbage["event"]["properties"] == {"status": 400, "bytes": 0}
    assert "page" not in garbage


def test_keeping_requests_changes_no_id_of_a_pageview():
    lines = [entry(), entry("GET /a.css HTTP/1.1"), entry(), entry("GET /a.css HTTP/1.1"), entry()]
    without = {r.line: r.event["eventId"] for r in parse(*lines) if isinstance(r, Item)}
    with_requests = {
        r.line: r.event["eventId"] for r in parse(*lines, requests=True) if isinstance(r, Item)
    }

    assert len(set(with_requests.values())) == 5
    assert without == {line: with_requests[line] for line in (1, 3, 5)}


def test_a_real_log_is_what_a_few_other_lines_of_python_say(log: Path):
    raw = log.read_bytes().splitlines()
    pages = Counter(
        target.split("?")[0].split("#")[0]
        for line in log.read_text().splitlines()
        for method, target, status in re.findall(r'"(\w+) (\S+) HTTP/1.\d" (\d+) ', line)
        if method == "GET" and int(status) < 400
        if target.split("?")[0].split("#")[0].rpartition(".")[2].lower() not in combined.ASSETS
    )

    found = [record.event for record in parse(*raw) if isinstance(record, Item)]

    assert Counter(event["page"]["path"] for event in found) == pages
    assert (len(found), len(pages)) == (174, 94)
    assert {event["context"]["ip"] for event in found} <= {
        line.split()[0] for line in log.read_text().splitlines()
    }
