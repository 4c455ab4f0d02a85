"""Notes and deploys: what people wrote at a moment of a site's history, for the graph to show."""

import uuid
from collections.abc import Mapping
from typing import Any

from footfall.admin import body as given
from footfall.days import iso, timestamp
from footfall.errors import NotFound, Unprocessable
from footfall.site import Site
from footfall.store import Store

FIELDS = ("at", "text", "kind")
KINDS = ("note", "deploy")
TEXT_CHARACTERS = 500
MOST = 1_000
"""So many an answer holds: the oldest of the time that is asked for."""


def list_annotations(site: Site, start: int, end: int, store: Store) -> dict[str, Any]:
    """`{"data": [{"id", "at", "text", "kind"}]}` of a time (ms, `end` excluded), oldest first.

    Raises Unavailable.
    """
    asked = {"site": site.id, "start": start, "end": end, "most": MOST}
    rows = store.select("annotations/list", asked).rows
    return {"data": [_shown(*row) for row in rows]}


def make_annotation(
    site: Site, body: Mapping[str, Any], at: int, now_ms: int, store: Store
) -> dict[str, Any]:
    """Write a note or deploy at a moment (ms). Raises Unprocessable for a body that is not possible, Unavailable."""
    given.known_fields(body, FIELDS)
    text, kind = body.get("text"), body.get("kind", "note")
    if not isinstance(text, str) or not text.strip() or len(text) > TEXT_CHARACTERS:
        raise Unprocessable(
            "invalid_field",
            f"`text` must be a text of 1 to {TEXT_CHARACTERS} characters.",
            field="text",
        )
    if kind not in KINDS:
        raise Unprocessable(
            "invalid_field", "`kind` must be one of the allowed.", field="kind", allowed=KINDS
        )
    annotation_id = str(uuid.uuid4())
    row = {"at": timestamp(at), "kind": kind, "text": text.strip(), "created_at": timestamp(now_ms)}
    store.insert("annotations", [{"site_id": site.id, "annotation_id": annotation_id} | row])
    return {"annotation": _shown(annotation_id, at, kind, text.strip())}


def delete_annotation(site: Site, annotation_id: str, store: Store) -> dict[str, Any]:
    """Delete a note or deploy. Raises NotFound for one that the site has not, Unavailable."""
    try:
        asked = {"site": site.id, "annotation": str(uuid.UUID(annotation_id))}
    except ValueError:
        raise _unknown() from None
    rows = store.select("annotations/one", asked).rows
    if not rows:
        raise _unknown()
    at, kind, created_at = rows[0]
    row = {"at": timestamp(at), "kind": kind, "text": "", "created_at": timestamp(created_at)}
    deleted = {"site_id": site.id, "annotation_id": asked["annotation"], "is_deleted": True}
    store.insert("annotations", [deleted | row])
    return {"deleted": asked["annotation"]}


def _shown(annotation_id: str, at: int, kind: str, text: str) -> dict[str, Any]:
    return {"id": annotation_id, "at": iso(at), "kind": kind, "text": text}


def _unknown() -> NotFound:
    return NotFound("unknown_annotation", "The site has no note of this id.")
