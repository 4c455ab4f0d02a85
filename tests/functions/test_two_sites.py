"""Two sites and their keys under random requests: no key reads, writes, lists or erases what is the other's."""

import itertools
import json
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.keys import digest, key_id
from tests.builders import API_KEY, Product, Send, pageview

_numbers = itertools.count()
ROUNDS = {
    "pageview": {"write", "server", "admin"},
    "batch": {"write", "server", "admin"},
    "import": {"admin"},
    "metrics": {"read", "admin"},
    "query": {"read", "admin"},
    "realtime": {"read", "admin"},
    "doctor": {"admin"},
    "export": {"admin"},
    "erase": {"admin"},
    "show": {"admin"},
    "rename": {"admin"},
    "keys": {"admin"},
    "add key": {"admin"},
    "revoke": {"admin"},
}
"""What can be asked for, and by keys of which scopes."""
KEYS = [(place, scope) for place in "ab" for scope in ("write", "server", "read", "admin")]
requests = st.tuples(
    st.sampled_from([*KEYS, ("all", "admin")]),
    st.sampled_from(list(ROUNDS)),
    st.sampled_from([None, "a", "b", "nowhere", "default"]),
)


@dataclass
class World:
    """Two new sites, their keys, and what each should hold by now."""

    send: Send
    product: Product

    def __post_init__(self) -> None:
        number = next(_numbers)
        self.ids = {
            "a": f"north-{number}",
            "b": f"south-{number}",
            "nowhere": "nowhere",
            "default": "default",
        }
        self.keys = {("all", "admin"): API_KEY}
        self.stored = {self.ids["a"]: 0, self.ids["b"]: 0}
        self.names = {site_id: site_id for site_id in self.stored}
        for place in "ab":
            body = {"id": self.ids[place], "name": self.ids[place]}
            self.call("POST", "/sites", body, API_KEY)
            for scope in ("write", "server", "read", "admin"):
                path = f"/sites/{self.ids[place]}/keys"
                made = self.call("POST", path, {"scope": scope}, API_KEY)[1]
                self.keys[place, scope] = made["key"]

    def call(self, method: str, path: str, body: Any, key: str, site: str | None = None) -> Any:
        return self.send(
            method,
            path,
            body,
            headers={"authorization": f"Bearer {key}"},
            query={"site": site} if site else {},
        )

    def request(self, key: tuple[str, str], asked: str, named: str | None) -> tuple[int, Any, str]:
        """Do what is asked; the status, the answer, and the site it was about."""
        place = key[0]
        site = self.ids[named] if named else None
        about = site or (self.ids[place] if place != "all" else "default")
        text = self.keys[key]
        item = pageview() | ({"site": site} if site else {})
        body: Any = None
        method, path, parameter = "GET", f"/{asked}", site
        match asked:
            case "pageview":
                method, body, parameter = "POST", item, None
            case "batch" | "import":
                method, body, parameter = "POST", {"batch": [item]}, None
            case "query":
                method, body = "POST", {"metrics": ["pageviews"], "date_range": "all"}
            case "erase":
                method, path = "DELETE", "/visitors/v1"
            case "export":
                path = "/visitors/v1/export"
            case "show":
                path, parameter = f"/sites/{about}", None
            case "rename":
                method, path, body = "PATCH", f"/sites/{about}", {"name": f"by {place}"}
            case "keys":
                path = f"/sites/{about}/keys"
            case "add key":
                method, path, body = "POST", f"/sites/{about}/keys", {"scope": "read"}
            case "revoke":
                method, path = "DELETE", f"/sites/{about}/keys/{'0' * 16}"
        status, answer, _ = self.call(method, path, body, text, parameter)
        return status, answer, about

    def count(self, site_id: str) -> int:
        """The events that the store holds of a site."""
        sql = "SELECT count() FROM events FINAL WHERE site_id = {site:String}"
        rows = self.product.store._open().query(sql, parameters={"site": site_id}).result_rows
        return int(rows[0][0])


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(asked=st.lists(requests, min_size=4, max_size=20))
def test_no_key_reaches_the_other_site(
    send: Send, wired: Product, asked: list[tuple[tuple[str, str], str, str | None]]
):
    world = World(send, wired)
    for key, what, named in asked:
        place, scope = key
        if what in ("erase", "export", "metrics", "query"):
            wired.drain()

        status, answer, about = world.request(key, what, named)

        reaches = place == "all" or about == world.ids[place]
        allowed = scope in ROUNDS[what] and reaches and about != "nowhere"
        expected = (404 if what == "revoke" else 200) if allowed else 403
        if not allowed and scope in ROUNDS[what]:
            by_event = what == "import" or (what == "batch" and place != "all")
            expected = 400 if by_event else 403  # refused by itself, and there was no other event
        assert status == expected, (key, what, named, answer)
        if not allowed:
            other = world.ids["b" if place == "a" else "a"]
            assert other == about or other not in json.dumps(answer)
            continue
        if about in world.stored:
            if what in ("pageview", "batch", "import"):
                world.stored[about] += 1
            elif what == "erase":
                assert answer["receipt"]["events"] == world.stored[about]
                world.stored[about] = 0
            elif what == "export":
                assert len(answer["events"]) == world.stored[about]
            elif what == "metrics":
                assert answer["meta"]["site"] == about
            elif what == "query":
                assert answer["results"][0]["metrics"] == [world.stored[about]]
            elif what == "rename":
                world.names[about] = f"by {place}"
        if place != "all":
            other = world.ids["b" if place == "a" else "a"]
            assert other not in json.dumps(answer)

    wired.drain()
    for place in "ab":
        site_id = world.ids[place]
        assert world.count(site_id) == world.stored[site_id]
        key = world.keys[place, "admin"]
        listed = world.call("GET", "/sites", None, key)[1]["sites"]
        assert [(site["id"], site["name"]) for site in listed] == [(site_id, world.names[site_id])]
        ids = {
            made["id"] for made in world.call("GET", f"/sites/{site_id}/keys", None, key)[1]["keys"]
        }
        others = {key_id(digest(text)) for (whose, _), text in world.keys.items() if whose != place}
        assert not ids & others
