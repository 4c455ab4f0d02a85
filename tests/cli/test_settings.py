"""Where settings come from, and how keys are shown."""

import json
from pathlib import Path

import pytest

from footfall_cli.client import Client
from footfall_cli.errors import UsageError
from footfall_cli.settings import Setting, find, masked

KEYS = {"url": "http://keys", "site": "keys", "api_key": "ffa_keys", "write_key": "ffw_keys"}


def write(path: Path, content: object) -> None:
    """A JSON file and its folders."""
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(content))


def test_each_setting_is_looked_for_by_itself_in_order(tmp_path: Path):
    folder, home = tmp_path / "folder", tmp_path / "home"
    config = home / ".config" / "footfall" / "config.json"
    write(folder / ".footfall" / "keys.json", {"api_key": "ffa_keys", "site": "keys", "more": 1})
    write(
        config,
        {"url": "http://config", "site": "config", "api_key": "x", "write_key": "ffw_config"},
    )

    found = find(
        {"url": None, "key": None, "site": "option"}, {"FOOTFALL_API_KEY": ""}, folder, home
    )

    assert found.url == Setting("http://config", str(config))
    assert found.site == Setting("option", "--site")
    assert found.api_key == Setting("ffa_keys", ".footfall/keys.json")
    assert found.write_key == Setting("ffw_config", str(config))


def test_options_come_before_the_environment_before_files(tmp_path: Path):
    write(tmp_path / ".footfall" / "keys.json", KEYS)
    environ = {
        "FOOTFALL_URL": "http://environ",
        "FOOTFALL_API_KEY": "ffa_environ",
        "FOOTFALL_WRITE_KEY": "ffw_environ",
        "FOOTFALL_SITE": "environ",
    }

    from_environ = find({}, environ, tmp_path, tmp_path)
    from_options = find({"url": "http://o", "key": "k", "site": "s"}, environ, tmp_path, tmp_path)

    assert from_environ.url == Setting("http://environ", "FOOTFALL_URL")
    assert from_environ.site == Setting("environ", "FOOTFALL_SITE")
    assert from_environ.api_key == Setting("ffa_environ", "FOOTFALL_API_KEY")
    assert from_environ.write_key == Setting("ffw_environ", "FOOTFALL_WRITE_KEY")
    assert from_options.url == Setting("http://o", "--url")
    assert from_options.api_key == from_options.write_key == Setting("k", "--key")


def test_the_config_file_lies_where_the_desktop_says(tmp_path: Path):
    write(tmp_path / "xdg" / "footfall" / "config.json", KEYS)

    found = find({}, {"XDG_CONFIG_HOME": str(tmp_path / "xdg")}, tmp_path, tmp_path)

    assert found.url.value == "http://keys"


def test_without_anything_it_is_the_local_stack(tmp_path: Path):
    found = find({}, {}, tmp_path, tmp_path)

    assert found.url == Setting("http://127.0.0.1:8787", "the default")
    assert (found.api_key, found.write_key, found.site) == (None, None, None)
    with pytest.raises(UsageError, match="FOOTFALL_API_KEY"):
        found.need_api_key()


@pytest.mark.parametrize("content", ["{", "[]", "\udcff"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: str):
    path = tmp_path / ".footfall" / "keys.json"
    path.parent.mkdir()
    path.write_bytes(content.encode("utf-8", "surrogateescape"))

    with pytest.raises(UsageError, match=r"keys\.json"):
        find({}, {}, tmp_path, tmp_path)


@pytest.mark.parametrize("value", [5, ["ffa_secret"], False, {}])
def test_a_field_that_is_no_text_is_named_and_not_shown(tmp_path: Path, value: object):
    write(tmp_path / ".footfall" / "keys.json", KEYS | {"api_key": value})

    with pytest.raises(UsageError, match=r"keys\.json: api_key must be a text") as refused:
        find({}, {}, tmp_path, tmp_path)

    assert "secret" not in str(refused.value)


def test_a_field_that_is_null_is_left_to_the_next_place(tmp_path: Path):
    write(tmp_path / ".footfall" / "keys.json", KEYS | {"url": None})

    assert find({}, {}, tmp_path, tmp_path).url.source == "the default"


@pytest.mark.parametrize("url", ["http://a..b", "http://\udcff", "http://127.0.0.1:1/ü"])
def test_a_url_that_no_host_can_have_says_where_it_came_from(url: str):
    client = Client(Setting(url, "FOOTFALL_URL"))

    with pytest.raises(UsageError, match="FOOTFALL_URL"):
        client.get("/health")


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("ffa_0123456789abcdef", "ffa_…cdef"),
        ("ffw_my-site_0123456789abcdef", "ffw_my-site_…cdef"),
        ("ffa_short", "…"),
        ("secret", "…"),
        ("0123456789abcdef", "…cdef"),
    ],
)
def test_a_key_is_shown_by_its_kind_and_its_end(key: str, shown: str):
    assert masked(key) == shown


@pytest.mark.parametrize(
    "url", ["", "example.com", "ftp://example.com", "http://", "http://[::1", "http://h:x"]
)
def test_a_url_that_is_none_says_where_it_came_from(url: str):
    with pytest.raises(UsageError, match="FOOTFALL_URL"):
        Client(Setting(url, "FOOTFALL_URL"))


@pytest.mark.parametrize("key", ["ffa_ü", "ffa_a\nx: y", "ffa a"])
def test_a_key_that_is_none_is_never_sent(key: str):
    with pytest.raises(UsageError, match="--key"):
        Client(Setting("http://localhost", "--url"), Setting(key, "--key"))


@pytest.mark.parametrize(
    ("url", "is_local"),
    [
        ("http://127.0.0.1:8787", True),
        ("http://localhost/", True),
        ("http://[::1]:8787", True),
        ("https://a.example", False),
    ],
)
def test_this_machine_is_told_from_others(url: str, is_local: bool):
    assert Client(Setting(url, "--url")).is_local is is_local
