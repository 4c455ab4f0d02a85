"""The APIs of others: what their clients send, loosely, since it is theirs; and what they are answered."""

from footfall.collect.dialects.pixel import GIF
from footfall.collect.dialects.segment import CALLS, METRICS
from footfall.collect.dialects.umami import TYPES
from footfall.errors import NotFound
from footfall.openapi.collecting import NOTHING_ACCEPTED, REFUSALS
from footfall.openapi.schema import (
    NO_KEY,
    WRITE_KEY,
    Paths,
    Schema,
    anything,
    json,
    nullable,
    number,
    operation,
    path,
    query,
    record,
    ref,
    rows,
    text,
    told,
    whole,
    word,
)

_TAG = "The APIs of others"
_TEXT = nullable(text())
_ID: Schema = {"type": ["string", "number", "null"]}
_TIME: Schema = {
    "type": ["string", "number", "null"],
    "format": "date-time",
    "minimum": 0,
    "maximum": 253_402_300_799_999,
    "description": "ISO 8601, or seconds or milliseconds since 1970, until the year 9999.",
}
_OBJECT = nullable(anything())
_OBJECT_OR_TEXT = _OBJECT | {"description": "Its JSON as a text is taken, too."}
_LONG_AND_SHORT: dict[str, tuple[str, Schema]] = {
    "name": ("n", _ID),
    "url": ("u", text(pattern=r"^[Hh][Tt][Tt][Pp][Ss]?://")),
    "domain": ("d", _TEXT),
    "referrer": ("r", _TEXT),
    "props": ("p", _OBJECT_OR_TEXT),
    "revenue": ("$", _OBJECT_OR_TEXT),
}
_NEEDED = [(name, _LONG_AND_SHORT[name][0]) for name in ("name", "url")]
_CALL: dict[str, Schema] = {
    "type": word(sorted({name for name in CALLS.values() if name != "batch"})),
    "messageId": _ID,
    "anonymousId": _ID,
    "userId": _ID,
    "previousId": _ID,
    "groupId": _ID,
    "timestamp": _TIME,
    "originalTimestamp": _TIME,
    "sentAt": _TIME,
    "event": _TEXT,
    "name": _TEXT,
    "category": _TEXT,
    "properties": _OBJECT,
    "traits": _OBJECT,
    "context": _OBJECT,
}

SCHEMAS: dict[str, Schema] = {
    "SegmentCall": record(
        _CALL | {"writeKey": _TEXT, "batch": rows(record(_CALL))},
        about="One call, or with `batch` several.",
    ),
    "SegmentReceipt": told(
        {
            "success": {"const": True},
            "eventId": text(),
            "accepted": whole(),
            "eventIds": rows(nullable(text())),
            "rejected": rows(ref("Rejected")),
        },
        ("eventId", "accepted", "eventIds", "rejected"),
    ),
    "PlausibleEvent": record(
        {name: schema for name, (_, schema) in _LONG_AND_SHORT.items()}
        | dict(_LONG_AND_SHORT.values())
        | {
            "meta": _OBJECT,
            "m": _OBJECT,
            "hashMode": {"type": ["boolean", "integer", "string", "null"]},
            "h": {"type": ["boolean", "integer", "string", "null"]},
            "e": nullable(number("Engaged time in milliseconds.")),
            "sd": nullable(number("Scroll depth in per cent.")),
        },
        about="Keys have a long and a short spelling.",
    )
    | {"allOf": [{"anyOf": [{"required": [n]} for n in names]} for names in _NEEDED]},
    "UmamiMessage": record(
        {
            "type": word(TYPES),
            "payload": record(
                {
                    **dict.fromkeys(
                        ("website", "url", "hostname", "title", "referrer", "name", "tag"), _TEXT
                    ),
                    **dict.fromkeys(("language", "screen", "ip", "userAgent"), _TEXT),
                    "id": _ID,
                    "data": _OBJECT,
                    "timestamp": _TIME,
                }
            ),
        },
        ("type", "payload"),
    ),
}
_UMAMI_IDS = {"cache": text(), "sessionId": text(), "visitId": text()}
_UMAMI_BATCH = told(
    {
        "size": whole(),
        "processed": whole(),
        "errors": whole(),
        "details": rows(told({"index": whole(), "response": ref("Error")})),
        "cache": text(),
    }
)
_BROWSERS_ALONE = (
    "The visitor is the browser that sends it. Sent by anything else, curl for one, the example is refused "
    "({}, `no_actor`); a `user-agent` header that begins with Mozilla/5.0 makes it a browser's."
)
_SEGMENT_SETTINGS = anything("Segment's settings document; its script is told to send here.")
_SOURCE_CONFIG = anything("RudderStack's configuration, without destinations.")


