"""Event ids of lines: stable, different, bounded."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from footfall_cli.importing.ids import EventIds


def ids(lines: list[bytes], window: int = 1 << 17) -> list[str]:
    """The ids of lines, in order."""
    made = EventIds(window)
    return [made.of(line) for line in lines]


def test_an_id_is_a_uuid_of_version_8_in_its_canonical_text():
    (made,) = ids([b"a line"])

    assert uuid.UUID(made).version == 8
    assert uuid.UUID(made).variant == uuid.RFC_4122
    assert str(uuid.UUID(made)) == made


def test_the_ids_are_these_for_good():
    # Another scheme would count everything twice that was imported before.
    assert ids([b"a", b"a", b"b"]) == [
        "ca978112-ca1b-8dca-bac2-31b39a23dc4d",
        "38f3cf73-223f-83d0-9f5b-a5f98f5f4c98",
        "3e23e816-0039-894a-b389-4f6564e1b134",
    ]


@given(st.lists(st.sampled_from([b"a", b"b", b"c"]), max_size=30), st.integers(0, 30))
def test_a_file_that_grows_keeps_its_ids(lines: list[bytes], at: int):
    assert ids(lines)[:at] == ids(lines[:at])
    assert len(set(ids(lines))) == len(lines)


@given(st.permutations([b"a", b"a", b"b", b"c", b"c", b"c"]))
def test_the_order_of_different_lines_changes_no_id(lines: list[bytes]):
    assert set(ids(lines)) == set(ids([b"a", b"a", b"b", b"c", b"c", b"c"]))


def test_memory_is_bounded_and_near_lines_are_told_apart():
    made = EventIds(window=10)
    first = made.of(b"again")
    for number in range(9):
        made.of(b"%d" % number)
    near = made.of(b"again")
    for number in range(100):
        made.of(b"other %d" % number)
    far = made.of(b"again")

    assert first != near
    assert far == first
    assert len(made._recent) + len(made._older) <= 20
