"""Items in batches: in order, within the caps, cut where the time changes."""

import gzip
import json
from itertools import pairwise

from footfall_cli.importing.batches import BATCH_BYTES, BATCH_EVENTS, ENOUGH_EVENTS, Batch, batches
from footfall_cli.importing.record import Item


def pack(items: list[Item], too_large: list[int] | None = None) -> list[Batch]:
    """The batches of items."""
    return list(batches("a.log", items, (too_large if too_large is not None else []).append))


def item(line: int, time: str = "", **fields: object) -> Item:
    """An item of a line."""
    return Item(line, time, {"eventId": f"e{line}", **fields})


def test_every_item_is_in_one_batch_in_its_place():
    made = pack([item(line, time=str(line)) for line in range(1, 3_001)])

    assert [line for batch in made for line in batch.lines] == list(range(1, 3_001))
    for batch in made:
        body = json.loads(gzip.decompress(batch.body()))
        assert [event["eventId"] for event in body["batch"]] == [f"e{line}" for line in batch.lines]
        assert batch.file == "a.log"


def test_a_batch_ends_where_the_time_changes_once_it_holds_enough():
    made = pack([item(line, time=f"second {line // 7}") for line in range(2_000)])

    for batch, following in pairwise(made):
        assert batch.lines[-1] // 7 < following.lines[0] // 7
        assert ENOUGH_EVENTS <= len(batch.lines) <= ENOUGH_EVENTS + 7


def test_a_moment_with_more_events_than_a_batch_may_hold_is_cut():
    made = pack([item(line, time="now") for line in range(2_500)])

    assert [len(batch.lines) for batch in made] == [BATCH_EVENTS, BATCH_EVENTS, 500]


def test_a_batch_is_no_larger_than_servers_take():
    made = pack([item(line, text="é" * 5_000) for line in range(100)])

    assert sum(len(batch.lines) for batch in made) == 100
    assert all(len(gzip.decompress(batch.body())) <= BATCH_BYTES for batch in made)


def test_an_event_that_no_request_can_hold_is_told_and_left_out():
    too_large: list[int] = []
    made = pack([item(1), item(2, text="x" * BATCH_BYTES), item(3)], too_large)

    assert too_large == [2]
    assert [batch.lines for batch in made] == [(1, 3)]


def test_no_items_are_no_batch():
    assert pack([]) == []
