"""The packaged database of countries is only replaced by one."""

from pathlib import Path

import pytest

from footfall.location import COUNTRIES
from lists import countries


@pytest.fixture
def packaged(tmp_path: Path) -> Path:
    """A place for a database, with the README beside it."""
    (tmp_path / "README.md").write_text((COUNTRIES.parent / "README.md").read_text())
    return tmp_path / "countries.mmdb"


def test_a_database_is_put_in_place_and_named(packaged: Path) -> None:
    countries.take(COUNTRIES, "npm `x` 2", packaged)
    assert packaged.stat().st_size == COUNTRIES.stat().st_size
    assert "| countries.mmdb | npm `x` 2 | CC0" in packaged.with_name("README.md").read_text()


def test_what_is_no_database_of_countries_is_not_taken(packaged: Path, data: Path) -> None:
    packaged.write_text("before")
    text = packaged.with_name("text.mmdb")
    text.write_text("no database")
    for path in (text, data / "geo" / "GeoIP2-City-Test.mmdb"):
        with pytest.raises(ValueError, match="mmdb"):
            countries.take(path, "nowhere", packaged)
    assert packaged.read_text() == "before"
