"""What the functions are told on a laptop, in this process and in a container."""

from pathlib import Path

import pytest

from footfall.config import Settings
from local.environment import Addresses, container_file, prepare, without_password
from local.keys import Keys, keep

ADDRESSES = Addresses(
    store="http://footfall:secret@127.0.0.1:8788/footfall",
    counters="redis://:secret@127.0.0.1:6380/0",
    sqs="http://127.0.0.1:9324",
    connections="http://127.0.0.1:9325/live",
)

SALTS = Path("salts.json")


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return keep(tmp_path / "keys.json", "http://127.0.0.1:8787")


def test_the_functions_find_their_engines_and_keys_in_it(keys: Keys):
    environ: dict[str, str] = {}

    prepare(environ, keys, ADDRESSES, SALTS)
    settings = Settings.from_environ(environ)

    assert settings.event_queue_url == "http://127.0.0.1:9324/000000000000/EventsQueue"
    assert (
        settings.dead_letter_queue_url == "http://127.0.0.1:9324/000000000000/EventsDeadLetterQueue"
    )
    assert (settings.store_url, settings.counters_url) == (ADDRESSES.store, ADDRESSES.counters)
    assert (settings.write_key, settings.api_key_sha256) == (keys.write_key, keys.api_key_sha256)
    assert settings.allow_keyless
    assert settings.live_queue_url == "http://127.0.0.1:9324/000000000000/LiveQueue"
    assert (settings.connections_url, settings.live_url) == (ADDRESSES.connections, "")


def test_nothing_of_a_real_aws_account_stays_in_it(keys: Keys):
    environ = {
        "AWS_PROFILE": "work",
        "AWS_SESSION_TOKEN": "t",
        "AWS_ENDPOINT_URL": "http://elsewhere",
    }

    prepare(environ, keys, ADDRESSES, SALTS)

    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"} & environ.keys()
    assert environ["AWS_ACCESS_KEY_ID"] == keys.queue_access_key


def test_what_a_person_set_stays(keys: Keys):
    environ = {"SITE_TIMEZONE": "Europe/Vienna", "LOG_LEVEL": "DEBUG", "NO_PROXY": "example.org"}

    prepare(environ, keys, ADDRESSES, SALTS)

    assert (environ["SITE_TIMEZONE"], environ["LOG_LEVEL"]) == ("Europe/Vienna", "DEBUG")
    assert environ["NO_PROXY"] == "example.org,127.0.0.1,localhost"


def test_a_container_is_told_how_to_reach_this_machine(keys: Keys):
    told = container_file(keys, ADDRESSES.seen_from_a_container("127.0.0.1"))["Parameters"]

    assert told["STORE_URL"] == "http://footfall:secret@host.docker.internal:8788/footfall"
    assert told["AWS_ENDPOINT_URL_SQS"] == "http://host.docker.internal:9324"
    assert told["CONNECTIONS_URL"] == "http://host.docker.internal:9325/live"
    assert not [value for value in told.values() if "127.0.0.1" in value]


def test_a_container_is_told_that_what_only_a_deployment_has_is_not_there(keys: Keys):
    told = container_file(keys, ADDRESSES)["Parameters"]

    settings = Settings.from_environ(told)

    assert (settings.store_secret_arn, settings.keys_secret_arn) == ("", "")
    assert settings.origin_key_sha256 == ""


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://reader:secret@127.0.0.1:8788/footfall", "http://reader@127.0.0.1:8788/footfall"),
        ("redis://:secret@127.0.0.1:6380/0", "redis://127.0.0.1:6380/0"),
        ("http://127.0.0.1:9324", "http://127.0.0.1:9324"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str):
    assert without_password(url) == shown
