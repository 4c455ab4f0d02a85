"""Notes and deploys over HTTP."""

from typing import Any

import pytest

from tests.builders import API_KEY, Product, Send

ADMIN = {"authorization": f"Bearer {API_KEY}"}
PATH = "/sites/default/annotations"


def write(send: Send, at: str, text: str, **more: Any) -> dict[str, Any]:
    status, answer, _ = send("POST", PATH, {"at": at, "text": text} | more, headers=ADMIN)
    assert status == 200, answer
    return dict(answer["annotation"])


def listed(send: Send, **query: str) -> list[str]:
    status, answer, _ = send("GET", PATH, query=query, headers=ADMIN)
    assert status == 200, answer
    return [row["text"] for row in answer["data"]]


def test_notes_are_written_listed_by_time_and_deleted(send: Send, wired: Product):
    later = write(send, "2026-03-02T12:00:00Z", "<b>Launch</b>", kind="deploy")
    write(send, "2026-03-01", " Spring sale ")

    assert later == {
        "id": later["id"], "at": "2026-03-02T12:00:00.000+00:00", "text": "<b>Launch</b>",
        "kind": "deploy",
    }  # fmt: skip
    assert listed(send) == ["Spring sale", "<b>Launch</b>"]
    assert listed(send, start="2026-03-02") == ["<b>Launch</b>"]
    assert listed(send, end="2026-03-02") == ["Spring sale"]

    gone = send("DELETE", f"{PATH}/{later['id']}", headers=ADMIN)
    assert gone[:2] == (200, {"deleted": later["id"]})
    assert listed(send) == ["Spring sale"]
    again = send("DELETE", f"{PATH}/{later['id']}", headers=ADMIN)
    assert (again[0], again[1]["code"]) == (404, "unknown_annotation")


def test_a_date_is_midnight_in_the_sites_zone(send: Send, wired: Product):
    send("PATCH", "/sites/default", {"timezone": "Asia/Tokyo"}, headers=ADMIN)

    assert write(send, "2026-03-01", "x")["at"] == "2026-02-28T15:00:00.000+00:00"


def test_a_note_of_another_site_is_neither_seen_nor_deleted(send: Send, wired: Product):
    send("POST", "/sites", {"name": "Shop", "id": "shop"}, headers=ADMIN)
    note = write(send, "2026-03-01", "ours")

    assert send("GET", "/sites/shop/annotations", headers=ADMIN)[1] == {"data": []}
    assert send("DELETE", f"/sites/shop/annotations/{note['id']}", headers=ADMIN)[0] == 404
    assert send("GET", "/sites/nowhere/annotations", headers=ADMIN)[0] == 403


def test_who_reads_a_site_reads_its_notes_and_writes_none(send: Send, wired: Product):
    write(send, "2026-03-01", "ours")
    key = send("POST", "/sites/default/keys", {"scope": "read"}, headers=ADMIN)[1]["key"]
    reader = {"authorization": f"Bearer {key}"}

    assert len(send("GET", PATH, headers=reader)[1]["data"]) == 1
    assert send("POST", PATH, {"at": "2026-03-01", "text": "x"}, headers=reader)[0] == 403
    assert send("DELETE", f"{PATH}/x", headers=reader)[0] == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "x"}, "at"),
        ({"at": 7, "text": "x"}, "at"),
        ({"at": "soon", "text": "x"}, "at"),
        ({"at": "1969-01-01", "text": "x"}, "at"),
        ({"at": "2026-03-01"}, "text"),
        ({"at": "2026-03-01", "text": "  "}, "text"),
        ({"at": "2026-03-01", "text": "x" * 501}, "text"),
        ({"at": "2026-03-01", "text": "x", "kind": "party"}, "kind"),
        ({"at": "2026-03-01", "text": "x", "colour": "red"}, "colour"),
    ],
)
def test_a_note_that_is_not_possible_is_refused_by_its_field(
    send: Send, wired: Product, body: dict[str, Any], field: str
):
    status, answer, _ = send("POST", PATH, body, headers=ADMIN)

    assert (status, answer["field"]) == (422, field)