def _sent(
    name: str,
    summary: str,
    answer: Schema,
    body: Schema,
    says: Schema | None = None,
    about: str = "",
) -> Schema:
    """A route that takes events in the words of another product."""
    return operation(
        name,
        summary,
        tag=_TAG,
        answer=json(answer),
        failures=REFUSALS,
        body=json(body),
        security=WRITE_KEY,
        says=says,
        about=about,
    )


PATHS: Paths = {
    "/v1/projects/{writeKey}/settings": {
        "get": operation(
            "getSegmentSettings",
            "What Segment's browser script asks for before it sends",
            tag=_TAG,
            answer=json(_SEGMENT_SETTINGS),
            parameters=[path("writeKey", text(minLength=1), "The write key.")],
            security=NO_KEY,
        )
    },
    "/sourceConfig": {
        "get": operation(
            "getRudderstackConfig",
            "What RudderStack's browser SDK asks for before it sends",
            tag=_TAG,
            answer=json(_SOURCE_CONFIG),
            parameters=[query("writeKey", text())],
            security=NO_KEY,
        )
    },
    "/v1/{call}": {
        "post": operation(
            "sendSegment",
            "Segment's HTTP API, which RudderStack's SDKs speak too",
            tag=_TAG,
            answer=json(ref("SegmentReceipt")),
            failures=(*REFUSALS, NotFound),
            parameters=[path("call", word([*CALLS, METRICS]), "The call, or its first letter.")],
            body=json(ref("SegmentCall")),
            security=WRITE_KEY,
            says=NOTHING_ACCEPTED,
        )
    },
    "/api/event": {
        "post": _sent(
            "sendPlausible",
            "Plausible's event API",
            told({"status": {"const": "ok"}, "eventIds": rows(text())}),
            ref("PlausibleEvent"),
            about=_BROWSERS_ALONE.format("422"),
        )
    },
    "/api/send": {
        "post": _sent(
            "sendUmami",
            "Umami's tracker",
            told(_UMAMI_IDS),
            ref("UmamiMessage"),
            about=_BROWSERS_ALONE.format("422"),
        )
    },
    "/api/batch": {
        "post": _sent(
            "sendUmamiBatch",
            "Umami's tracker, several messages",
            _UMAMI_BATCH,
            rows(ref("UmamiMessage")),
            NOTHING_ACCEPTED,
            _BROWSERS_ALONE.format("400"),
        )
    },
    "/pixel.gif": {
        "get": operation(
            "getPixel",
            "A picture whose address says what was seen",
            tag=_TAG,
            answer={"image/gif": {"schema": {"type": "string", "contentMediaType": "image/gif"}}},
            parameters=[
                query("key", text(), "The write key."),
                *(query(name, text()) for name in ("url", "path", "title", "referrer")),
                query("name", text(), "Makes it a track of this name."),
            ],
            security=NO_KEY,
            about=f"Always a picture of {len(GIF)} bytes; a refusal's code stands in `x-footfall-refused`.",
        )
    },
}
