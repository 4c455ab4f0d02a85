"""`footfall import` from end to end: a file in, requests out, a summary."""

import gzip
import json
import random
import time
from pathlib import Path

import pytest

from footfall_cli.client import Answer, Client
from footfall_cli.errors import Unreachable
from footfall_cli.importing import run as importing
from footfall_cli.importing.delivery import retry_after
from footfall_cli.settings import Setting
from tests.cli.conftest import Run
from tests.cli.http_server import HEALTHY, KEY, Server


def write(path: Path, lines: int, start: int = 0) -> Path:
    """A log of pages seen, one a second."""
    text = "".join(
        f"203.0.113.{number % 250} - - [17/May/2015:{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02} +0000] "
        f'"GET /page/{number} HTTP/1.1" 200 512 "-" "Firefox"\n'
        for number in range(start, start + lines)
    )
    path.write_text(text)
    return path


def test_a_real_log_is_imported_and_summed_up(run: Run, server: Server, log: Path):
    done = run("import", log, "--json")

    assert (done.code, done.err) == (0, "")
    report = json.loads(done.out)
    assert report.pop("seconds") > 0
    assert report.pop("events_per_second") > 0
    assert report == {
        "files": 1,
        "lines": 300,
        "accepted": 174,
        "skipped": {"asset": 116, "error": 8, "method": 2},
        "refused": {},
        "broken": 0,
    }
    assert len(set(server.ids())) == 174
    (request,) = (request for request in server.received if request.path == "/import")
    assert request.method == "POST"
    assert request.query == {}
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["content-encoding"] == "gzip"


def test_a_person_gets_a_summary_and_where_it_went_wrong(run: Run, server: Server, tmp_path: Path):
    path = write(tmp_path / "a.log", 5)
    path.write_text(path.read_text() + "odd\n" * 4)
    server.refuse = lambda event: (
        ("too_long", "Too long.") if event["page"]["path"] == "/page/2" else None
    )

    done = run("import", path)

    assert done.code == 1
    assert "1 file, 9 lines" in done.out
    assert "accepted          4" in done.out
    assert "refused           1   1 too_long" in done.out
    assert "broken            4" in done.out
    assert done.err.splitlines() == [
        *(
            f"footfall: broken: {path} line {line}: not in the combined format"
            for line in (6, 7, 8)
        ),
        "footfall: broken: 1 more",
        f"footfall: refused: {path} line 3: Too long. (too_long)",
    ]


def test_the_site_is_a_parameter(run: Run, server: Server, log: Path):
    assert run("import", log, "--site", "shop").code == 0

    assert server.received[-1].query == {"site": "shop"}


def test_requests_are_kept_when_asked_for(run: Run, server: Server, log: Path):
    done = run("import", log, "--requests", "--json")

    assert json.loads(done.out)["accepted"] == 300
    assert json.loads(done.out)["skipped"] == {}
    assert [event["type"] for event in server.events()].count("pageview") == 174
    assert {event["event"]["name"] for event in server.events() if event["type"] == "track"} == {
        "request"
    }


def test_packed_grown_and_rotated_files_keep_their_ids(
    run: Run, server: Server, log: Path, tmp_path: Path
):
    lines = log.read_bytes().splitlines(keepends=True)
    run("import", log)
    known = set(server.ids())

    for content in (
        gzip.compress(log.read_bytes()),
        b"".join(lines[:200]),
        b"".join(lines).replace(b"\n", b"\r\n"),
        b"".join(lines).rstrip(b"\n"),
    ):
        (tmp_path / "copy").write_bytes(content)
        server.received.clear()
        assert run("import", tmp_path / "copy").code == 0
        assert server.events()
        assert set(server.ids()) <= known

    (tmp_path / "grown.log").write_bytes(b"".join(lines[:200]))
    server.received.clear()
    run("import", tmp_path / "grown.log")
    first = set(server.ids())
    (tmp_path / "grown.log").write_bytes(b"".join(lines))
    run("import", tmp_path / "grown.log")
    assert first < known
    assert set(server.ids()) == known


