"""The commands that look after the rollups."""

import json
from typing import Any

import pytest

from footfall_cli import operating
from tests.cli.conftest import Run
from tests.cli.http_server import KEY, Server

DONE = {
    "site": "default",
    "noted": 0,
    "busy": False,
    "complete": True,
    "windows": 2,
    "corrected": 1,
    "copies": 0,
    "pending": 0,
    "drained": True,
}
BUSY = {"site": "default", "noted": 0, "busy": True, "complete": False, "pending": 5}
REPORT: dict[str, Any] = {
    "site": "default",
    "range": {"start": "2026-03-01", "end": "2026-03-08"},
    "ok": True,
    "waiting": 0,
    "dead_letters": None,
    "accepted": [
        {"day": "2026-03-07", "pageviews": 3, "events": 4, "stored": {"pageviews": 3, "events": 3}}
    ],
    "pending": ["2026-03-07"],
    "differences": [],
    "checked": {"days": 7, "hours": 100, "events": 12345},
    "meta": {},
}
WRONG = REPORT | {
    "ok": False,
    "differences": [
        {
            "day": day,
            "hour": f"{day}T10:00:00+00:00",
            "raw": {"pageviews": 7, "events": 9},
            "rollup": {"pageviews": 6, "events": 8},
        }
        for day in ("2026-03-02", "2026-03-03", "2026-03-05")
    ],
}


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operating, "PAUSE_SECONDS", 0.0)


def bodies(server: Server) -> list[Any]:
    return [request.body for request in server.received if request.path == "/rollup"]


def test_runs_are_asked_for_until_one_is_complete(run: Run, server: Server):
    cut_off = DONE | {"complete": False, "pending": 7}
    server.replies["/rollup"] = [(200, BUSY), (200, cut_off), (200, DONE)]
    done = run("rollup", "--now", "--json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == {
        "runs": 2, "noted": 0, "windows": 4, "corrected": 2, "copies": 0, "pending": 0,
    }  # fmt: skip
    assert bodies(server) == [{}, {}, {}]


def test_days_are_named_once(run: Run, server: Server):
    server.replies["/rollup"] = [(200, BUSY | {"noted": 31}), (200, DONE)]
    done = run("--site", "default", "rollup", "--from", "2026-01-01", "--to", "2026-02-01")
    assert (done.code, "days noted\t31\n" in done.out) == (0, True)
    assert bodies(server) == [{"start": "2026-01-01", "end": "2026-02-01"}, {}]
    assert server.received[0].query == {"site": "default"}


@pytest.mark.parametrize("reply", [(504, {"message": "Endpoint request timed out"}), (503, b"")])
def test_a_gateway_that_does_not_wait_is_asked_again(run: Run, server: Server, reply: Any):
    server.replies["/rollup"] = [reply, (200, DONE)]
    assert run("rollup").code == 0


def test_a_store_that_is_away_is_no_gateway(run: Run, server: Server):
    server.replies["/rollup"] = [(503, {"code": "store_unavailable", "message": "Later."})]
    done = run("rollup")
    assert (done.code, "Later." in done.err) == (3, True)


def test_a_run_that_never_ends_is_not_waited_for_for_ever(
    run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(operating, "PATIENCE_SECONDS", -1.0)
    server.replies["/rollup"] = [(200, BUSY)]
    done = run("rollup")
    assert (done.code, "5 days are pending" in done.err) == (3, True)


@pytest.mark.parametrize("option", ["--from", "--to"])
def test_half_a_range_is_a_wrong_use(run: Run, server: Server, option: str):
    assert run("rollup", option, "2026-01-01").code == 2
    assert server.received == []


def test_days_that_are_refused_are_a_wrong_use(run: Run, server: Server):
    refused = {"code": "beyond_retention", "message": "Not kept."}
    server.replies["/rollup"] = [(422, refused)]
    done = run("rollup", "--from", "2026-01-01", "--to", "2026-01-02")
    assert (done.code, "Not kept." in done.err) == (2, True)


def test_what_is_well_ends_with_zero(run: Run, server: Server):
    server.replies["/doctor"] = [(200, REPORT)]
    done = run("doctor", "--from", "2026-03-01", "--to", "2026-03-08")
    assert (done.code, done.err) == (0, "")
    assert server.received[1].query == {"start": "2026-03-01", "end": "2026-03-08"}
    for line in ("events\t12345", "days pending\t2026-03-07", "2026-03-07\t4\t3"):
        assert f"{line}\n" in done.out


def test_what_differs_ends_with_one_and_is_named(run: Run, server: Server):
    server.replies["/doctor"] = [(200, WRONG)]
    done = run("doctor")
    assert (done.code, "--repair" in done.err) == (1, True)
    assert "2026-03-02T10:00:00+00:00\t7\t6\t9\t8\n" in done.out


def test_what_differs_is_built_anew_and_looked_at_again(run: Run, server: Server):
    server.replies["/doctor"] = [(200, WRONG), (200, REPORT)]
    server.replies["/rollup"] = [(200, DONE), (200, DONE)]
    done = run("doctor", "--repair", "--json")
    assert done.code == 0
    assert json.loads(done.out)["repaired"] == ["2026-03-02", "2026-03-03", "2026-03-05"]
    assert bodies(server) == [
        {"start": "2026-03-02", "end": "2026-03-04"},
        {"start": "2026-03-05", "end": "2026-03-06"},
    ]


def test_where_nothing_differs_nothing_is_repaired(run: Run, server: Server):
    server.replies["/doctor"] = [(200, REPORT)]
    assert run("doctor", "--repair").code == 0
    assert bodies(server) == []


def test_messages_that_nobody_could_read_are_told_of(run: Run, server: Server):
    server.replies["/doctor"] = [(200, REPORT | {"ok": False, "dead_letters": 3})]
    done = run("doctor")
    assert (done.code, "3 messages" in done.err) == (1, True)


def test_a_person_is_told_where_each_setting_comes_from(
    run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FOOTFALL_WRITE_KEY", "ffw_shop_0123456789abcdef")
    monkeypatch.setenv("FOOTFALL_API_KEY", KEY)
    server.replies["/doctor"] = [(200, REPORT)] * 2

    told = run("doctor", key=None).out.splitlines()
    as_json = json.loads(run("doctor", "--json", key=None).out)

    assert f"url\t{server.url}\t--url" in told
    assert "site\t\t" in told
    assert "api_key\tffa_…7f3c\tFOOTFALL_API_KEY" in told
    assert "write_key\tffw_shop_…cdef\tFOOTFALL_WRITE_KEY" in told
    assert as_json["settings"][2] == {
        "setting": "api_key",
        "value": "ffa_…7f3c",
        "source": "FOOTFALL_API_KEY",
    }
    assert as_json["health"]["status"] == "ok"
    assert as_json["ok"] is True
    assert KEY not in "".join(told) + json.dumps(as_json)


def test_settings_are_told_also_where_nobody_answers(run: Run):
    shown = run("doctor", url="http://127.0.0.1:1")
    as_json = run("doctor", "--json", url="http://127.0.0.1:1")

    assert (shown.code, as_json.code) == (3, 3)
    assert "url\thttp://127.0.0.1:1\t--url" in shown.out
    assert "connection refused" in shown.err
    report = json.loads(as_json.out)
    assert (report["ok"], "connection refused" in report["problem"]) == (False, True)


def test_a_wrong_key_is_found_by_the_doctor(run: Run):
    done = run("doctor", key="ffa_wrong_0123456789ab")

    assert done.code == 2
    assert "the key ffa_wrong_…89ab from --key" in done.err
