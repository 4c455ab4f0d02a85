"""/rollup and /doctor over HTTP: what they do."""

from typing import Any

import pytest

from tests.builders import API_KEY, Product, Send, at, doorway, pageview

NOW = at("2026-03-10T12:00:00")
ADMIN = {"authorization": f"Bearer {API_KEY}"}


def test_what_changed_is_pending_until_it_is_rolled_up(send: Send, wired: Product):
    send("POST", "/import", {"batch": [pageview(timestamp="2026-03-02T10:00:00Z")]}, headers=ADMIN)
    wired.drain()
    assert send("GET", "/health")[1]["rollups_pending"] == 1

    asked = {"start": "2026-03-01", "end": "2026-03-04"}
    status, answer, _ = send("GET", "/doctor", headers=ADMIN, query=asked)
    assert (status, answer["ok"], answer["pending"]) == (200, True, ["2026-03-02"])
    assert (answer["range"], answer["accepted"]) == (asked, None)

    status, answer, _ = send("POST", "/rollup", headers=ADMIN)
    assert (status, answer["windows"], answer["pending"]) == (200, 1, 0)
    assert send("GET", "/health")[1]["rollups_pending"] == 0

    status, answer, _ = send("POST", "/rollup", asked, headers=ADMIN)
    assert (status, answer["noted"], answer["windows"], answer["complete"]) == (200, 3, 3, True)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "invalid_json"),
        ([], 400, "invalid_json"),
        ({"days": 3}, 400, "invalid_field"),
        ({"start": "2026-03-01"}, 422, "invalid_period"),
        ({"start": "2026-03-02", "end": "2026-03-01"}, 422, "end_before_start"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused(send: Send, body: Any, status: int, code: str):
    answer = send("POST", "/rollup", body, headers=ADMIN)
    assert (answer[0], answer[1]["code"]) == (status, code)


@pytest.mark.parametrize(("method", "path"), [("GET", "/rollup"), ("POST", "/doctor")])
def test_other_methods_are_refused(send: Send, method: str, path: str):
    assert send(method, path, headers=ADMIN)[0] == 405


def test_the_schedule_still_runs(wired: Product):
    wired.post("/pageview", pageview(), NOW)
    wired.drain()
    answer = doorway("rollup").lambda_handler({"source": "aws.events"}, None)
    assert (answer["windows"], answer["pending"], answer["drained"]) == (1, 0, True)
