"""What nobody reads any more is forgotten, of all sites at once; what counts stays."""

from datetime import UTC, datetime, timedelta

import pytest

from footfall import builds
from footfall.days import FIRST_DAY, LAST_DAY
from footfall.rollup.cleanup import TABLES, clean
from tests.builders import Product, pageview
from tests.rollup.test_together import SITES, answers, made, roll_up, send


def built(product: Product, table: str) -> set[tuple[str, object, int]]:
    """The sites, days and builds of which a table has rows."""
    sql = f"SELECT DISTINCT site_id, day, build_id FROM {table}"
    return {tuple(row) for row in product.store._open().query(sql).result_rows}


def published(product: Product) -> set[tuple[str, object, int]]:
    """What counts."""
    found = builds.current_of(product.store, list(SITES), FIRST_DAY, LAST_DAY)
    return {(site_id, *pair) for site_id, of in found.items() for pair in builds.all_parts(of)}


@pytest.mark.parametrize("at_a_time", [30, 1])
def test_rows_of_replaced_builds_are_forgotten_and_no_others(
    product: Product, monkeypatch: pytest.MonkeyPatch, at_a_time: int
):
    monkeypatch.setattr("footfall.rollup.cleanup.SITES", at_a_time)
    made(product)
    roll_up(product)
    for site_id in ("a", "c"):
        late = pageview("v1", "/late", timestamp="2026-03-06T10:00:00Z")
        send(product, site_id, [late, pageview("v2", "/", timestamp="2026-03-18T10:00:00Z")])
    roll_up(product)
    right = answers(product)
    assert all(built(product, table) - published(product) for table in TABLES)

    assert clean(datetime.now(UTC) + timedelta(hours=2), product.store)
    for table in TABLES:
        assert built(product, table) - published(product) == set(), table
    assert answers(product) == right
