"""The vocabulary: ids and the wire."""

import json
import math
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.event import Event, event_uuid, from_columns, new_event_id, number_text, to_columns

EVENT = Event(
    "default",
    "e1",
    "track",
    1,
    2,
    3,
    "a:v1",
    anonymous_id="v1",
    name="signup",
    properties={"plan": "pro"},
)


def test_events_survive_the_wire():
    other = EVENT._replace(event_id="e2", path="/b", properties={}, position=4)
    for events in ([EVENT], [EVENT, other], [other, EVENT, EVENT], []):
        assert from_columns(json.loads(json.dumps(to_columns(events)))) == events
    assert "utm_source" not in json.dumps(to_columns([EVENT, other]))
    newer = to_columns([EVENT])
    newer["same"]["of_a_newer_version"] = 1
    assert from_columns(newer) == [EVENT]


def test_what_all_events_have_in_common_stands_once():
    events = [EVENT._replace(event_id=f"e{n}", position=n) for n in range(3)]
    told = to_columns(events)
    assert told["each"] == {"event_id": ("e0", "e1", "e2"), "position": (0, 1, 2)}
    assert told["same"]["name"] == "signup"


@pytest.mark.parametrize("where", ["same", "each"])
@pytest.mark.parametrize(
    "changes",
    [{"ts": "1"}, {"ts": True}, {"ts": -1}, {"ts": 1 << 50}, {"ts": 1.5}, {"position": 1 << 16}, {"actor": "v1"},
     {"type": "x"}, {"properties": []}, {"name": None}, {"is_imported": 1}, {"received_at": None}],
)  # fmt: skip
def test_fields_that_are_no_events_are_refused(changes: dict[str, object], where: str):
    told = to_columns([EVENT, EVENT])
    for name, value in changes.items():
        if where == "same":
            told["same"][name] = value
        else:
            told["each"][name] = [getattr(EVENT, name), value]
    with pytest.raises((TypeError, ValueError)):
        from_columns(told)


@pytest.mark.parametrize(
    "changes",
    [{"count": 3}, {"count": -1}, {"count": True}, {"count": 1 << 30}, {"count": "2"}, {"same": {}},
     {"each": {"path": "ab"}}, {"each": {"path": ["a"]}}, {"each": {"path": {"a": 1, "b": 2}}}, {"each": None}],
)  # fmt: skip
def test_columns_that_are_none_are_refused(changes: dict[str, object]):
    told = to_columns([EVENT, EVENT._replace(path="/b")]) | changes
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        from_columns(told)


def test_a_canonical_uuid_is_itself_and_any_other_text_another_event():
    text = "018f0f5c-8a6f-7e5e-9b0c-9d362f1f5a3c"
    assert event_uuid(text) == uuid.UUID(text)
    assert (
        len(
            {
                event_uuid(t)
                for t in (text, text.upper(), f"{{{text}}}", text.replace("-", ""), "1", "")
            }
        )
        == 6
    )


def test_a_new_id_is_a_uuid_of_version_7():
    event_id = uuid.UUID(new_event_id(1_700_000_000_000, bytes(range(10))))
    assert (event_id.version, event_id.variant, event_id.int >> 80) == (
        7,
        uuid.RFC_4122,
        1_700_000_000_000,
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "1"), (1.0, "1"), (-0.5, "-0.5"), (1e16, "10000000000000000"), (1e21, "1e+21"), (1.5e300, "1.5e+300"),
     (1e-6, "0.000001"), (1.5e-5, "0.000015"), (1e-7, "1e-7"), (0.1, "0.1"), (123456789.123, "123456789.123")],
)  # fmt: skip
def test_a_number_is_written_in_its_shortest_form(number: float, text: str):
    assert number_text(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_numbers_text_is_that_number(number: float):
    assert math.isclose(float(number_text(number)), number, rel_tol=0)
