"""Rollups follow an erasure: numbers are right before, between and after the runs, and nobody erased is in them."""

from typing import Any

import pytest

from tests.builders import Product
from tests.privacy.conftest import Erase
from tests.privacy.test_erase import LATER, NOW, OTHERS, a_person, counted

HASHES = ("a:phone", "a:laptop", "u:u-new", "u:u-old")


def pages(product: Product) -> dict[str, Any]:
    return product.rows(NOW, "page", period="30d", metric="visitors")


def test_a_person_leaves_the_rollups(product: Product, erased: Erase):
    a_person(product)
    product.roll_up()
    assert counted(product)["visitors"] == 3

    erased("u-old", LATER)
    for _ in range(2):
        assert counted(product) == OTHERS
        assert counted(product, filters=["is", "page", ["/first"]])["visitors"] == 0
        assert pages(product) == {"/strangers": 1, "/others": 1}
        product.roll_up()


@pytest.mark.parametrize("name", ["u-new", "phone"])
def test_no_row_that_counts_is_of_somebody_erased(product: Product, erased: Erase, name: str):
    a_person(product)
    product.roll_up()
    erased(name, LATER)
    product.roll_up()

    client = product.store._open()
    theirs = {
        client.query("SELECT sipHash64({a:String})", parameters={"a": actor}).result_rows[0][0]
        for actor in HASHES
    }
    rows = client.query(
        "SELECT identity, actor_hash FROM sessions WHERE (site_id, day, build_id) IN "
        "(SELECT site_id, day, max(build_id) FROM builds WHERE kind = 'base' GROUP BY site_id, day)"
    ).result_rows
    assert rows
    assert not theirs & {identity for identity, _ in rows}
