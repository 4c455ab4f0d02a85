"""Shared links, and what is written at moments of a site's history."""

from footfall.admin.annotations import KINDS, MOST, TEXT_CHARACTERS
from footfall.admin.body import NAME_CHARACTERS
from footfall.admin.shares import LEAST_PASSWORD, PASSWORD_CHARACTERS
from footfall.errors import (
    BadRequest,
    Forbidden,
    NotFound,
    TooLarge,
    TooMany,
    Unauthorized,
    Unavailable,
    Unprocessable,
)
from footfall.openapi.schema import (
    NO_KEY,
    READ_KEY,
    READS,
    SITE,
    SITE_ID,
    TIME,
    WRITES,
    Paths,
    Schema,
    flag,
    json,
    nullable,
    operation,
    path,
    query,
    record,
    ref,
    rows,
    text,
    told,
    word,
)

_TAG = "Shared links and notes"
_MOMENT = text("A date (its midnight) or time; in the site's zone unless it names an offset.")
_FILTERS = rows({}, "As questions carry them.")
_SHARE = path("share_id", text(minLength=1), "The link's id.")

SCHEMAS: dict[str, Schema] = {
    "Share": told(
        {
            "id": text(),
            "site": SITE_ID,
            "name": text(),
            "filters": _FILTERS,
            "has_password": flag(),
            "frame_ancestors": rows(text()),
            "is_open": flag("Whether it works now."),
            "expires": nullable(TIME),
            "created_at": TIME,
            "revoked_at": nullable(TIME),
        }
    ),
    "NewShare": record(
        {
            "name": nullable(text(maxLength=NAME_CHARACTERS)),
            "filters": nullable(_FILTERS),
            "expires": nullable(_MOMENT),
            "password": nullable(text(minLength=LEAST_PASSWORD, maxLength=PASSWORD_CHARACTERS)),
            "frame_ancestors": nullable(
                rows(text(), "Origins of pages that may embed the link's page.", maxItems=50)
            ),
        }
    )
    | {"additionalProperties": False},
    "Annotation": told({"id": text(), "at": TIME, "text": text(), "kind": word(KINDS)}),
    "NewAnnotation": record(
        {
            "at": _MOMENT,
            "text": text(minLength=1, maxLength=TEXT_CHARACTERS),
            "kind": word(KINDS, "Default: note."),
        },
        ("at", "text"),
    )
    | {"additionalProperties": False},
}

PATHS: Paths = {
    "/sites/{id}/shares": {
        "get": operation(
            "listShares",
            "The shared links of a site",
            tag=_TAG,
            answer=json(told({"shares": rows(ref("Share"))})),
            failures=(Unauthorized, Forbidden, Unavailable),
            parameters=[SITE],
        ),
        "post": operation(
            "makeShare",
            "Make a link that reads a site without a key",
            tag=_TAG,
            answer=json(told({"share": ref("Share"), "url": text()})),
            failures=WRITES,
            parameters=[SITE],
            body=json(ref("NewShare")),
            about="The secret stands in the URL's fragment and is shown this once.",
        ),
    },
    "/sites/{id}/shares/{share_id}": {
        "delete": operation(
            "revokeShare",
            "Revoke a shared link",
            tag=_TAG,
            answer=json(told({"share": ref("Share")})),
            failures=(*READS, NotFound),
            parameters=[SITE, _SHARE],
        )
    },
    "/share/{share_id}": {
        "get": operation(
            "showShare",
            "The page of a shared link",
            tag=_TAG,
            answer={"text/html": {"schema": {"type": "string"}}},
            parameters=[_SHARE],
            security=NO_KEY,
            about="The same page for every id, whether there is such a link or not. Its Content-Security-Policy lets "
            "nobody but the origins of an open link embed it.",
        )
    },
    "/shares/{share_id}/session": {
        "post": operation(
            "openShare",
            "A token that reads, for the secret of a link",
            tag=_TAG,
            answer=json(
                told(
                    {
                        "token": text("A bearer token."),
                        "expires": TIME,
                        "name": text(),
                        "site": told({"id": SITE_ID, "name": text(), "timezone": text()}),
                        "filters": _FILTERS,
                    }
                )
            ),
            failures=(
                BadRequest,
                Unauthorized,
                NotFound,
                TooLarge,
                TooMany,
                Unprocessable,
                Unavailable,
            ),
            parameters=[_SHARE],
            security=NO_KEY,
            body=json(record({"secret": text(), "password": nullable(text())}, ("secret",))),
            about="It reads the site under the link's filters, which questions can narrow, for at most 12 hours.",
        )
    },
    "/sites/{id}/annotations": {
        "get": operation(
            "listAnnotations",
            "The notes and deploys of a site",
            tag=_TAG,
            answer=json(told({"data": rows(ref("Annotation"), maxItems=MOST)})),
            failures=READS,
            parameters=[SITE, query("start", _MOMENT), query("end", _MOMENT, "Excluded.")],
            security=READ_KEY,
        ),
        "post": operation(
            "annotate",
            "Write a note or deploy at a moment",
            tag=_TAG,
            answer=json(told({"annotation": ref("Annotation")})),
            failures=WRITES,
            parameters=[SITE],
            body=json(ref("NewAnnotation")),
        ),
    },
    "/sites/{id}/annotations/{annotation_id}": {
        "delete": operation(
            "deleteAnnotation",
            "Delete a note or deploy",
            tag=_TAG,
            answer=json(told({"deleted": text()})),
            failures=(*READS, NotFound),
            parameters=[SITE, path("annotation_id", text(minLength=1), "The note's id.")],
        )
    },
}
