"""The bytes of a request become JSON."""

import base64
import gzip
import json
import resource
import time
import zlib
from urllib.parse import quote_plus

import pytest

from footfall.body import read_json, unpacked_bytes
from footfall.errors import BadRequest, TooLarge

LIMIT = 1 << 20


def test_a_plain_object_is_read():
    assert read_json(b'{"a": [1, "\xc3\xa9"]}', LIMIT) == {"a": [1, "é"]}


def test_gzip_is_recognised_by_its_magic_bytes():
    assert read_json(gzip.compress(b'{"a": 1}'), LIMIT) == {"a": 1}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b'"text"', b"{", b'{"a": NaN}', b'{"a": Infinity}', b'{"a": "\xff"}',
        b"[" * 100_000, b'{"a":' * 100_000, b"\x1f\x8b", gzip.compress(b'{"a": 1}', mtime=0)[:-4],
        b'{"a": ' + b"9" * 5_000 + b"}",
    ],
)  # fmt: skip
def test_what_is_no_json_object_is_a_400(body: bytes):
    with pytest.raises(BadRequest):
        read_json(body, LIMIT)


def test_a_number_too_large_for_a_float_is_null():
    assert read_json(b'{"a": 1e999, "b": 1.5}', LIMIT) == {"a": None, "b": 1.5}


def test_half_a_surrogate_pair_becomes_a_replacement_character():
    assert read_json(b'{"title": "cut \\ud83d", "whole": "\\ud83d\\ude00"}', LIMIT) == {
        "title": "cut \ufffd",
        "whole": "\U0001f600",
    }


def test_a_body_over_the_limit_is_a_413():
    with pytest.raises(TooLarge):
        read_json(json.dumps({"a": "x" * LIMIT}).encode(), LIMIT)


def bomb(unpacked: int) -> bytes:
    """A gzip of zeros, made without holding them."""
    deflate = zlib.compressobj(9, wbits=31)
    piece = (
        deflate.compress(bytes(1 << 20))
        if unpacked < 1 << 20
        else b"".join(deflate.compress(bytes(1 << 20)) for _ in range(unpacked >> 20))
    )
    return piece + deflate.flush()


@pytest.mark.parametrize(
    "body",
    [
        bomb(300 << 20),
        gzip.compress(bomb(64 << 20)),
        gzip.compress(gzip.compress(b'{"a": 1}')),
        b"".join(gzip.compress(b" ", mtime=0) for _ in range(1_000)),
    ],
    ids=["bomb", "bomb in gzip", "gzip in gzip", "a thousand members"],
)
def test_a_hostile_gzip_is_a_413_within_a_second_and_64_mb(body: bytes):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    with pytest.raises(TooLarge):
        read_json(body, LIMIT)
    assert time.monotonic() - started < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10


@pytest.mark.parametrize(
    "form",
    [
        b"data=" + base64.b64encode(b'{"a": "?>"}'),
        b"data=" + base64.urlsafe_b64encode(b'{"a": "?>"}').rstrip(b"="),
        b"data=" + quote_plus(base64.b64encode(b'{"a": "?>"}')).encode() + b"&ver=1",
        b"data=" + quote_plus('{"a": "?>"}').encode(),
        b"data=" + quote_plus(base64.b64encode(gzip.compress(b'{"a": "?>"}', mtime=0))).encode(),
    ],
)
def test_a_beacons_form_is_read(form: bytes):
    assert read_json(form, LIMIT) == {"a": "?>"}


@pytest.mark.parametrize(
    "form", [b"data=", b"data=%", b"data=a", b"data=\xff", b"data=%00", b"other=1"]
)
def test_a_form_that_holds_no_json_is_a_400(form: bytes):
    with pytest.raises(BadRequest):
        read_json(form, LIMIT)


def test_a_form_over_the_limit_is_a_413():
    with pytest.raises(TooLarge):
        read_json(b"data=" + base64.b64encode(json.dumps({"a": "x" * LIMIT}).encode()), LIMIT)
    with pytest.raises(TooLarge):
        read_json(b"data=" + quote_plus(base64.b64encode(bomb(30 << 20))).encode(), LIMIT)


def test_what_is_packed_may_hold_as_much_as_any_body():
    assert unpacked_bytes(b'{"a": 1}') == 8
    assert unpacked_bytes(gzip.compress(b"{}", mtime=0)) == unpacked_bytes(b"data=e30") == 1 << 20
