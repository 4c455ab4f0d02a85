"""Visitors, rollups, sites, keys, rejects: what takes a key with the scope `admin`."""

from footfall.admin.body import (
    ITEM_CHARACTERS,
    ITEMS,
    LEAST_RETENTION,
    MOST_DAYS,
    NAME_CHARACTERS,
)
from footfall.errors import (
    Forbidden,
    NotFound,
    Unauthorized,
    Unavailable,
)
from footfall.keys import SCOPES
from footfall.openapi.schema import (
    CSV,
    READ_KEY,
    READS,
    SITE,
    SITE_ID,
    TIME,
    WRITES,
    Paths,
    Schema,
    anything,
    flag,
    json,
    nullable,
    operation,
    path,
    query,
    record,
    ref,
    rows,
    shared,
    text,
    told,
    whole,
    word,
)
from footfall.privacy.export import COLUMNS, PAGE_EVENTS
from footfall.query.question import FORMATS
from footfall.site import SETTINGS

_TEXT_LIST = rows(text(minLength=1, maxLength=ITEM_CHARACTERS), maxItems=ITEMS)
_DATE = text(format="date", pattern=r"^\d{4}-\d{2}-\d{2}$")
_MAYBE_TIME = nullable(TIME)
_SITE_OR_ALL = path("id", text(pattern=r"^([a-z0-9-]{1,32}|\*)$"), "The site's id; `*`: all sites.")
_VISITOR = [
    path("id", text(minLength=1), "A userId or an anonymousId."),
    query("id", text(minLength=1), "The same, where it holds `/`, `?`, `#` or `%`."),
    *shared("site"),
]
_SETTING: dict[str, Schema] = {
    "back_dating_days": whole(1, 3_650, "How old a live event may be."),
    "retention_days": {
        "anyOf": [{"const": 0}, whole(LEAST_RETENTION, MOST_DAYS)],
        "description": "How many days before today are kept; 0 keeps everything.",
    },
    "allowed_origins": _TEXT_LIST | {"description": "Hosts whose pages may send; none: any."},
    "blocked_ips": _TEXT_LIST | {"description": "Addresses and networks that are refused."},
    "blocked_paths": _TEXT_LIST | {"description": "Paths that are refused; `*` is any text."},
    "consent": word(("optional", "required")),
    "privacy_signals": word(("cookieless", "discard", "ignore")),
    "allowed_query": _TEXT_LIST | {"description": "Parameters of a page's URL that are kept."},
    "denied_properties": _TEXT_LIST | {"description": "Properties that are not stored."},
    "daily_quota": whole(0, 10**12, "Events a UTC day; 0: no limit."),
}
_CHANGES: dict[str, Schema] = {
    "name": text(minLength=1, maxLength=NAME_CHARACTERS),
    "domains": nullable(_TEXT_LIST),
    "timezone": nullable(text("IANA name.", examples=["Europe/Berlin"])),
    "settings": nullable(
        record({name: nullable(_SETTING[name]) for name in SETTINGS})
        | {"additionalProperties": False}
    ),
}
_COUNTS = {"pageviews": whole(), "events": whole()}

