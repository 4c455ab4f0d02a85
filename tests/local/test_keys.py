"""keys.json: made once, kept, readable by its owner only."""

import hashlib
import json
from pathlib import Path

import pytest

from local import keys
from local.keys import KeysError, keep


def test_keys_are_made_once(tmp_path: Path):
    first = keep(tmp_path / "keys.json", "http://127.0.0.1:1")
    again = keep(tmp_path / "keys.json", "http://127.0.0.1:1")

    assert first == again
    assert first.write_key.startswith("ffw_default_")
    assert first.api_key.startswith("ffa_")
    assert first.api_key_sha256 == hashlib.sha256(first.api_key.encode()).hexdigest()


def test_the_file_says_where_and_with_what_to_ask(tmp_path: Path):
    made = keep(tmp_path / "keys.json", "http://127.0.0.1:8787")
    written = json.loads((tmp_path / "keys.json").read_text())

    assert written["url"] == "http://127.0.0.1:8787"
    assert (written["site"], written["write_key"], written["api_key"]) == (
        "default",
        made.write_key,
        made.api_key,
    )


def test_another_port_changes_the_address_and_no_key(tmp_path: Path):
    first = keep(tmp_path / "keys.json", "http://127.0.0.1:1")
    moved = keep(tmp_path / "keys.json", "http://127.0.0.1:2")

    assert (moved.url, moved.api_key) == ("http://127.0.0.1:2", first.api_key)
    assert json.loads((tmp_path / "keys.json").read_text())["url"] == "http://127.0.0.1:2"


def test_a_file_of_an_older_version_keeps_its_keys_and_gets_what_it_lacks(tmp_path: Path):
    (tmp_path / "keys.json").write_text(
        json.dumps({"write_key": "ffw_default_old", "api_key": "ffa_old"})
    )

    made = keep(tmp_path / "keys.json", "http://127.0.0.1:1")

    assert (made.write_key, made.api_key) == ("ffw_default_old", "ffa_old")
    assert made.counters_password


@pytest.mark.parametrize("content", ["", "{", "[1]", '"text"', "null"])
def test_a_file_that_cannot_be_read_is_not_replaced(tmp_path: Path, content: str):
    (tmp_path / "keys.json").write_text(content)

    with pytest.raises(KeysError, match=r"keys\.json"):
        keep(tmp_path / "keys.json", "http://127.0.0.1:1")

    assert (tmp_path / "keys.json").read_text() == content


def test_only_the_owner_may_read_it_and_no_draft_is_left(tmp_path: Path):
    keep(tmp_path / "keys.json", "http://127.0.0.1:1")

    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path):
    keep(tmp_path / "keys.json", "http://127.0.0.1:1")
    before = (tmp_path / "keys.json").read_text()

    with pytest.raises(TypeError):
        keys.write(tmp_path / "keys.json", object())

    assert (tmp_path / "keys.json").read_text() == before
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]
