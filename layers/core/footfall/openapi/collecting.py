"""Our own collect routes, /health and the document itself."""

from footfall.collect.accept import BATCH_EVENTS, IMPORT_EVENTS
from footfall.collect.fields import ID_CHARACTERS
from footfall.collect.steps import EVENT_ID_CHARACTERS
from footfall.errors import (
    BadRequest,
    Forbidden,
    TooLarge,
    TooMany,
    Unauthorized,
    Unavailable,
    Unprocessable,
)
from footfall.event import EVENT_TYPES
from footfall.openapi.schema import (
    KEY,
    NO_KEY,
    WRITE_KEY,
    Paths,
    Schema,
    anything,
    json,
    nullable,
    number,
    operation,
    record,
    ref,
    rows,
    shared,
    text,
    told,
    whole,
    word,
)

REFUSALS = (BadRequest, Unauthorized, Forbidden, TooLarge, Unprocessable, TooMany, Unavailable)
"""How a request that sends events may fail."""
_TAG = "Collection"

_ID: Schema = {"type": ["string", "number", "null"], "maxLength": ID_CHARACTERS}
_EVENT_ID = _ID | {"maxLength": EVENT_ID_CHARACTERS}
_TIME = nullable(text("ISO 8601; without an offset it is UTC.", format="date-time"))
_TEXT = nullable(text())
_PROPERTIES = nullable(anything("Any JSON, nested 32 deep at most."))
_CONTEXT = nullable(ref("Context"))
_PAGE = nullable(ref("Page"))

_COMMON: dict[str, Schema] = {
    "anonymousId": _ID | {"description": "The client's id of a browser or device."},
    "userId": _ID | {"description": "The client's id of a person who is signed in."},
    "eventId": _EVENT_ID
    | {"description": "The same for every retry; an event counts once whatever else it carries."},
    "messageId": _EVENT_ID | {"description": "Another name of `eventId`, which counts first."},
    "timestamp": _TIME,
    "originalTimestamp": _TIME | {"description": "Stands in for a missing `timestamp`."},
    "sentAt": _TIME | {"description": "The client's clock when it sent; mends a wrong clock."},
    "site": _TEXT | {"description": "The site, which must be the key's."},
    "writeKey": {"description": "The key, where no header carries it."} | _TEXT,
    "context": _CONTEXT,
    "page": _PAGE,
}
_GIVEN_ID: Schema = {"type": ["string", "number"], "minLength": 1, "maxLength": ID_CHARACTERS}
_GIVEN = text(minLength=1)
_PAGE_FIELDS = dict.fromkeys(("path", "url", "title", "referrer", "search"), _TEXT)
_VIEWED = {"anyOf": [ref("PageByPath"), ref("PageByUrl")]}
_PAGE_ABOUT = "A page; of `path` and `url` one is enough. Queries and fragments are not stored."
_OWN: dict[str, dict[str, Schema]] = {
    "pageview": {"page": _VIEWED, "properties": _PROPERTIES},
    "screen": {"screen": ref("Named")},
    "track": {"event": ref("Named")},
    "identify": {"anonymousId": _GIVEN_ID, "userId": _GIVEN_ID, "traits": _PROPERTIES},
}
_NEEDED = {
    "pageview": ("page",),
    "screen": ("screen",),
    "track": ("event",),
    "identify": ("anonymousId", "userId"),
}
_OF_BATCHES: dict[str, dict[str, Schema]] = {
    "group": {"groupId": _ID, "traits": _PROPERTIES},
    "alias": {"previousId": _GIVEN_ID, "userId": _GIVEN_ID},
    "engagement": {"properties": _PROPERTIES},
    "vitals": {"properties": _PROPERTIES},
}
"""Types that have no route of their own."""


def _item(kind: str) -> Schema:
    """One event of a batch."""
    own = _OWN.get(kind) or _OF_BATCHES[kind]
    needed = _NEEDED.get(kind) or (("previousId", "userId") if kind == "alias" else ())
    fields = {"type": {"type": "string", "const": kind}} | _COMMON | own
    return record(fields, ("type", *needed), f"One {kind} of a batch.")


_ITEMS = {kind: f"{kind.capitalize()}Item" for kind in EVENT_TYPES}

