"""Random histories with erasures in between, against a model of a few lines: who is left, and what."""

import contextlib
import itertools
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.people import resolve
from footfall.privacy.erase import erase
from footfall.privacy.export import export
from footfall.site import Site
from tests.builders import Product, at, pageview
from tests.privacy.conftest import Failing, Killed

NOW = at("2026-03-10T12:00:00")
DEVICES, USERS = ("d1", "d2", "d3"), ("u1", "u2", "u3", "u4")
_sites = itertools.count()


@dataclass
class People:
    """What is known of whom: entries in the order of receipt, and the events by id."""

    links: list[tuple[str, str]] = field(default_factory=list)
    """(anonymousId, userId)"""
    aliases: list[tuple[str, str]] = field(default_factory=list)
    events: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Event id to (anonymousId, userId)."""
    erased: set[str] = field(default_factory=set)

    def receive(self, event_id: str, device: str, user: str, previous: str) -> None:
        if event_id in self.erased:
            return
        self.events.setdefault(event_id, (device, user))
        if device and user:
            self.links.append((device, user))
        if previous:
            self.links.append((previous, user))
            self.aliases.append((previous, user))

    def ends(self) -> dict[str, str]:
        seen = {device for device, _ in self.events.values()}
        return resolve((previous, user) for previous, user in self.aliases if previous not in seen)

    def person(self, device: str, user: str) -> str:
        linked = next((of for name, of in self.links if name == device), "")
        end = self.ends()
        found = user or linked
        return f"u:{end.get(found, found)}" if found else f"a:{device}"

    def erase(self, name: str) -> int:
        end = self.ends()
        people = {self.person(name, ""), f"u:{end.get(name, name)}"}
        users = {user for user in (*USERS, *DEVICES) if f"u:{end.get(user, user)}" in people}
        devices = {name} | {
            device
            for device in (*DEVICES, *USERS)
            if any(of == device for of, _ in self.links) and self.person(device, "") in people
        }
        gone = {i for i, event in self.events.items() if self.person(*event) in people}
        for event_id in gone:
            del self.events[event_id]
        self.erased |= gone
        self.links = [(d, u) for d, u in self.links if d not in devices and u not in users]
        self.aliases = [
            (p, u) for p, u in self.aliases if p not in users | devices and u not in users
        ]
        return len(gone)

    def visitors(self) -> int:
        return len({self.person(*event) for event in self.events.values()})


def steps() -> st.SearchStrategy[list[tuple[Any, ...]]]:
    """Events, aliases, retries of earlier ones, runs of the rollups, and erasures, some of them first cut off."""
    device, user = st.sampled_from(DEVICES), st.sampled_from(USERS)
    event = st.tuples(st.just("event"), device, st.one_of(st.just(""), st.just(""), user))
    alias = st.tuples(st.just("alias"), st.one_of(user, device), user)
    retry = st.tuples(st.just("retry"), st.integers(0, 30))
    erasure = st.tuples(
        st.just("erase"), st.sampled_from(DEVICES + USERS), st.one_of(st.none(), st.integers(0, 13))
    )
    rollup = st.just(("roll up",))
    return st.lists(st.one_of(event, event, event, alias, retry, erasure, rollup), max_size=16)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=steps())
def test_who_is_left_is_who_was_not_erased(product: Product, history: list[tuple[Any, ...]]):
    product.site, product._collector = Site(id=f"erasing-{next(_sites)}"), None
    people = People()
    sent: list[tuple[str, dict[str, Any], tuple[str, str, str]]] = []
    for number, step in enumerate(history):
        moment = NOW + number * 10
        match step:
            case ("event", device, user):
                item = pageview(device, f"/{number}", userId=user, eventId=f"e{number}")
                sent.append((f"e{number}", item, (device, user, "")))
            case ("alias", previous, user):
                item = {"type": "alias", "previousId": previous, "userId": user}
                sent.append((f"e{number}", item | {"eventId": f"e{number}"}, ("", user, previous)))
            case ("retry", index) if sent:
                sent.append(sent[index % len(sent)])
            case ("erase", name, cut):
                if cut is not None:
                    with contextlib.suppress(Killed):
                        erase_at(product, name, moment, Failing(product.store, cut))
                events = erase_at(product, name, moment + 1, product.store)
                expected = people.erase(name)
                assert events == expected or cut is not None
                continue
            case ("roll up",):
                product.roll_up()
                continue
            case _:
                continue
        event_id, item, ids = sent[-1]
        product.post("/batch", {"batch": [item]}, moment)
        product.drain()
        people.receive(event_id, *ids)

    shown = [export(n, {}, product.site, NOW, product.store) for n in (*DEVICES, *USERS)]
    events = {event["event_id"] for answer in shown for event in answer["events"]}
    assert len(events) == len(people.events)
    # An alias is an event, but no activity.
    views = People(people.links, people.aliases, dict(people.events))
    views.events = {i: event for i, event in people.events.items() if event[0]}
    views.ends = people.ends  # type: ignore[method-assign]
    expected_numbers = {"visitors": views.visitors(), "pageviews": len(views.events)}
    for _ in range(2):
        found = product.metrics(NOW + 1_000, "visitors,pageviews", period="30d")
        assert found == expected_numbers
        product.roll_up()


def erase_at(product: Product, name: str, moment: int, store: Any) -> int:
    answer = erase(name, product.site, moment, bytes(10), store, product.counters)
    number: int = answer["receipt"]["events"]
    return number