SCHEMAS: dict[str, Schema] = {
    "Site": told(
        {
            "id": SITE_ID,
            "name": text(),
            "domains": rows(text()),
            "timezone": text(),
            "settings": told({name: _SETTING[name] for name in SETTINGS}),
            "is_default": flag(),
            "created_at": _MAYBE_TIME,
            "updated_at": _MAYBE_TIME,
        }
    ),
    "NewSite": record({"id": nullable(SITE_ID), **_CHANGES}, ("name",))
    | {"additionalProperties": False},
    "SiteChanges": record(_CHANGES) | {"additionalProperties": False},
    "Key": told(
        {
            "id": text(),
            "scope": word(SCOPES),
            "name": text(),
            "hint": text("The last four characters."),
            "created_at": _MAYBE_TIME,
            "revoked_at": _MAYBE_TIME,
            "key": text("The key, where it is public."),
        },
        ("key",),
    ),
    "NewKey": record(
        {"scope": word(SCOPES), "name": nullable(text(maxLength=NAME_CHARACTERS))}, ("scope",)
    )
    | {"additionalProperties": False},
    "RejectSelection": record(
        {name: text() for name in ("site", "period", "start", "end", "timezone", "code")},
        about="What to replay, in the words of GET /rejects; it counts before the query.",
    )
    | {"additionalProperties": text()},
    "ExportedEvent": told(
        {
            "event_id": text(),
            "timestamp": TIME,
            "received_at": TIME,
            **{name: {"type": ["string", "integer", "boolean"]} for name in COLUMNS},
            "properties": anything(),
        }
    ),
}
_RECEIPT = told(
    {
        "receipt": told(
            {
                "id": text(),
                "site": text(),
                "erased_at": TIME,
                "events": whole(),
                "ids": told({"actors": whole(), "users": whole()}),
                "days": nullable(rows(_DATE, minItems=2, maxItems=2)),
                "live": word(("forgotten", "expires")),
                "refused_until": TIME,
            }
        )
    }
)
_KNOWN_BY: dict[str, Schema] = {"userId": text(), "event_id": text(), "received_at": TIME}
_EXPORT = told(
    {
        "visitor": told({"id": text(), "anonymousIds": rows(text()), "userIds": rows(text())}),
        "events": rows(ref("ExportedEvent")),
        "links": rows(told({"anonymousId": text()} | _KNOWN_BY)),
        "aliases": rows(told({"previousId": text()} | _KNOWN_BY)),
        "rejects": rows(
            told(
                {
                    "received_at": TIME,
                    "code": text(),
                    "message": text(),
                    "event": nullable(anything()),
                }
            )
        ),
        "meta": told(
            {
                "site": text(),
                "at": TIME,
                "events": whole(),
                "next": nullable(text("The `cursor` of the next page.")),
            }
        ),
    }
)
_ROLLUP = told(
    {
        "site": text(),
        "noted": whole(),
        "busy": flag(),
        "complete": flag("Call again with {} while it is false."),
        "pending": whole(),
        **{name: whole() for name in ("windows", "corrected", "copies")},
        "drained": flag(),
        "cleaned": flag(),
    },
    ("windows", "corrected", "copies", "drained", "cleaned"),
)
_DOCTOR = told(
    {
        "site": text(),
        "range": told({"start": _DATE, "end": _DATE}),
        "ok": flag(),
        "waiting": nullable(whole()),
        "dead_letters": nullable(whole()),
        "accepted": nullable(rows(told({"day": _DATE, **_COUNTS, "stored": told(_COUNTS)}))),
        "pending": rows(_DATE),
        "differences": rows(
            told({"day": _DATE, "hour": text(), "raw": told(_COUNTS), "rollup": told(_COUNTS)})
        ),
        "checked": told({"days": whole(), "hours": whole(), "events": whole()}),
        "meta": told({"timezone": text(), "at": text(), "rows_read": whole()}),
    }
)
_REJECTS_META = told({"site": text(), "timezone": text(), "period": ref("TimeRange")})
_REJECTS = told(
    {
        "data": rows(
            told(
                {
                    "code": text(),
                    "count": whole(1),
                    "last": TIME,
                    "example": told(
                        {"message": text(), "field": text(), "event": nullable(anything())},
                        ("field",),
                    ),
                }
            )
        ),
        "meta": _REJECTS_META,
    }
)
_REPLAY = told(
    {"accepted": whole(), "rejected": whole(), "complete": flag(), "meta": _REJECTS_META}
)
_REJECTS_PARAMETERS = [
    query("code", text(), "Only rejects of this code."),
    *shared("site", "period", "start", "end", "timezone"),
]


