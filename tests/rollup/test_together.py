"""Small sites are built together: by as few statements as one, and none knows of another's visitors."""

from datetime import UTC, datetime
from typing import Any

from footfall.registry.writing import write_site
from footfall.rollup.run import run
from footfall.site import Site
from footfall.store import Store
from tests.builders import API_KEY, Product, pageview
from tests.rollup.test_zone import ASKED, NOW, history

SITES = {"a": "UTC", "b": "UTC", "c": "UTC", "d": "Asia/Kolkata"}


class Counting(Store):
    """A store that notes which statements write."""

    def __init__(self, store: Store) -> None:
        self.written: list[str] = []
        self._whole = store
        self.select, self.execute, self.insert = store.select, store.execute, store.insert  # type: ignore[method-assign]

    def run(self, name: str, *given: Any) -> None:
        self.written.append(name)
        self._whole.run(name, *given)


def send(product: Product, site_id: str, items: list[dict[str, Any]]) -> None:
    product.post("/import", {"batch": items, "site": site_id}, NOW, key=API_KEY)
    product.drain()


def made(product: Product) -> None:
    """Four sites with the same visitors on other days, one of whom is known by name to one site."""
    items = history()
    for number, (site_id, zone) in enumerate(SITES.items()):
        write_site(Site(id=site_id, timezone=zone), None, NOW, product.store)
        product.registry.carry()
        of = [item for at, item in enumerate(items[:-1]) if at % 4 != number]
        send(product, site_id, [*of, items[-1]] if site_id == "b" else of)


def answers(product: Product) -> dict[str, list[Any]]:
    told = {}
    for site_id, zone in SITES.items():
        product.site = Site(id=site_id, timezone=zone)
        told[site_id] = [product.ask(name, NOW, **parameters) for name, parameters in ASKED]
        for answer in told[site_id]:
            answer.pop("meta")
    return told


def roll_up(product: Product) -> list[str]:
    """What one run writes, until nothing is pending."""
    store = Counting(product.store)
    done = run(datetime.now(UTC), store, product.queue, product.site_of, eager=True)
    assert done["pending"] == 0
    return store.written


def test_sites_that_are_built_together_answer_as_their_events_do(product: Product):
    made(product)
    right = answers(product)
    assert len({str(told) for told in right.values()}) == len(SITES)

    written = roll_up(product)
    assert written.count("rollups/uniques") == 2 * 2, "two of each zone"
    assert answers(product) == right

    # One comes late to one site, another is known by name to another, a third comes back to a third.
    send(product, "a", [pageview("v1", "/late", timestamp="2026-03-06T10:00:00Z")])
    send(product, "b", [{"type": "identify", "anonymousId": "v5", "userId": "u"}])
    send(product, "c", [pageview("v1", "/0", timestamp="2026-03-18T10:00:00Z")])
    changed = answers(product)
    assert [changed[site_id] != right[site_id] for site_id in SITES] == [True, True, True, False]

    written = roll_up(product)
    assert written.count("rollups/uniques") == 2
    assert answers(product) == changed
