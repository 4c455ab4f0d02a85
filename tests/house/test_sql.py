"""House rules of the SQL files: readable alone, one statement each, nothing pasted."""

import re
from pathlib import Path

import pytest

from footfall.store import statement

SQL = Path(__file__).parents[2] / "layers" / "core" / "footfall" / "sql"
FILES = sorted(SQL.rglob("*.sql"))
COPIES_ON_PURPOSE = {
    "queries/aliases",
    "ingest/copies",
    "rollups/copies",
    "rollups/day_sizes",
    "rollups/stored",
}
NAMES = [str(path.relative_to(SQL).with_suffix("")) for path in FILES]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_one_statement_behind_a_comment(name: str):
    text = (SQL / f"{name}.sql").read_text()
    assert text.startswith("-- ")
    assert ";" not in statement(name)
    assert len(text.splitlines()) < 110


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name.startswith(("queries/", "doctor/"))]
)
def test_a_query_says_what_it_reads_and_returns(name: str):
    text = (SQL / f"{name}.sql").read_text()
    assert "Reads: " in text
    assert "Returns: " in text


@pytest.mark.parametrize("name", NAMES)
def test_every_site_is_asked_for_by_name(name: str):
    if re.search(r"\bFROM (events|links|aliases)\b", statement(name)) and name.startswith(
        ("queries/", "ingest/", "privacy/", "doctor/")
    ):
        assert "site_id = {site:String}" in statement(name)


@pytest.mark.parametrize("name", NAMES)
def test_raw_events_are_read_without_their_copies(name: str):
    reads_copies_on_purpose = name in COPIES_ON_PURPOSE
    # What is erased or forgotten goes with its copies, and its tombstones.
    if name.startswith(("migrations/", "privacy/")) or reads_copies_on_purpose:
        return
    assert not re.search(r"FROM events\b(?! FINAL)", statement(name))
