"""Secrets that outlive a process, in Secrets Manager (moto's, over HTTP) and in a file; passwords that are rotated."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from footfall.aws import Aws, AwsError, Credentials
from footfall.errors import Unavailable
from footfall.vault import (
    REMEMBERED_SECONDS,
    SECRETS_MANAGER,
    FileVault,
    Password,
    SecretsManagerVault,
    Vault,
)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of a Secrets Manager."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def of(endpoint: str) -> Aws:
    return Aws(
        SECRETS_MANAGER, endpoint, "eu-central-1", lambda: Credentials("test", "test"), seconds=5
    )


@pytest.fixture
def secrets_manager(endpoint: str) -> Iterator[Any]:
    """An unmodified boto3 client of an empty Secrets Manager."""
    client = boto3.client(
        "secretsmanager",
        endpoint_url=endpoint,
        region_name="eu-central-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    for secret in client.list_secrets()["SecretList"]:
        client.delete_secret(SecretId=secret["ARN"], ForceDeleteWithoutRecovery=True)
    yield client
    client.close()


@pytest.fixture(params=["secrets manager", "file"])
def vault(request: Any, secrets_manager: Any, endpoint: str, tmp_path: Path) -> Vault:
    if request.param == "file":
        return FileVault(tmp_path / "salts.json")
    return SecretsManagerVault(of(endpoint), "stack/salts")


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


def test_a_destroyed_secret_cannot_be_brought_back(secrets_manager: Any, endpoint: str):
    vault = SecretsManagerVault(of(endpoint), "stack/salts")
    vault.create("a", {"x": "1"})
    assert secrets_manager.get_secret_value(SecretId="stack/salts/a")["SecretString"] == '{"x":"1"}'
    vault.delete("a")
    with pytest.raises(secrets_manager.exceptions.ResourceNotFoundException):
        secrets_manager.restore_secret(SecretId="stack/salts/a")


def test_a_secret_that_somebody_damaged_gives_way_to_a_new_one(secrets_manager: Any, endpoint: str):
    secrets_manager.create_secret(Name="stack/salts/a", SecretString="{")
    vault = SecretsManagerVault(of(endpoint), "stack/salts")
    assert vault.read("a") is None
    assert vault.create("a", {"x": "1"}) == {"x": "1"}
    assert vault.read("a") == {"x": "1"}


def test_what_does_not_answer_is_left_alone_for_a_while():
    asked: list[str] = []
    now = 0.0

    class Silent(Aws):
        def __init__(self) -> None:
            pass

        def call(self, action: str, parameters: dict[str, Any]) -> dict[str, Any]:
            asked.append(action)
            raise AwsError("it is down")

    vault = SecretsManagerVault(Silent(), "p", lambda: now)
    for _ in range(3):
        with pytest.raises(Unavailable):
            vault.read("a")
    assert asked == ["GetSecretValue"]
    now = 2.1
    with pytest.raises(Unavailable):
        vault.read("a")
    assert len(asked) == 2


class Clock:
    """Seconds that pass when they are told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Rotating(Aws):
    """A Secrets Manager whose secret changes, and that may be down."""

    def __init__(self) -> None:
        self.password, self.is_down, self.reads = "one", False, 0

    def call(self, action: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self.reads += 1
        if self.is_down:
            raise AwsError("it is down")
        return {"SecretString": json.dumps({"password": self.password})}


def test_a_password_is_read_once_in_a_while():
    service, clock = Rotating(), Clock()
    password = Password(service, "arn", clock)
    assert [password.read() for _ in range(3)] == ["one"] * 3
    assert service.reads == 1
    service.password = "two"
    clock.now += REMEMBERED_SECONDS
    assert password.read() == "two"


def test_a_refused_password_is_read_at_once_and_not_with_every_statement():
    service, clock = Rotating(), Clock()
    password = Password(service, "arn", clock)
    password.read()
    service.password = "two"
    clock.now += 1.5
    assert password.read(refused="one") == "two"
    for _ in range(5):
        assert password.read(refused="two") == "two"
    assert service.reads == 2


def test_a_password_counts_on_while_nobody_tells_another():
    service, clock = Rotating(), Clock()
    password = Password(service, "arn", clock)
    password.read()
    service.is_down = True
    clock.now += REMEMBERED_SECONDS + 1
    assert [password.read() for _ in range(3)] == ["one"] * 3
    assert service.reads == 2
    service.is_down, service.password = False, "two"
    clock.now += 2.1
    assert password.read() == "two"


def test_without_any_password_the_store_is_unavailable():
    service = Rotating()
    service.is_down = True
    for _ in range(2):
        with pytest.raises(Unavailable, match="at the moment"):
            Password(service, "arn", Clock()).read()
    service.is_down = False
    service.call = lambda action, parameters: {"SecretString": "no json"}  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        Password(service, "arn", Clock()).read()


def test_the_file_is_its_owners_alone(tmp_path: Path):
    vault = FileVault(tmp_path / "salts.json")
    vault.create("a", {})
    vault.create("b", {})
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_a_file_that_cannot_be_read_or_written_is_unavailable(tmp_path: Path):
    vault = FileVault(tmp_path / "missing" / "salts.json")
    with pytest.raises(Unavailable):
        vault.create("a", {})
    with pytest.raises(Unavailable):
        FileVault(tmp_path).read("a")


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"\0", b"\xff\xfe", b'{"a": 1}', b"[" * 100_000]
)
def test_a_damaged_file_gives_way_to_a_new_one(tmp_path: Path, text: bytes):
    damaged = tmp_path / "salts.json"
    damaged.write_bytes(text)
    vault = FileVault(damaged)
    assert vault.read("a") is None
    assert vault.create("a", {"x": "1"}) == {"x": "1"}
    assert vault.read("a") == {"x": "1"}


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
