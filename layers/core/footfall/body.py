"""The bytes of a request become JSON: gzip by its magic bytes, forms, caps, and nothing that JSON does not know."""

import base64
import binascii
import json
import math
import zlib
from typing import Any
from urllib.parse import unquote_to_bytes

from footfall.errors import BadRequest, TooLarge

COLLECT_BYTES = 1 << 20
QUERY_BYTES = 1 << 20
IMPORT_BYTES = 5 << 20
_MAGIC = b"\x1f\x8b"
_FORM = b"data="
compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""A value as the shortest JSON."""
_MEMBERS = 16
"""How many concatenated gzip members are read: clients send one; a thousand are an attack."""


def read_json(body: bytes, limit: int) -> dict[str, Any]:
    """The JSON object in a body, as `read_any`. Raises BadRequest (400) for any other JSON, too."""
    parsed = read_any(body, limit)
    if not isinstance(parsed, dict):
        raise BadRequest("invalid_json", "The body must be a JSON object.")
    return parsed


def read_any(body: bytes, limit: int) -> Any:
    """The JSON in a body: plain, gzip or the form `data=` of beacons; at most `limit` bytes once unpacked.

    Numbers too large for a float become null, halves of surrogate pairs become U+FFFD (browsers send both). Raises
    TooLarge (413) over the limit or for gzip in gzip, BadRequest (400) when it is no JSON in UTF-8.
    """
    data = _unpacked(body, limit) if body.startswith(_MAGIC) else body
    if data.startswith(_FORM) and len(data) <= 2 * limit:
        data = _form_value(data)
        data = _unpacked(data, limit) if data.startswith(_MAGIC) else data
    if len(data) > limit:
        raise _too_large(limit)
    try:
        parsed = _parse(data.decode("utf-8-sig"))
        return _whole(parsed) if b"\\ud" in data or b"\\uD" in data else parsed
    except (ValueError, RecursionError) as error:
        raise BadRequest("invalid_json", "The body must be JSON in UTF-8.") from error


def unpacked_bytes(body: bytes) -> int:
    """How long a body may be once unpacked: what is packed may hold as much as any."""
    return COLLECT_BYTES if body.startswith((_MAGIC, _FORM)) else len(body)


def _form_value(form: bytes) -> bytes:
    """The value of `data=…` in a form, which is JSON or the base64 of it. Raises BadRequest."""
    value = unquote_to_bytes(form[len(_FORM) :].partition(b"&")[0].replace(b"+", b" "))
    if value.startswith((b"{", b"[")):
        return value
    # A client that does not encode the plus signs of base64 means them.
    packed = value.replace(b" ", b"+").replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
    try:
        return base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    except binascii.Error as error:
        raise BadRequest("invalid_json", "The form's `data` is neither JSON nor base64.") from error


def _unpacked(body: bytes, limit: int) -> bytes:
    unpacked = b""
    rest = body
    for _ in range(_MEMBERS):
        inflate = zlib.decompressobj(wbits=31)
        try:
            unpacked += inflate.decompress(rest, limit + 1 - len(unpacked))
        except zlib.error as error:
            raise BadRequest(
                "invalid_gzip", "The body begins like gzip but cannot be unpacked."
            ) from error
        if len(unpacked) > limit:
            raise _too_large(limit)
        if unpacked.startswith(_MAGIC):
            raise TooLarge("too_large", "The body is gzip within gzip; pack it once.")
        if not inflate.eof:
            raise BadRequest("invalid_gzip", "The body's gzip is cut off.")
        rest = inflate.unused_data
        if not rest.strip(b"\0"):
            return unpacked
    raise TooLarge("too_large", f"The body has more than {_MEMBERS} gzip members; pack it as one.")


def _too_large(limit: int) -> TooLarge:
    return TooLarge("too_large", f"The body is over {limit:,} bytes; send less in one request.")


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return value


# json.loads makes a decoder for each text that is not to be read by its defaults.
_parse = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite).decode