PATHS: Paths = {
    "/visitors/{id}": {
        "delete": operation(
            "eraseVisitor",
            "Erase a person from every store",
            tag="Visitors",
            answer=json(_RECEIPT),
            failures=READS,
            parameters=_VISITOR,
        )
    },
    "/visitors/{id}/export": {
        "get": operation(
            "exportVisitor",
            "Everything that is kept about a person",
            tag="Visitors",
            answer=json(_EXPORT),
            failures=READS,
            parameters=[
                *_VISITOR,
                query("limit", whole(1, PAGE_EVENTS), f"Default: {PAGE_EVENTS}."),
                query("cursor", text(), "`meta.next` of the page before."),
            ],
        )
    },
    "/rollup": {
        "post": operation(
            "rollUp",
            "Roll up what changed at once",
            tag="Rollups",
            answer=json(_ROLLUP),
            failures=WRITES,
            parameters=shared("site"),
            body=json(record({"start": _DATE, "end": _DATE}) | {"additionalProperties": False}),
            is_body_needed=False,
            about="With `start` and `end` these days are noted as changed before.",
        )
    },
    "/doctor": {
        "get": operation(
            "examine",
            "Whether events and rollups agree",
            tag="Rollups",
            answer=json(_DOCTOR),
            failures=READS,
            parameters=[query("start", _DATE), query("end", _DATE), *shared("site")],
        )
    },
    "/access": {
        "get": operation(
            "showAccess",
            "What the key may do, and of which sites",
            tag="Sites and keys",
            answer=json(
                told(
                    {
                        "scope": word(("read", "admin")),
                        "path": text("Below it is the tracker on the dashboard's host."),
                        "sites": rows(
                            told(
                                {
                                    "id": SITE_ID,
                                    "name": text(),
                                    "domains": rows(text()),
                                    "timezone": text(),
                                    "is_default": flag(),
                                }
                            )
                        ),
                    }
                )
            ),
            failures=(Unauthorized, Forbidden, Unavailable),
            security=READ_KEY,
        )
    },
    "/sites": {
        "get": operation(
            "listSites",
            "The sites of the key",
            tag="Sites and keys",
            answer=json(told({"sites": rows(ref("Site"))})),
            failures=(Unauthorized, Forbidden, Unavailable),
        ),
        "post": operation(
            "makeSite",
            "Make a site, with a key for all sites",
            tag="Sites and keys",
            answer=json(told({"site": ref("Site"), "write_key": text(), "api_key": text()})),
            failures=WRITES,
            body=json(ref("NewSite")),
            about="Both keys are shown this once.",
        ),
    },
    "/sites/{id}": {
        "get": operation(
            "getSite",
            "One site",
            tag="Sites and keys",
            answer=json(told({"site": ref("Site")})),
            failures=(Unauthorized, Forbidden, Unavailable),
            parameters=[SITE],
        ),
        "patch": operation(
            "changeSite",
            "Change what the body names of a site",
            tag="Sites and keys",
            answer=json(told({"site": ref("Site")})),
            failures=WRITES,
            parameters=[SITE],
            body=json(ref("SiteChanges")),
            about="A setting that is null gets its default back.",
        ),
        "delete": operation(
            "deleteSite",
            "Delete a site, with a key for all sites",
            tag="Sites and keys",
            answer=json(told({"deleted": SITE_ID, "message": text()})),
            failures=READS,
            parameters=[SITE],
        ),
    },
    "/sites/{id}/keys": {
        "get": operation(
            "listKeys",
            "The keys of a site",
            tag="Sites and keys",
            answer=json(told({"keys": rows(ref("Key"))})),
            failures=(Unauthorized, Forbidden, Unavailable),
            parameters=[_SITE_OR_ALL],
        ),
        "post": operation(
            "makeKey",
            "Make a key, which is shown this once",
            tag="Sites and keys",
            answer=json(told({"id": text(), "scope": word(SCOPES), "key": text()})),
            failures=WRITES,
            parameters=[_SITE_OR_ALL],
            body=json(ref("NewKey")),
        ),
    },
    "/sites/{id}/keys/{key_id}": {
        "delete": operation(
            "revokeKey",
            "Revoke a key",
            tag="Sites and keys",
            answer=json(told({"key": ref("Key")})),
            failures=(*READS, NotFound),
            parameters=[_SITE_OR_ALL, path("key_id", text(minLength=1), "The key's id.")],
        )
    },
    "/rejects": {
        "get": operation(
            "listRejects",
            "Why deliveries were not taken",
            tag="Rejects",
            answer=json(_REJECTS) | CSV,
            failures=READS,
            parameters=[*_REJECTS_PARAMETERS, query("format", word(FORMATS), "Default: json.")],
        )
    },
    "/rejects/replay": {
        "post": operation(
            "replayRejects",
            "Take deliveries by the rules as they are now",
            tag="Rejects",
            answer=json(_REPLAY),
            failures=WRITES,
            parameters=_REJECTS_PARAMETERS,
            body=json(ref("RejectSelection")),
            is_body_needed=False,
        )
    },
}