_STATE = word(("ok", "down"))
SCHEMAS: dict[str, Schema] = {
    **{
        kind.capitalize(): record(_COMMON | own, _NEEDED[kind], f"One {kind}.")
        for kind, own in _OWN.items()
    },
    **{name: _item(kind) for kind, name in _ITEMS.items()},
    "Item": {
        "description": "One event of a batch, its type named by itself.",
        "oneOf": [ref(name) for name in _ITEMS.values()],
        "discriminator": {
            "propertyName": "type",
            "mapping": {kind: ref(name)["$ref"] for kind, name in _ITEMS.items()},
        },
    },
    "Batch": record(
        {
            "batch": rows(ref("Item"), maxItems=BATCH_EVENTS),
            "sentAt": _TIME,
            "site": _TEXT,
            "writeKey": _TEXT,
        },
        ("batch",),
        "Events of one client, taken one by one.",
    ),
    "Import": record(
        {"batch": rows(ref("Item"), maxItems=IMPORT_EVENTS), "site": _TEXT},
        ("batch",),
        "Old events, from a log or another product.",
    ),
    "Page": record(_PAGE_FIELDS, about=_PAGE_ABOUT),
    "PageByPath": record(_PAGE_FIELDS | {"path": _GIVEN}, ("path",), _PAGE_ABOUT),
    "PageByUrl": record(_PAGE_FIELDS | {"url": _GIVEN}, ("url",), _PAGE_ABOUT),
    "Named": record(
        {"name": _GIVEN, "properties": _PROPERTIES}, ("name",), "A screen or an event by its name."
    ),
    "Context": record(
        {
            "page": _PAGE,
            "device": record({"type": _TEXT}),
            "browser": record({"name": _TEXT, "version": _TEXT}),
            "os": record({"name": _TEXT, "version": _TEXT}),
            "screen": record({"width": number(), "height": number()}),
            "locale": _TEXT,
            "campaign": record(
                dict.fromkeys(("source", "medium", "name", "term", "content"), _TEXT)
            ),
            "consent": nullable(
                word(
                    ("granted", "denied", "withheld"),
                    "`denied`: counted without any id of the client; `withheld`: not stored.",
                )
            ),
            "ip": _TEXT | {"description": "The visitor's; counts with a secret key only."},
            "userAgent": _TEXT | {"description": "The visitor's; counts with a secret key only."},
        },
        about="What surrounds an event.",
    ),
    "Receipt": told({"eventId": text("The client's id, or a new one.")}),
    "BatchReceipt": told(
        {
            "accepted": whole(),
            "eventIds": rows(nullable(text()), "By place in the batch; null for a refused one."),
            "rejected": rows(ref("Rejected")),
        }
    ),
    "Rejected": told(
        {
            "index": whole(about="The place in the batch."),
            "code": text(),
            "message": text(),
            "field": text(),
            "allowed": rows(text()),
        },
        ("field", "allowed"),
    ),
    "NothingAccepted": told(
        {
            "code": {"const": "nothing_accepted"},
            "message": text(),
            "accepted": {"const": 0},
            "eventIds": rows(nullable(text())),
            "rejected": rows(ref("Rejected")),
        }
    ),
    "Health": told(
        {
            "status": word(("ok", "degraded")),
            "version": text(),
            "engines": told({"queue": _STATE, "counters": _STATE, "store": _STATE}),
            "waiting": whole(about="Messages that are not stored yet."),
            "rollups_pending": nullable(whole(about="Days that changed and are not rolled up.")),
        }
    ),
}
NOTHING_ACCEPTED: dict[str, Schema] = {
    "400": {
        "description": "The request cannot be read, or no event of it could be accepted.",
        "content": json({"anyOf": [ref("NothingAccepted"), ref("Error")]}),
    }
}
_BODY_ABOUT = (
    "The body is JSON whatever `Content-Type` says: plain, gzip, or a form whose `data` is the JSON."
    " Unknown fields are ignored."
)


def _one(kind: str) -> Schema:
    return operation(
        f"send{kind.capitalize()}",
        f"One {kind}",
        tag=_TAG,
        answer=json(ref("Receipt")),
        failures=REFUSALS,
        body=json(ref(kind.capitalize())),
        security=WRITE_KEY,
        about=_BODY_ABOUT,
    )


PATHS: Paths = {
    **{f"/{kind}": {"post": _one(kind)} for kind in _OWN},
    "/batch": {
        "post": operation(
            "sendBatch",
            "Many events",
            tag=_TAG,
            answer=json(ref("BatchReceipt")),
            failures=REFUSALS,
            body=json(ref("Batch")),
            security=WRITE_KEY,
            about="The good events are kept, `rejected` names each other one.",
            says=NOTHING_ACCEPTED,
        )
    },
    "/import": {
        "post": operation(
            "importEvents",
            "Old events, with a key of the scope `admin`",
            tag=_TAG,
            answer=json(ref("BatchReceipt")),
            failures=(each for each in REFUSALS if each is not TooMany),
            parameters=shared("site"),
            body=json(ref("Import")),
            security=KEY,
            about="As /batch, without clock correction, limit of age and live counters.",
            says=NOTHING_ACCEPTED,
        )
    },
    "/health": {
        "get": operation(
            "getHealth",
            "Whether events can be accepted, and what waits",
            tag="Service",
            answer=json(ref("Health")),
            failures=(Unavailable,),
            security=NO_KEY,
        )
    },
    "/openapi.json": {
        "get": operation(
            "getOpenapi",
            "This document",
            tag="Service",
            answer=json(anything("OpenAPI 3.1.")),
            security=NO_KEY,
        )
    },
    "/docs": {
        "get": operation(
            "getDocs",
            "This document as a page",
            tag="Service",
            answer={"text/html": {"schema": {"type": "string"}}},
            security=NO_KEY,
        )
    },
}
