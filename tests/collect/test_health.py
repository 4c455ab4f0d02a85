"""The answer of /health, remembered for a while."""

import pytest

from footfall.collect.health import Remembered


def test_an_answer_is_remembered_for_its_time():
    answers = iter([{"waiting": 1}, {"waiting": 2}])
    remembered = Remembered(5)
    read = [remembered.read(now, lambda: next(answers)) for now in (100.0, 104.9, 105.0)]
    assert [answer["waiting"] for answer in read] == [1, 1, 2]


def test_a_failure_is_not_remembered():
    def fail() -> dict[str, object]:
        raise ConnectionError

    remembered = Remembered(5)
    with pytest.raises(ConnectionError):
        remembered.read(100.0, fail)
    assert remembered.read(100.1, lambda: {"waiting": 0}) == {"waiting": 0}
