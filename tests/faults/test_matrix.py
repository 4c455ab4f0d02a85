"""One engine at a time is refused, slow or returns errors: what a client gets, what is done again, and that nothing is
lost or counted twice.

`FAULT_SECONDS=5 python -m pytest -s tests/faults` waits as long as on AWS and prints the table of docs/operating.md.
"""

import os
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

from footfall.registry.content import site_key
from footfall.telemetry import Failed
from tests.builders import API_KEY
from tests.faults.conftest import Deployed
from tests.faults.proxy import MOODS, Mood

_numbers = count()


@dataclass
class Seen:
    """What was asked during a fault, and what had to come again."""

    deployed: Deployed
    answers: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def collect(self, name: str, anonymous_id: str | None = "v1") -> str:
        """Send a pageview of an own path; `200`, or `503 code`."""
        path = f"/{next(_numbers)}"
        sent = {"path": path, "eventId": f"event-{path[1:]}"}
        if anonymous_id:
            sent["anonymousId"] = anonymous_id
        self.paths.append(path)
        status, body, headers, took = self.deployed.collect(**sent)
        if status != 200:
            assert (status, headers["retry-after"]) == (503, "5")
            self.refused.append(sent)
        return self.note(name, status, body, took)

    def ask(self, name: str) -> str:
        """Ask for numbers."""
        status, body, headers, took = self.deployed.ask()
        assert status == 200 or headers["retry-after"] == "5"
        return self.note(name, status, body, took)

    def note(self, name: str, status: int, body: Any, took: float) -> str:
        """Remember an answer."""
        self.answers[name] = "200" if status == 200 else f"{status} {body['code']}"
        self.seconds[name] = took
        return self.answers[name]


def fault(deployed: Deployed, engine: str, mood: Mood) -> Seen:
    """The whole way during a fault: by a process that was at work before, and by one that starts."""
    seen = Seen(deployed)
    assert [seen.collect("before"), seen.collect("before", None)] == ["200", "200"]
    deployed.become(engine, mood)
    seen.collect("warm")
    seen.collect("warm, no id", None)
    seen.ask("query, cold")
    deployed.start_anew()
    seen.collect("cold")
    deployed.start_anew()
    seen.collect("cold, no id", None)
    seen.answers["ingest"] = "stored" if deployed.ingest() else "comes again"
    seen.ask("query")
    deployed.three_minutes_later()
    status, body, _, took = deployed.http("collect", "GET", "/health")
    seen.note("health", status, body, took)
    if status == 200:
        seen.answers["health"] = f"200 {body['status']}"
    return seen


def recover(seen: Seen, engine: str) -> None:
    """The engine is well again and clients repeat what was refused: each event is stored, once."""
    deployed = seen.deployed
    deployed.become(engine, "well")
    # The processes that saw the fault go on: nothing of them has to be restarted.
    assert deployed.ingest()
    deployed.start_anew()
    for sent in seen.refused:
        for _ in range(2):
            assert deployed.collect(**sent)[0] == 200
    assert deployed.ingest()
    stored = deployed.pages()
    assert {path: stored.get(path) for path in seen.paths} == dict.fromkeys(seen.paths, 1)
    if "FAULT_SECONDS" in os.environ:
        print(f"\n{engine}")
        for name, answer in seen.answers.items():
            print(f"  {name:14} {answer:28} {seen.seconds.get(name, 0):5.1f} s")


@pytest.mark.parametrize("mood", MOODS)
def test_without_valkey_events_are_taken_and_nothing_is_lost(
    deployed: Deployed, mood: Mood, monkeypatch: pytest.MonkeyPatch
):
    if mood == "slow":
        deployed.hurry(monkeypatch)
    seen = fault(deployed, "Valkey", mood)

    assert set(seen.answers.values()) == {"200", "stored", "200 degraded"}
    # It was waited for, once: after that it is left alone for a while.
    assert seen.seconds["warm"] < 1.5 + deployed.scale
    recover(seen, "Valkey")


@pytest.mark.parametrize("mood", ["refused", "error"])
def test_a_valkey_that_is_not_told_of_sites_rings(deployed: Deployed, mood: Mood):
    before = deployed.invoke("admin", {})["sites"]
    deployed.become("Valkey", mood)
    with pytest.raises(Failed, match="Unavailable"):
        deployed.invoke("admin", {})
    # A change is made all the same: it reaches Valkey with a later run.
    headers = {"authorization": f"Bearer {API_KEY}"}
    name = f"Told later {mood}"
    status, made, _, _ = deployed.http("admin", "POST", "/sites", {"name": name}, headers=headers)
    assert status == 200
    deployed.become("Valkey", "well")
    document = site_key(made["site"]["id"])
    assert deployed.valkey.ask([("EXISTS", document)]) == [0]
    assert deployed.invoke("admin", {}) == {"sites": before + 1}
    assert deployed.valkey.ask([("EXISTS", document)]) == [1]


@pytest.mark.parametrize("mood", ["refused", "error"])
def test_without_the_registry_an_event_without_a_key_comes_again(deployed: Deployed, mood: Mood):
    """Whose it is, its page's host tells: by the registry alone."""

    headers = {"authorization": f"Bearer {API_KEY}"}
    asked = {"name": f"Keyless {mood}", "domains": [f"{mood}.example"]}
    site = deployed.http("admin", "POST", "/sites", asked, headers=headers)[1]["site"]["id"]

    def send(event_id: str) -> tuple[int, str | None, str | None]:
        page = {"url": f"https://{mood}.example/{event_id}"}
        body = {"anonymousId": "keyless", "eventId": f"{mood}-{event_id}", "page": page}
        status, answer, told, _ = deployed.http("collect", "POST", "/pageview", body)
        return status, answer.get("code"), told.get("retry-after")

    assert send("first") == (200, None, None)
    deployed.become("Valkey", mood)
    assert send("at-work") == (200, None, None)
    deployed.start_anew()
    assert send("cold") == (503, "registry_unavailable", "5")
    deployed.become("Valkey", "well")
    deployed.start_anew()
    assert [send("cold"), send("cold")] == [(200, None, None)] * 2
    assert deployed.ingest()
    query = {"dimension": "page", "metric": "pageviews", "period": "24h", "site": site}
    rows = deployed.http("query", "GET", "/breakdown", query=query, headers=headers)[1]["data"]
    pages = {row["dimension"]: row["value"] for row in rows}
    assert pages == dict.fromkeys(("/first", "/at-work", "/cold"), 1)


