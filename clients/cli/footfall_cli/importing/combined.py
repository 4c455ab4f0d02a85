"""Access logs in the combined format of Apache and Nginx.

A page seen is a GET with a status below 400 whose path is no asset. The address and the agent of the line are sent as
the visitor's; the path is the request's own, unchanged.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from footfall_cli.importing.ids import EventIds
from footfall_cli.importing.record import Broken, Item, Record, Skip, text_of
from footfall_cli.importing.source import Line

ASSETS = frozenset({
    "css", "js", "mjs", "map", "json", "xml", "txt", "rss", "atom", "png", "jpg", "jpeg", "gif",
    "svg", "ico", "webp", "avif", "bmp", "woff", "woff2", "ttf", "otf", "eot", "mp3", "mp4", "webm",
    "ogg", "avi", "mov", "zip", "gz", "tgz", "pdf", "exe", "dmg",
})  # fmt: skip
"""Extensions of what a page is made of, and of downloads."""
REQUEST_EVENT = "request"

_QUOTED = r'"((?:[^"\\]++|\\.)*+)"'
_LINE = re.compile(
    # Apache's vhost_combined begins with the site; an address must follow, or it is an IPv6 address itself.
    r"(?:(\S+):\d+ (?=[\da-fA-F]*[.:]))?"
    # The user may hold spaces.
    r"(\S+) \S+ .*? "
    r"\[(\d{1,2}/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "
    rf"{_QUOTED} (\d{{3}}) (\d+|-) {_QUOTED} {_QUOTED}"
    # Nginx's own default adds a field; whatever follows is not ours.
    r"(?: .*)?",
    re.ASCII | re.DOTALL,
)
_PROTOCOL = re.compile(r"HTTP/\d(?:\.\d)?", re.ASCII)
_METHOD = re.compile(r"[A-Z]{1,32}")
_ESCAPED = re.compile(rb"\\(x[0-9A-Fa-f]{2}|.)", re.DOTALL)
_CONTROLS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"v": b"\v", b"f": b"\f"}
_MONTHS = {
    "Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6,
    "Jul": 7, "Aug": 8, "Sep": 9, "Oct": 10, "Nov": 11, "Dec": 12,
}  # fmt: skip


class Hit(NamedTuple):
    """A line of the log, its parts as text; `target` is "" where the request is none."""

    vhost: str
    host: str
    time: str
    method: str
    target: str
    status: int
    size: int
    referrer: str
    agent: str


def parse(lines: Iterable[Line], ids: EventIds, *, requests: bool) -> Iterator[Record]:
    """The records of a log. With `requests`, what is no page seen becomes a track named `request`."""
    for line in lines:
        if not line.raw:
            yield Skip(line.number, "empty")
            continue
        hit = read(line.raw)
        if hit is None:
            yield Broken(line.number, "not in the combined format")
            continue
        reason = why_skipped(hit)
        if reason is None:
            yield Item(line.number, hit.time, _event(hit, ids.of(line.raw), {"type": "pageview"}))
        elif requests:
            yield Item(line.number, hit.time, _event(hit, ids.of(line.raw), _request(hit)))
        else:
            ids.skip()
            yield Skip(line.number, reason)


def read(raw: bytes) -> Hit | None:
    """The parts of a line; None when it is not one of this format."""
    found = _LINE.fullmatch(text_of(raw))
    if found is None:
        return None
    vhost, host, stamp, request, status, size, referrer, agent = found.groups()
    time = _iso(stamp)
    if time is None:
        return None
    method, target = _request_line(request)
    return Hit(
        vhost=vhost or "",
        # A log of X-Forwarded-For may hold several addresses; the first is the visitor's.
        host="" if host == "-" else host.rstrip(","),
        time=time,
        method=method,
        target=target,
        status=int(status),
        size=0 if size == "-" else int(size),
        referrer=_unescaped(referrer),
        agent=_unescaped(agent),
    )


def why_skipped(hit: Hit) -> str | None:
    """`error`, `method` or `asset`, the first that applies; None for a page seen."""
    if hit.status >= 400:
        return "error"
    if hit.method != "GET" or not hit.target:
        return "method"
    last = hit.target.partition("#")[0].partition("?")[0].rpartition("/")[2]
    _, dot, extension = last.rpartition(".")
    return "asset" if dot and extension.lower() in ASSETS else None


def _event(hit: Hit, event_id: str, kind: dict[str, Any]) -> dict[str, Any]:
    event: dict[str, Any] = {**kind, "eventId": event_id, "timestamp": hit.time}
    context: dict[str, Any] = {}
    page: dict[str, str] = {}
    if _is_absolute(hit.target):
        page["url"] = hit.target
    elif hit.target:
        bare, _, _ = hit.target.partition("#")
        page["path"], _, query = bare.partition("?")
        if hit.vhost:
            context["page"] = {"url": f"//{hit.vhost}{bare}"}
        elif query:
            context["page"] = {"search": f"?{query}"}
    if hit.referrer:
        page["referrer"] = hit.referrer
    if page:
        event["page"] = page
    if hit.host:
        context["ip"] = hit.host
    if hit.agent:
        context["userAgent"] = hit.agent
    return event | {"context": context}


def _request(hit: Hit) -> dict[str, Any]:
    properties: dict[str, Any] = {"method": hit.method} if hit.method else {}
    properties |= {"status": hit.status, "bytes": hit.size}
    return {"type": "track", "event": {"name": REQUEST_EVENT, "properties": properties}}


def _is_absolute(target: str) -> bool:
    return target[:8].lower().startswith(("http://", "https://"))


def _request_line(request: str) -> tuple[str, str]:
    """Method and target of a request line, which may lack its protocol (HTTP/0.9) or be anything at all."""
    method, _, rest = request.partition(" ")
    if method != "GET" and not _METHOD.fullmatch(method):
        return "", ""
    target, _, protocol = rest.rpartition(" ")
    return method, (target if _PROTOCOL.fullmatch(protocol) else rest).strip(" ")


@lru_cache(maxsize=256)
def _iso(stamp: str) -> str | None:
    """`17/May/2015:10:05:03 +0200` as ISO 8601; None when there is no such time."""
    day, month, rest = stamp.split("/")
    year, hour, minute, second = rest[:-6].split(":")
    offset = rest[-5:]
    text = f"{year}-{_MONTHS.get(month, 0):02}-{int(day):02}T{hour}:{minute}:{second}{offset[:3]}:{offset[3:]}"
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    return text


def _unescaped(field: str) -> str:
    """A quoted field as it was before the server escaped it; "-" is none."""
    if field == "-":
        return ""
    if "\\" not in field:
        return field
    return text_of(_ESCAPED.sub(_unescape, field.encode("utf-8")))


def _unescape(found: re.Match[bytes]) -> bytes:
    escaped = found[1]
    if len(escaped) == 3:
        return bytes.fromhex(escaped[1:].decode("ascii"))
    return _CONTROLS.get(escaped, escaped)
