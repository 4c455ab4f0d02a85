"""The commands about one visitor."""

import io
import json
import sys

import pytest

from tests.cli.conftest import Run
from tests.cli.http_server import Server

RECEIPT = {
    "id": "0193d3a8-0000-7000-8000-000000000000",
    "site": "default",
    "erased_at": "2026-03-10T12:00:00.000+00:00",
    "events": 12,
    "ids": {"actors": 2, "users": 1},
    "days": ["2026-03-01", "2026-03-09"],
    "live": "forgotten",
    "refused_until": "2027-04-10T12:00:00.000+00:00",
}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def page(cursor: str | None, *paths: str, **visitor: list[str]) -> dict[str, object]:
    return {
        "visitor": {"id": "v1", "anonymousIds": [], "userIds": [], **visitor},
        "events": [{"path": path} for path in paths],
        "links": [],
        "aliases": [],
        "meta": {"site": "default", "events": 3, "next": cursor},
    }


def test_a_visitor_is_erased_and_the_receipt_shown(run: Run, server: Server):
    server.replies["/visitors/v1"] = [(200, {"receipt": RECEIPT})]
    done = run("erase", "v1", "--yes")
    assert (done.code, done.err) == (0, "")
    assert "events\t12\n" in done.out
    assert "retries refused until\t2027-04-10T12:00:00.000+00:00\n" in done.out
    assert [(r.method, r.path, r.query) for r in server.received] == [
        ("DELETE", "/visitors/v1", {})
    ]


def test_a_receipt_of_nothing_is_shown_too(run: Run, server: Server):
    server.replies["/visitors/v1"] = [(200, {"receipt": RECEIPT | {"events": 0, "days": None}})]
    done = run("erase", "v1", "-y")
    assert (done.code, "first day\t–\n" in done.out) == (0, True)


def test_json_is_the_answer_as_it_came(run: Run, server: Server):
    server.replies["/visitors/v1"] = [(200, {"receipt": RECEIPT})]
    assert json.loads(run("erase", "v1", "--yes", "--json").out) == {"receipt": RECEIPT}


@pytest.mark.parametrize("word", ["", "n", "no", "maybe"])
def test_nothing_is_erased_unless_somebody_agrees(
    run: Run, server: Server, monkeypatch: pytest.MonkeyPatch, word: str
):
    monkeypatch.setattr(sys, "stdin", Terminal(word + "\n"))
    done = run("erase", "v1")
    assert (done.code, server.received) == (2, [])
    assert "nothing was erased" in done.err


def test_yes_on_a_terminal_is_enough(run: Run, server: Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    server.replies["/visitors/v1"] = [(200, {"receipt": RECEIPT})]
    done = run("erase", "v1")
    assert (done.code, done.err.startswith("Erase v1 ")) == (0, True)


def test_a_script_has_to_say_that_it_is_sure(
    run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    done = run("erase", "v1")
    assert (done.code, server.received) == (2, [])
    assert "--yes" in done.err


@pytest.mark.parametrize("name", ["a/b", "a b", "..", "50%", "a?b#c", "é"])
def test_an_id_that_a_path_may_lose_travels_in_the_query(run: Run, server: Server, name: str):
    server.replies["/visitors/-"] = [(200, {"receipt": RECEIPT})]
    server.replies["/visitors/-/export"] = [(200, page(None))]
    assert run("erase", name, "--yes").code == 0
    assert run("export", name).code == 0
    assert [request.query for request in server.received] == [{"id": name}] * 2


def test_the_pages_of_an_export_are_one_object(run: Run, server: Server):
    server.replies["/visitors/v1/export"] = [
        (200, page("1.2.x", "/a", "/b", userIds=["u1"])),
        (200, page("3.4.y", "/c", userIds=["u0"], anonymousIds=["v1"])),
        (200, page(None)),
    ]
    done = run("--site", "default", "export", "v1", "--json")
    answer = json.loads(done.out)
    assert [event["path"] for event in answer["events"]] == ["/a", "/b", "/c"]
    assert answer["visitor"] == {"id": "v1", "anonymousIds": ["v1"], "userIds": ["u0", "u1"]}
    assert "next" not in answer["meta"]
    assert [request.query.get("cursor") for request in server.received] == [None, "1.2.x", "3.4.y"]
    assert all(request.query["site"] == "default" for request in server.received)


@pytest.mark.parametrize("command", [("erase", "v1", "--yes"), ("export", "v1")])
def test_a_refused_key_is_a_wrong_use(run: Run, server: Server, command: tuple[str, ...]):
    server.intercept = lambda request: (403, {"code": "wrong_scope", "message": "No."})
    assert run(*command).code == 2
    assert run(*command, key=None).code == 2
