"""Everything that is kept about a person, complete and in pages."""

import json
from typing import Any

import pytest

from footfall.errors import Unprocessable
from footfall.privacy import export as module
from footfall.privacy.export import COLUMNS, export
from tests.builders import Product, at, pageview, track
from tests.privacy.test_erase import a_person

NOW = at("2026-03-10T12:00:00")


def shown(product: Product, visitor_id: str, **parameters: str) -> dict[str, Any]:
    answer = export(visitor_id, parameters, product.site, NOW, product.store)
    assert json.loads(json.dumps(answer)) == answer
    return answer


@pytest.mark.parametrize("name", ["u-new", "u-old", "phone", "laptop"])
def test_a_person_is_shown_whole_under_any_of_their_ids(product: Product, name: str):
    a_person(product)

    answer = shown(product, name)

    assert answer["visitor"] == {
        "id": name,
        "anonymousIds": ["laptop", "phone"],
        "userIds": ["u-new", "u-old"],
    }
    assert [(e["type"], e["path"] or e["name"]) for e in answer["events"]] == [
        ("pageview", "/first"),
        ("pageview", "/second"),
        ("identify", ""),
        ("track", "buy"),
        ("alias", ""),
    ]
    assert answer["events"][2]["properties"] == {"mail": "m@x.y"}
    assert answer["events"][0]["timestamp"] == "2026-03-08T10:00:00.000+00:00"
    assert answer["events"][0]["received_at"] == "2026-03-10T12:00:00.000+00:00"
    assert [(link["anonymousId"], link["userId"]) for link in answer["links"]] == [
        ("phone", "u-old"),
        ("laptop", "u-new"),
        ("u-old", "u-new"),
    ]
    assert [(a["previousId"], a["userId"]) for a in answer["aliases"]] == [("u-old", "u-new")]
    assert answer["meta"]["events"] == 5
    assert answer["meta"]["next"] is None
    assert "stranger" not in str(answer)


def test_every_column_of_an_event_is_shown(product: Product):
    client = product.store._open()
    names = {row[0] for row in client.query("DESCRIBE TABLE events").result_rows}
    keys = {"site_id", "day", "actor_hash", "event_id", "version", "is_deleted", "receipt", "ts"}
    assert names - keys == set(COLUMNS)
    a_person(product)
    assert set(COLUMNS) < set(shown(product, "phone")["events"][0])


def test_pages_are_the_whole_once(product: Product):
    moments = [NOW - n % 7 for n in range(25)]
    for number, moment in enumerate(moments):
        product.post("/pageview", pageview("v1", f"/{number}"), moment)
    product.post("/batch", {"batch": [track("v1", f"{n}") for n in range(5)]}, NOW)
    product.drain()

    events: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        page = shown(product, "v1", limit="4", cursor=cursor)
        assert len(page["events"]) <= 4
        events += page["events"]
        cursor = page["meta"]["next"]

    assert events == shown(product, "v1")["events"]
    assert len({event["event_id"] for event in events}) == 30


def test_a_page_is_no_larger_than_an_answer_may_be(
    product: Product, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "PAGE_BYTES", 5_000)
    for number in range(4):
        product.post("/track", track("v1", "n" * 2_000, eventId=f"{number}"), NOW + number)
    product.drain()
    sizes: list[int] = []
    cursor = ""
    while cursor is not None:
        page = shown(product, "v1", cursor=cursor)
        sizes.append(len(page["events"]))
        cursor = page["meta"]["next"]
    assert sizes == [1, 1, 1, 1]


def test_an_id_that_nobody_has_shows_nothing(product: Product):
    a_person(product)
    answer = shown(product, "nobody")
    assert (answer["events"], answer["links"], answer["aliases"]) == ([], [], [])
    assert answer["visitor"] == {"id": "nobody", "anonymousIds": [], "userIds": []}


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"limit": "0"}, "invalid_limit"),
        ({"limit": "1001"}, "invalid_limit"),
        ({"limit": "x"}, "invalid_limit"),
        ({"cursor": "x"}, "invalid_cursor"),
        ({"cursor": "1.2.3"}, "invalid_cursor"),
        (
            {"cursor": "1.99999999999999999999.00000000-0000-0000-0000-000000000000"},
            "invalid_cursor",
        ),
    ],
)
def test_what_cannot_be_is_refused(product: Product, parameters: dict[str, str], code: str):
    with pytest.raises(Unprocessable) as refused:
        shown(product, "v1", **parameters)
    assert refused.value.code == code


def test_a_person_of_too_many_ids_is_refused(product: Product, monkeypatch: pytest.MonkeyPatch):
    a_person(product)
    monkeypatch.setattr(module, "IDS_A_STATEMENT", 1)
    with pytest.raises(Unprocessable) as refused:
        shown(product, "u-new")
    assert refused.value.code == "too_many_ids"
