"""Ids that count as none."""

import pytest

from footfall.collect.identity import guarded


@pytest.mark.parametrize(
    "text", ["", "0", "NULL", "None", "undefined", "[object Object]", "TRUE", "User_Id"]
)
def test_a_text_that_stands_for_no_id_counts_as_absent(text: str):
    assert guarded(text) == ""


def test_any_other_text_is_an_id():
    assert guarded("00") == "00"
    assert guarded(" ") == " "
