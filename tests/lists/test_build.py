import pytest

from lists import build


@pytest.mark.parametrize("name", build.build())
def test_a_packaged_list_is_what_its_sources_make(name: str) -> None:
    made = build.text(build.build()[name])

    assert (build.PACKAGED / name).read_text("utf-8") == made


def test_no_list_is_packaged_that_nothing_makes() -> None:
    packaged = {path.name for path in build.PACKAGED.glob("*.json")}

    assert packaged == build.build().keys()