def test_several_files_count_equal_lines_each_for_itself(run: Run, server: Server, tmp_path: Path):
    once = write(tmp_path / "a.log", 3).read_text()
    (tmp_path / "twice.log").write_text(once + once)

    done = run("import", tmp_path / "a.log", tmp_path / "twice.log", tmp_path / "a.log", "--json")

    assert json.loads(done.out)["files"] == 3
    assert json.loads(done.out)["lines"] == 12
    assert len(set(server.ids())) == 6


def test_many_batches_arrive_whole_and_in_order_inside(run: Run, server: Server, tmp_path: Path):
    done = run("import", write(tmp_path / "a.log", 5_000), "--json")

    assert json.loads(done.out)["accepted"] == 5_000
    assert len(set(server.ids())) == 5_000
    for batch in server.batches():
        assert len(batch) <= 1_000
        times = [event["timestamp"] for event in batch]
        assert times == sorted(times)
    connections = {request.connection for request in server.received if request.path == "/import"}
    assert len(connections) <= 3


def test_jsonl_and_csv_are_told_by_their_names(run: Run, server: Server, tmp_path: Path):
    (tmp_path / "a.jsonl").write_text(
        '{"type":"pageview","anonymousId":"v1","page":{"path":"/a"}}\n'
    )
    (tmp_path / "b.csv").write_text("timestamp,anonymousId,path\n2015-05-17T10:00:00Z,v2,/b\n")

    assert run("import", tmp_path / "a.jsonl", tmp_path / "b.csv").code == 0

    assert {event["anonymousId"] for event in server.events()} == {"v1", "v2"}


def test_what_fails_for_a_while_is_sent_again_with_the_same_ids(
    run: Run, server: Server, log: Path
):
    server.replies["/import"] = [
        (503, {"code": "queue_unavailable", "message": "Later."}, {"retry-after": "0"}),
        "reset",
        (502, b"<html>"),
    ]

    done = run("import", log, "--json")

    assert done.code == 0
    assert json.loads(done.out)["accepted"] == 174
    batches = server.batches()
    assert len(batches) == 4
    assert all(batch == batches[0] for batch in batches)


def test_a_server_that_says_when_is_not_asked_before(run: Run, server: Server, log: Path):
    server.replies["/import"] = [
        (429, {"code": "too_many", "message": "Slow."}, {"retry-after": "1"})
    ]
    started = time.monotonic()

    assert run("import", log).code == 0

    assert time.monotonic() - started >= 1


def test_an_import_gives_up_and_says_how_far_it_came(run: Run, server: Server, tmp_path: Path):
    path = write(tmp_path / "a.log", 1_000)
    busy = (503, {"code": "queue_unavailable", "message": "Later."}, {"retry-after": "60"})
    server.intercept = lambda request: (
        busy if request.path == "/import" and len(request.body["batch"]) == 100 else None
    )

    done = run("import", path, "--give-up", "0.2", "--json")

    assert done.code == 3
    assert json.loads(done.out)["accepted"] == 900
    (line,) = done.err.splitlines()
    assert server.url in line
    assert "Later." in line
    assert f"900 events are in, all before line 901 of {path}" in line
    assert "goes on" in line


def test_a_batch_of_which_nothing_is_accepted_is_counted_and_the_next_goes_on(
    run: Run, server: Server, tmp_path: Path
):
    server.refuse = lambda event: (
        ("too_long", "Long.") if event["timestamp"] < "2015-05-17T00:15:00" else None
    )

    done = run("import", write(tmp_path / "a.log", 1_000), "--json")

    assert done.code == 1
    assert json.loads(done.out)["accepted"] == 100
    assert json.loads(done.out)["refused"] == {"too_long": 900}


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ((400, {"code": "invalid_json", "message": "No JSON."}), 1),
        ((413, {"code": "too_large", "message": "Too large."}), 1),
        ((403, {"code": "wrong_site", "message": "Not this site."}), 2),
        ((404, {"code": "not_found", "message": "Nothing here."}), 3),
        ((200, {"hello": "world"}), 3),
        ((200, b"<html>"), 3),
    ],
)
def test_another_refusal_stops_with_the_servers_message(
    run: Run, server: Server, log: Path, reply, code: int
):
    server.replies["/import"] = [reply]

    done = run("import", log)

    assert done.code == code
    assert len(done.err.splitlines()) == 1
    if isinstance(reply[1], dict) and "message" in reply[1]:
        assert reply[1]["message"] in done.err
    assert len(server.batches()) == 1


