"""Collecting while somebody watches, and what pushes to them is broken: every event is accepted, in time."""

import pytest

from footfall.watchers import Watchers
from tests.faults.conftest import Deployed


@pytest.fixture
def watched(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> Deployed:
    """A site that somebody watches, and a queue of pushes that is not there."""
    monkeypatch.setenv("LIVE_QUEUE_URL", f"{deployed.queue_url}-of-pushes")
    watchers = Watchers(deployed.valkey)
    ticket, _ = watchers.make_ticket("default", 1 << 42, 0)
    watchers.open(ticket, "c1=", 0)
    return deployed


def test_a_queue_of_pushes_that_is_not_there_costs_no_event(watched: Deployed):
    paths = [f"/watched/{number}" for number in range(3)]
    took = [watched.collect(path, anonymousId="v1") for path in paths]

    assert [each[0] for each in took] == [200] * 3
    assert watched.valkey.ask([("LLEN", "footfall:{default}:feed")]) == [1]
    assert watched.ingest()
    assert watched.pages().items() >= dict.fromkeys(paths, 1).items()


@pytest.mark.parametrize("mood", ["refused", "slow", "error"])
def test_a_valkey_that_does_not_answer_costs_no_event(watched: Deployed, mood: str):
    paths = f"/before/{mood}", f"/meanwhile/{mood}"
    assert watched.collect(paths[0], anonymousId="v1")[0] == 200
    watched.become("Valkey", mood)  # type: ignore[arg-type]

    assert watched.collect(paths[1], anonymousId="v1")[0] == 200

    watched.become("Valkey", "well")
    assert watched.ingest()
    assert watched.pages().items() >= dict.fromkeys(paths, 1).items()
