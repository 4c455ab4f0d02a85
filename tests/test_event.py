"""The vocabulary: ids and the wire."""

import math
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.event import Event, event_uuid, new_event_id, number_text

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


def test_an_event_survives_the_wire():
    assert Event.from_wire(EVENT.to_wire()) == EVENT
    assert "utm_source" not in EVENT.to_wire()
    assert Event.from_wire(EVENT.to_wire() | {"of_a_newer_version": 1}) == EVENT


@pytest.mark.parametrize(
    "changes",
    [{"ts": "1"}, {"ts": True}, {"ts": -1}, {"ts": 1 << 50}, {"position": 1 << 16}, {"actor": "v1"}, {"type": "x"},
     {"properties": []}, {"name": None}],
)  # fmt: skip
def test_fields_that_are_no_events_are_refused(changes: dict[str, object]):
    with pytest.raises((TypeError, ValueError)):
        Event.from_wire(EVENT.to_wire() | changes)


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
