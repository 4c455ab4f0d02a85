"""The worked cases of tests/data/cases: events in, numbers out, the same from the events and from the rollups.

A case is a folder: events.jsonl (items of a batch), case.json (what it is about, the site's zone, questions with the
expected numbers; `differs` where its source counts otherwise than docs/semantics.md).
"""

import json
from pathlib import Path
from typing import Any

import pytest

from footfall.site import Site
from tests.builders import API_KEY, Product, at

CASES = sorted((Path(__file__).parents[1] / "data" / "cases").iterdir())


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_a_worked_case_has_its_numbers_before_and_after_it_is_rolled_up(
    product: Product, folder: Path
):
    case = json.loads((folder / "case.json").read_text())
    lines = (folder / "events.jsonl").read_text().splitlines()
    product.site = Site(id="case", timezone=case["timezone"])
    if lines:
        batch = [json.loads(line) for line in lines]
        body = {"batch": batch, "site": "case"}
        product.post("/import", body, at("2026-06-30T11:00:00"), key=API_KEY)
    product.drain()
    for question in case["questions"]:
        assert shown(question, product) == expected(question)
    assert product.roll_up()["pending"] == 0
    for question in case["questions"]:
        assert shown(question, product) == expected(question)


def shown(question: dict[str, Any], product: Product) -> Any:
    """The numbers of an answer: by metric, by value or by date."""
    path, parameters = question["path"], question["parameters"]
    name = "metrics" if path == "change" else path
    answer = product.ask(name, at(question["now"]), **parameters)
    if path == "change":
        return answer["metrics"]
    if path == "metrics":
        return {metric: numbers["value"] for metric, numbers in answer["metrics"].items()}
    key = "dimension" if path == "breakdown" else "date"
    return {row[key]: row["value"] for row in answer["data"]}


def expected(question: dict[str, Any]) -> Any:
    """The expected numbers, floats to their last digits."""
    if question["path"] == "change":
        return {name: pytest.approx(numbers) for name, numbers in question["expected"].items()}
    return pytest.approx(question["expected"])