def test_a_wrong_key_says_where_it_came_from(run: Run, log: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FOOTFALL_API_KEY", "ffa_" + "z" * 44 + "9d9d")

    done = run("import", log, key=None)

    assert done.code == 2
    assert "ffa_…9d9d from FOOTFALL_API_KEY" in done.err
    assert "zzz" not in done.err


def test_without_a_key_nothing_is_sent(run: Run, server: Server, log: Path):
    done = run("import", log, key=None)

    assert (done.code, server.received) == (2, [])
    assert "--key" in done.err


def test_a_file_that_is_not_there_is_a_usage_error_before_anything_is_sent(
    run: Run, server: Server, log: Path
):
    done = run("import", log, "gone.log")

    assert (done.code, server.received) == (2, [])
    assert done.err == "footfall: cannot read gone.log: no such file or directory\n"


def test_a_server_that_is_not_there_is_told_at_once_in_one_line(run: Run, log: Path):
    done = run("import", log, url="http://127.0.0.1:1")

    assert (done.code, done.out) == (3, "")
    assert done.err == "footfall: cannot reach Footfall at http://127.0.0.1:1: connection refused\n"


def test_a_damaged_file_is_imported_as_far_as_it_goes(run: Run, server: Server, tmp_path: Path):
    log = write(tmp_path / "a.log", 2_500)
    packed = gzip.compress(log.read_bytes())
    (tmp_path / "cut.gz").write_bytes(packed[: len(packed) // 2])

    done = run("import", tmp_path / "cut.gz", log, "--json")

    report = json.loads(done.out)
    assert done.code == 1
    assert "cut.gz is damaged" in done.err
    assert 2_500 + 900 < report["accepted"] < 5_000
    assert len(server.events()) == report["accepted"]


def test_a_file_that_holds_nothing_readable_is_no_success(run: Run, tmp_path: Path):
    (tmp_path / "a.log").write_bytes(random.Random(1).randbytes(10_000))

    done = run("import", tmp_path / "a.log", "--json")

    assert done.code == 1
    assert json.loads(done.out)["broken"] == json.loads(done.out)["lines"] > 0


def test_an_empty_file_is_nothing_to_do(run: Run, tmp_path: Path):
    (tmp_path / "a.log").write_bytes(b"")

    done = run("import", tmp_path / "a.log", "--json")

    assert (done.code, json.loads(done.out)["lines"]) == (0, 0)


def test_waiting_ends_when_everything_can_be_queried(run: Run, server: Server, log: Path):
    server.replies["/health"] = [
        (200, HEALTHY),
        (200, HEALTHY | {"waiting": 3}),
        (503, {"code": "queue_unavailable", "message": "Later."}),
        (200, HEALTHY | {"rollups_pending": 1}),
    ]

    assert run("import", log, "--wait").code == 0

    assert server.replies["/health"] == []
    assert [request.path for request in server.received][-3:] == ["/health"] * 3


def test_waiting_has_an_end(run: Run, server: Server, log: Path):
    server.replies["/health"] = [(200, HEALTHY | {"waiting": 3})] * 100

    done = run("import", log, "--wait", "--wait-timeout", "0.1")

    assert done.code == 3
    assert "3 messages" in done.err


def test_a_remote_server_is_not_believed_what_it_may_have_known_before(
    server: Server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Client, "is_local", False)
    now = [100.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    with Client(Setting(server.url, "--url")) as client:
        importing.wait_until_stored(client, 60, sleep, lambda: now[0])

        assert now[0] >= 100 + importing.REMEMBERED_SECONDS

        server.replies["/health"] = [(200, HEALTHY | {"waiting": 1})] * 100
        with pytest.raises(Unreachable, match="1 messages"):
            importing.wait_until_stored(client, 60, sleep, lambda: now[0])


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("", 0),
        ("7", 7),
        ("-7", 0),
        ("soon", 0),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 10),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ],
)
def test_retry_after_is_seconds_or_a_date(said: str, seconds: float):
    assert retry_after(Answer(503, {"retry-after": said} if said else {}, b""), now=90.0) == seconds
