"""Secrets that outlive a process, in Secrets Manager (moto's) and in a file."""

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from footfall.errors import Unavailable
from footfall.vault import FileVault, SecretsManagerVault, Vault


@pytest.fixture
def secrets_manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield boto3.client("secretsmanager", region_name="eu-central-1")


@pytest.fixture(params=["secrets manager", "file"])
def vault(request: Any, secrets_manager: Any, tmp_path: Path) -> Vault:
    if request.param == "file":
        return FileVault(tmp_path / "salts.json")
    return SecretsManagerVault(secrets_manager, "stack/salts")


def test_a_secret_is_what_was_written_first(vault: Vault):
    assert vault.read("a") is None
    assert vault.create("a", {"x": "1"}) == {"x": "1"}
    assert vault.create("a", {"x": "2"}) == {"x": "1"}
    assert vault.create("b", {}) == {}
    assert vault.read("a") == {"x": "1"}


def test_a_destroyed_secret_is_gone(vault: Vault):
    vault.create("a", {"x": "1"})
    vault.create("b", {"x": "2"})
    vault.delete("a")
    vault.delete("a")
    assert vault.read("a") is None
    assert vault.read("b") == {"x": "2"}


def test_a_destroyed_secret_cannot_be_brought_back(secrets_manager: Any):
    vault = SecretsManagerVault(secrets_manager, "stack/salts")
    vault.create("a", {"x": "1"})
    vault.delete("a")
    with pytest.raises(secrets_manager.exceptions.ResourceNotFoundException):
        secrets_manager.restore_secret(SecretId="stack/salts/a")


def test_what_does_not_answer_is_left_alone_for_a_while():
    asked: list[str] = []
    now = 0.0

    class Client:
        exceptions = SimpleNamespace(
            ResourceNotFoundException=KeyError, ResourceExistsException=KeyError
        )

        def get_secret_value(self, **_: object) -> object:
            asked.append("read")
            raise ConnectionError

    vault = SecretsManagerVault(Client(), "p", lambda: now)
    for _ in range(3):
        with pytest.raises(Unavailable):
            vault.read("a")
    assert asked == ["read"]
    now = 2.1
    with pytest.raises(Unavailable):
        vault.read("a")
    assert asked == ["read", "read"]


def test_the_file_is_its_owners_alone(tmp_path: Path):
    vault = FileVault(tmp_path / "salts.json")
    vault.create("a", {})
    vault.create("b", {})
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_a_file_that_cannot_be_read_or_written_is_unavailable(tmp_path: Path):
    vault = FileVault(tmp_path / "missing" / "salts.json")
    with pytest.raises(Unavailable):
        vault.create("a", {})
    damaged = tmp_path / "salts.json"
    for text in ("", "{", "[]", "\0"):
        damaged.write_text(text)
        with pytest.raises(Unavailable):
            FileVault(damaged).read("a")


def test_of_many_writers_at_once_one_stands(tmp_path: Path):
    path = tmp_path / "salts.json"
    made: list[dict[str, Any]] = []

    def write(number: int) -> None:
        made.append(FileVault(path).create("a", {"by": number}))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert {one["by"] for one in made} == {FileVault(path).read("a")["by"]}  # type: ignore[index]