@pytest.mark.parametrize("mood", MOODS)
def test_without_the_queue_clients_come_again(
    deployed: Deployed, mood: Mood, monkeypatch: pytest.MonkeyPatch
):
    if mood == "slow":
        deployed.hurry(monkeypatch)
    seen = fault(deployed, "SQS", mood)

    for name in ("warm", "warm, no id", "cold", "cold, no id", "health"):
        assert seen.answers[name] == "503 queue_unavailable", name
        assert seen.seconds[name] < 15 * deployed.scale
    # Numbers are read without it; what was accepted before is stored.
    assert (seen.answers["query"], seen.answers["ingest"]) == ("200", "stored")
    recover(seen, "SQS")


@pytest.mark.parametrize("mood", MOODS)
def test_without_secrets_manager_what_is_known_goes_on(
    deployed: Deployed, mood: Mood, monkeypatch: pytest.MonkeyPatch
):
    # For that long nobody asks again; here it is over when the fault is.
    monkeypatch.setattr("footfall.vault.PAUSE_SECONDS", 0.0)
    if mood == "slow":
        deployed.hurry(monkeypatch)
    seen = fault(deployed, "Secrets Manager", mood)

    # Salts are found in Valkey by a process that starts; the password of the store is nowhere else.
    for name in ("warm", "warm, no id", "cold", "cold, no id"):
        assert seen.answers[name] == "200", name
    assert seen.answers["ingest"] == "comes again"
    assert seen.answers["query"] == "503 store_unavailable"
    assert seen.answers["health"] == "200 degraded"
    recover(seen, "Secrets Manager")


@pytest.mark.parametrize("mood", MOODS)
def test_without_the_store_events_wait(
    deployed: Deployed, mood: Mood, monkeypatch: pytest.MonkeyPatch
):
    if mood == "slow":
        deployed.hurry(monkeypatch)
    seen = fault(deployed, "ClickHouse", mood)

    for name in ("warm", "warm, no id", "cold", "cold, no id"):
        assert seen.answers[name] == "200", name
        assert seen.seconds[name] < 1.5
    assert seen.answers["health"] == ("200 ok" if mood == "slow" else "200 degraded")
    if mood != "slow":
        assert seen.answers["ingest"] == "comes again"
        assert seen.answers["query"] == "503 store_unavailable"
    recover(seen, "ClickHouse")


def test_connections_are_used_again_and_opened_again_where_they_broke(deployed: Deployed):
    seen = Seen(deployed)
    seen.collect("first")
    assert deployed.ingest()
    seen.ask("first")
    before = {name: door.connections for name, door in deployed.doors.items()}
    for _ in range(3):
        seen.collect("next")
        assert deployed.ingest()
        seen.ask("next")
    assert {name: door.connections for name, door in deployed.doors.items()} == before

    for door in deployed.doors.values():
        door.hang_up()
    assert [seen.collect("broken"), seen.ask("broken")] == ["200", "200"]
    assert deployed.ingest()
    # That of collect and that of query, which asks what waits.
    assert deployed.doors["SQS"].connections == before["SQS"] + 2
    recover(seen, "SQS")


def test_a_rotated_password_is_found_when_the_old_one_is_refused(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
):
    seen = Seen(deployed)
    assert seen.ask("before") == "200"
    deployed.secrets.put_secret_value(
        SecretId=deployed.secret_id, SecretString='{"password": "second"}'
    )
    monkeypatch.setitem(deployed.front._passwords, "footfall", "second")
    monkeypatch.setattr("footfall.vault.REFUSED_SECONDS", 0.0)
    seen.collect("after")
    assert deployed.ingest()
    assert seen.ask("after") == "200"
    recover(seen, "SQS")


def test_a_wrong_password_is_a_503_and_the_secret_is_not_read_with_every_question(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
):
    seen = Seen(deployed)
    assert seen.ask("before") == "200"
    monkeypatch.setitem(deployed.front._passwords, "footfall", "second")
    read = deployed.doors["Secrets Manager"]
    read.hang_up()
    before = read.connections
    for _ in range(4):
        assert seen.ask("wrong") == "503 store_unavailable"
    assert read.connections <= before + 1


def test_without_valkey_and_secrets_manager_who_is_at_work_goes_on_and_who_starts_has_no_salt(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("footfall.vault.PAUSE_SECONDS", 0.0)
    seen = Seen(deployed)
    assert [seen.collect("before"), seen.collect("before", None)] == ["200", "200"]
    for engine in ("Valkey", "Secrets Manager"):
        deployed.become(engine, "refused")
    # Whoever was at work knows the salts of today.
    assert [seen.collect("warm"), seen.collect("warm", None)] == ["200", "200"]
    deployed.start_anew()
    # Without the registry a site has the strictest settings: no ids are taken, so that every visitor needs a salt.
    assert seen.collect("cold") == "503 salts_unavailable"
    assert seen.collect("cold", None) == "503 salts_unavailable"
    deployed.become("Valkey", "well")
    recover(seen, "Secrets Manager")
