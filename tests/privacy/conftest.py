"""A product whose visitors can be erased, and a look at everything that is stored."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from footfall.privacy.erase import erase
from footfall.store import Store
from tests.builders import Product

Erase = Callable[..., dict[str, Any]]


@pytest.fixture
def erased(product: Product) -> Erase:
    """Erases a visitor at a moment; the receipt."""

    def call(visitor_id: str, now_ms: int, store: Store | None = None) -> dict[str, Any]:
        answer = erase(
            visitor_id, product.site, now_ms, bytes(10), store or product.store, product.counters
        )
        receipt: dict[str, Any] = answer["receipt"]
        return receipt

    return call


@pytest.fixture
def stored(product: Product) -> Callable[[str], str]:
    """Everything that the tables of events and ids hold, also what is hidden, as one text."""

    def read(*texts: str) -> str:
        client = product.store._open()
        return "\n".join(
            str(row)
            for table in ("events", "links", "aliases", "rejects", "erased")
            for row in client.query(f"SELECT * FROM {table} ORDER BY ALL").result_rows
        )

    return read


class Failing(Store):
    """A store that ends at its n-th change: what a function leaves that is killed there."""

    def __init__(self, store: Store, at: int) -> None:
        self._store = store
        self.left = at
        self.select = store.select

    def _tick(self) -> None:
        if self.left == 0:
            raise Killed
        self.left -= 1

    def insert(self, table: str, rows: Any) -> None:
        self._tick()
        self._store.insert(table, rows)

    def insert_columns(self, table: str, columns: Any) -> None:
        self._tick()
        self._store.insert_columns(table, columns)

    def run(self, name: str, parameters: Mapping[str, Any], *more: Any, **others: Any) -> None:
        self._tick()
        self._store.run(name, parameters, *more, **others)


class Killed(BaseException):
    """The end of a process."""
